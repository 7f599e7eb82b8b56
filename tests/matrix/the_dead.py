"""Situations around somebody who died: the one reading there is left, and everybody it lets nobody else be."""

import functools
import itertools
import random
from collections.abc import Iterator

from matrix import cases
from matrix.cases import (
    APART,
    AUTHORS,
    DELEGATES,
    LETS,
    LINES,
    MORE_LINES,
    PROFESSIONS,
    SOFTWARE,
    STATES,
    STATUSES,
    URGENCIES,
    WISHES,
)
from matrix.oracle import Case, Line

HEIRS = ("no", "now", "over")


@functools.cache
def some_cases(number: int) -> list[Case]:
    """The sample of the living, and a quarter more of the dead."""
    dice = random.Random(2)
    return cases.some_cases(number) + [_a_case_of_the_dead(dice) for _ in range(number // 4)]


def every_case_of_the_dead() -> Iterator[Case]:
    """Every combination around a reading for an heir; and that it lets nobody else in, nor in any other state."""
    some_lines = (
        (),
        LINES[1],
        LINES[4],
        (Line(False, "me"),),
        (Line(False, "my house"),),
        (Line(False, "me", "ended"),),
    )
    flags = itertools.product((True, False), repeat=4)
    for (masked, announced, parents, own), heirs, lines, apart, status in itertools.product(
        tuple(flags), HEIRS, some_lines, APART, STATUSES
    ):
        for author, wishes, urgency in itertools.product(
            ("me", "somebody else"), ((), WISHES[0], WISHES[3]), URGENCIES[:2]
        ):
            yield Case(
                state="DECEASED",
                heirs=heirs,
                own_affairs=own,
                lines=lines,
                masked=masked,
                announced_first=announced,
                not_for_parents=parents,
                apart=apart,
                status=status,
                author=author,
                wishes=wishes,
                urgency=urgency[0],
                lets=LETS[-1],
            )
    who = ("person", "professional", *DELEGATES, "software", "system", "operator")
    around = itertools.product(who, ("this", "other", "none"), (True, False), SOFTWARE, (*STATES, "DECEASED"), HEIRS)
    for (asker, home, strong, software, state, heirs), profession in itertools.product(around, PROFESSIONS):
        yield Case(
            who=asker, home=home, strong=strong, software=software, state=state, heirs=heirs, profession=profession
        )


def _a_case_of_the_dead(dice: random.Random) -> Case:
    """Somebody an heir sent, one or two steps away from reading."""
    sent = Case(state="DECEASED", heirs="now", home=dice.choice(("this", "none")), author=dice.choice(AUTHORS))
    off = {
        "who": (*DELEGATES, "person", "software", "system", "operator"),
        "strong": (False,),
        "home": ("other",),
        "profession": ("no", "unknown", "none"),
        "software": SOFTWARE,
        "state": (*STATES, "DELETED", "CLOSED"),
        "lines": (*LINES, *MORE_LINES),
        "status": STATUSES,
        "masked": (True,),
        "announced_first": (True,),
        "not_for_parents": (True,),
        "own_affairs": (True,),
        "apart": APART,
        "wishes": WISHES,
        "heirs": ("no", "over"),
        "regulates": (True,),
    }
    for name in dice.sample(sorted(off), dice.choice((0, 1, 1, 2))):
        sent = sent._replace(**{name: dice.choice(off[name])})
    if dice.random() < 1 / 4:
        urgency, when = dice.choice(URGENCIES)
        sent = sent._replace(urgency=urgency, urgent_when=when, lets=dice.choice(LETS))
    return sent
