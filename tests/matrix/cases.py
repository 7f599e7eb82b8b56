"""Turns the oracle's words into what the rule takes, and enumerates the situations."""

import datetime as dt
import itertools
import random
from collections.abc import Iterator
from uuid import UUID

from carnet.access.api import Authorisation, DocumentFacts, Effect, HabilitationMatrix, SpaceFacts
from carnet.access.rules.matrix import Habilitation
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.ids import SpaceId
from matrix.oracle import Case, Line

AT = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
THIS, OTHER = SpaceId(UUID(int=1)), SpaceId(UUID(int=2))
ME, SOMEBODY = "10000000001", "10000000002"
MY_HOUSE, ANOTHER_HOUSE = "100000001", "100000002"
TYPE, UNREADABLE = "11502-2", "60591-5"
MATRIX = HabilitationMatrix(
    [
        Habilitation("MED", "10", TYPE, True, "S", dt.date(2024, 1, 1)),
        Habilitation("OPT", "28", UNREADABLE, True, "S", dt.date(2024, 1, 1)),
    ]
)
HOUSES = {"my house": MY_HOUSE, "the person, through my house": MY_HOUSE, "somebody else": ANOTHER_HOUSE}
PROFESSIONS = {"yes": "10", "no": "28", "unknown": "999", "none": None}
WINDOWS = {
    "now": {"starts_at": AT - HOUR, "ends_at": AT + HOUR},
    "later": {"starts_at": AT + HOUR},
    "over": {"starts_at": AT - 2 * HOUR, "ends_at": AT},
    "ended": {"starts_at": AT - HOUR, "ended_at": AT},
}


def actor_of(case: Case) -> Actor:
    return Actor(
        kind=ActorKind(case.who),
        identifier=ME if case.who == "professional" else "somebody",
        name="Somebody",
        space={"this": THIS, "other": OTHER, "none": None}[case.home],
        profession=PROFESSIONS[case.profession],  # whoever it is: only a professional's may count
        organisation=MY_HOUSE if case.house else None,
        client_id=None if case.software == "none" else "lps",
        strong=case.strong,
    )


def line_of(line: Line) -> Authorisation:
    return Authorisation(
        authorisation_id=UUID(int=0),
        effect=Effect.PERMIT if line.lets_in else Effect.BLOCK,
        rpps={"me": ME, "somebody else": SOMEBODY}.get(line.names),
        finess={"my house": MY_HOUSE}.get(line.names),
        origin="person",
        is_administrator=line.administrator,
        first_used_at=AT - HOUR if line.used else None,
        **WINDOWS[line.when],
    )


def facts_of(case: Case) -> SpaceFacts:
    return SpaceFacts(
        space=THIS,
        state=case.state,
        epoch=1,
        authorisations=tuple(line_of(line) for line in case.lines),
        software_active={"none": None, "active": True, "suspended": False}[case.software],
    )


def document_of(case: Case) -> DocumentFacts:
    return DocumentFacts(
        document_id=UUID(int=3),
        status=case.status,
        type_code=TYPE,
        masque_ps=case.masked,
        invisible_patient=case.announced_first,
        author_kind="PATIENT" if case.author.startswith("the person") else "PRACTITIONER",
        author_rpps={"me": ME, "somebody else": SOMEBODY}.get(case.author),
        author_finess=HOUSES.get(case.author),
    )


STATES = ("OPEN", "ACTIVE", "SUSPENDED", "CLOSED", "DELETED", "NONE")
LINES = (
    (),
    (Line(True, "me"),),
    (Line(True, "me", used=False),),
    (Line(True, "my house"),),
    (Line(True, "me", administrator=True),),
    (Line(True, "somebody else", administrator=True),),
    (Line(True, "me", "later"),),
    (Line(True, "me", "over", administrator=True),),
    (Line(True, "me", "ended"),),
    (Line(False, "me"),),
    (Line(True, "me"), Line(False, "my house")),
    (Line(True, "my house"), Line(False, "me")),
    (Line(True, "my house"), Line(True, "me", "over", administrator=True)),
    (Line(True, "me"), Line(False, "me", "ended")),
    (Line(True, "my house", used=False), Line(False, "somebody else")),
)
CODES = ((False, False), (True, False), (False, True))
STATUSES = ("current", "superseded", "deleted")
AUTHORS = ("me", "my house", "somebody else", "the person", "the person, through my house")
SOFTWARE = ("none", "active", "suspended")


def every_case() -> Iterator[Case]:
    """Every combination that can be told apart, for each kind of asker."""
    of_documents = tuple(itertools.product(STATUSES, CODES, AUTHORS))
    around = itertools.product((True, False), SOFTWARE, STATES, LINES, ("yes", "no", "unknown", "none"), (True, False))
    for (strong, software, state, lines, profession, house), (status, codes, author) in itertools.product(
        around, of_documents
    ):
        yield Case(
            strong=strong,
            software=software,
            state=state,
            lines=lines,
            profession=profession,
            house=house,
            status=status,
            masked=codes[0],
            announced_first=codes[1],
            author=author,
        )
    rest = itertools.product(
        ("person", "software", "system", "operator"),
        ("this", "other", "none"),
        (True, False),
        SOFTWARE,
        STATES,
        LINES[:2],
    )
    for (who, home, strong, software, state, lines), house, (status, codes, author) in itertools.product(
        rest, (True, False), of_documents
    ):
        yield Case(
            who=who,
            home=home,
            strong=strong,
            software=software,
            state=state,
            lines=lines,
            house=house,
            status=status,
            masked=codes[0],
            announced_first=codes[1],
            author=author,
        )


def some_cases(number: int, *, seed: int = 1) -> list[Case]:
    """A repeatable sample, for mutants: half of it one step away from a case that is allowed."""
    dice = random.Random(seed)
    fields = {
        "who": ("professional",) * 4 + ("person",) * 2 + ("software", "system", "operator"),
        "strong": (True, True, True, False),
        "home": ("this", "other", "none"),
        "profession": ("yes", "yes", "yes", "no", "unknown", "none"),
        "house": (True, True, False),
        "software": SOFTWARE,
        "state": ("ACTIVE", "OPEN", "ACTIVE", "OPEN", *STATES[2:]),
        "lines": LINES,
        "status": STATUSES,
        "author": AUTHORS,
    }
    cases = []
    for _ in range(number):
        masked, announced = dice.choice(CODES)
        drawn = {name: dice.choice(values) for name, values in fields.items()}
        cases.append(Case(**drawn, masked=masked, announced_first=announced))
    return cases
