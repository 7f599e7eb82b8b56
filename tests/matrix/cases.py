"""Turns the oracle's words into what the rule takes, and enumerates the situations."""

import datetime as dt
import functools
import itertools
import random
from collections.abc import Iterator
from uuid import UUID

from carnet.access.api import (
    Authorisation,
    Delegation,
    DocumentFacts,
    Effect,
    Emergency,
    HabilitationMatrix,
    HeirsReading,
    Mode,
    Restriction,
    RestrictionEffect,
    SpaceFacts,
)
from carnet.access.rules.matrix import Habilitation
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.ids import SpaceId
from matrix.oracle import Case, Line, Wish

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
TEAM = UUID(int=7)
LOGICAL, CATEGORY = UUID(int=4), "BIOLOGIE"
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
        acts_for={"this": THIS, "other": OTHER, "none": None}[case.home] if case.who in FOR_ONE_PERSON else None,
        stepped_up_until=AT + HOUR if case.proved_again else AT if case.house else None,  # over, or never
        regulation=case.regulates,
        session="mine",
    )


def delegation_of(case: Case) -> Delegation | None:
    if case.who not in DELEGATES or case.delegation == "none":
        return None
    other = {"representative": "carer", "carer": "representative"}
    return Delegation(
        kind=other[case.who] if case.delegation == "of the other kind" else case.who,
        starts_at={"later": AT + HOUR, "now": AT}.get(case.delegation, AT - HOUR),
        ends_at=AT if case.delegation == "over" else AT + 2 * HOUR,
        documents=case.part != "agenda",
        agenda=case.part != "documents",
        withheld=frozenset({CATEGORY} if case.left_out else {"ANOTHER"}),
        discreet_from={"affairs": AT, "both": AT - HOUR, "changing": AT + HOUR}.get(case.grown),
        looks_only_from={"changing": AT, "both": AT - HOUR, "affairs": AT + HOUR}.get(case.grown),
    )


def line_of(line: Line) -> Authorisation:
    return Authorisation(
        authorisation_id=UUID(int=0),
        effect=Effect.PERMIT if line.lets_in else Effect.BLOCK,
        rpps={"me": ME, "my house": None, "my team": None}.get(line.names, SOMEBODY),
        finess={"my house": MY_HOUSE}.get(line.names),
        team={"my team": TEAM}.get(line.names),
        shared_finess={"a colleague of my house": MY_HOUSE}.get(line.names),
        shared_team={"a colleague of my team": TEAM}.get(line.names),
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
        allow_bris_de_glace="glass" in case.lets,
        allow_centre_15="regulation" in case.lets,
        allow_masked_in_emergency="masked" in case.lets,
        emergency=emergency_of(case),
        teams=(TEAM,),
        restrictions=tuple(wish_of(wish, case) for wish in case.wishes),
        guarded_types=frozenset({TYPE} if case.apart == "by its type" else {UNREADABLE}),
        guarded_documents=frozenset({"by hand": {LOGICAL}, "another by hand": {UUID(int=5)}}.get(case.apart, ())),
        delegation=delegation_of(case),
        sensitive_types=frozenset({TYPE} if case.tells else {UNREADABLE}),
        heirs=heirs_of(case),
    )


def heirs_of(case: Case) -> HeirsReading | None:
    if case.heirs == "no":
        return None
    kept = {TYPE} if case.own_affairs else {UNREADABLE}
    return HeirsReading(ends_at=AT if case.heirs == "over" else AT + HOUR, withheld=frozenset(kept))


def emergency_of(case: Case) -> Emergency | None:
    if case.urgency == "none":
        return None
    begins = {"now": AT, "over": AT - HOUR, "later": AT + HOUR / 60}[case.urgent_when]
    mode = {"glass": Mode.BRIS_DE_GLACE, "regulation": Mode.CENTRE_15}[case.urgency]
    return Emergency(mode=mode, granted_at=begins, ends_at=begins + HOUR)


def wish_of(wish: Wish, case: Case) -> Restriction:
    window = {"now": (AT, None), "later": (AT + HOUR, None), "over": (AT - HOUR, AT)}[wish.when]
    return Restriction(
        restriction_id=UUID(int=6),
        effect=RestrictionEffect.HIDE if wish.hides else RestrictionEffect.ONLY,
        starts_at=window[0],
        ends_at=window[1],
        logical_id={"this": LOGICAL, "another": UUID(int=5)}.get(wish.covers),
        category={"its category": CATEGORY, "another category": "CPT_REND"}.get(wish.covers),
        received_from={"what came since": AT - HOUR, "what comes": AT}.get(wish.covers),
        everyone=wish.names == "everyone",
        rpps={"me": (ME,), "somebody else": (SOMEBODY,)}.get(wish.names, ()),
        professions=(PROFESSIONS[case.profession] or "nothing",) if wish.names == "my profession" else (),
        finess=(MY_HOUSE,) if wish.names == "my house" else (),
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
        invisible_representants=case.not_for_parents,
        logical_id=LOGICAL,
        category=CATEGORY,
        received_at=AT - HOUR,
    )


DELEGATES = ("representative", "carer")
FOR_ONE_PERSON = (*DELEGATES, "professional")
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
MORE_LINES = (
    (Line(True, "my team"),),
    (Line(True, "a colleague of my house", used=False),),
    (Line(True, "a colleague of my team"), Line(False, "my house")),
    (Line(True, "a colleague of my team", "over"),),
    (Line(True, "a colleague of my house"), Line(True, "my house", used=False)),
)
NAMED = ("me", "my profession", "my house", "everyone", "somebody else")
COVERED = (
    "this",
    "its category",
    "what came since",
    "everything",
    "another",
    "another category",
    "what comes",
)
WISHES = (
    *((Wish(True, names, covers),) for names in NAMED for covers in COVERED),
    *((Wish(False, names, covers),) for names in NAMED if names != "everyone" for covers in COVERED),
    *((Wish(True, "everyone", "this", when),) for when in ("later", "over")),
    (Wish(False, "me", "this"), Wish(False, "somebody else", "everything")),
    (Wish(True, "somebody else", "this"), Wish(True, "me", "everything")),
)
LETS = tuple(
    frozenset(chosen) for size in range(4) for chosen in itertools.combinations(("glass", "regulation", "masked"), size)
)
URGENCIES = (("none", "now"), ("glass", "now"), ("glass", "over"), ("glass", "later"), ("regulation", "now"))
APART = ("no", "by its type", "by hand", "another by hand")
CODES = ((False, False), (True, False), (False, True))
STATUSES = ("current", "superseded", "deleted")
DELEGATIONS = ("now", "later", "over", "none", "of the other kind")
PARTS = ("documents", "both", "agenda")
GROWN = ("nothing", "affairs", "changing", "both")
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


def every_finer_case() -> Iterator[Case]:
    """Every combination of what is rare: emergencies, switches, wishes, teams; topics kept apart, delegates."""
    some_lines = ((), LINES[1], LINES[4], (Line(False, "me"),), *MORE_LINES)
    rare = itertools.product(
        URGENCIES, LETS, ((), *WISHES), some_lines, (True, False), ("me", "my house", "somebody else")
    )
    for (urgency, when), lets, wishes, lines, masked, author in rare:
        yield Case(
            urgency=urgency, urgent_when=when, lets=lets, wishes=wishes, lines=lines, masked=masked, author=author
        )
    few = itertools.product(URGENCIES, LETS[::3], ("no", "unknown"), (True, False), STATUSES, WISHES[::4])
    for (urgency, when), lets, profession, house, status, wishes in few:
        yield Case(
            urgency=urgency,
            urgent_when=when,
            lets=lets,
            profession=profession,
            house=house,
            status=status,
            wishes=wishes,
        )
    flags = itertools.product((True, False), repeat=5)
    for masked, announced, parents, again, strong in flags:
        for who, home, apart, status, author, state in itertools.product(
            ("person", *DELEGATES), ("this", "other", "none"), APART, STATUSES, AUTHORS[2:4], STATES[:3]
        ):
            yield Case(
                who=who,
                home=home,
                strong=strong,
                state=state,
                status=status,
                masked=masked,
                announced_first=announced,
                not_for_parents=parents,
                author=author,
                apart=apart,
                proved_again=again,
            )

    around = itertools.product(DELEGATIONS, GROWN, (True, False), (True, False), APART[:2], AUTHORS[2:4], STATUSES)
    for (delegation, grown, left_out, tells, apart, author, status), who in itertools.product(around, DELEGATES):
        yield Case(
            who=who,
            home="this",
            delegation=delegation,
            grown=grown,
            left_out=left_out,
            tells=tells,
            apart=apart,
            author=author,
            status=status,
        )
    for who, part, delegation, grown, home in itertools.product(
        DELEGATES, PARTS, DELEGATIONS, GROWN, ("this", "other", "none")
    ):
        yield Case(who=who, home=home, part=part, delegation=delegation, grown=grown)


ROUGH = frozenset({"who", "strong", "home", "profession", "house", "software", "state", "status"})


@functools.cache
def some_cases(number: int, *, seed: int = 1) -> list[Case]:
    """A repeatable sample, for mutants: half of it one step away from a case that is allowed."""
    dice = random.Random(seed)
    fields = {
        "who": ("professional",) * 5 + ("person",) * 2 + (*DELEGATES, "software", "system", "operator"),
        "strong": (True, True, True, False),
        "home": ("this", "other", "none"),
        "profession": ("yes", "yes", "yes", "no", "unknown", "none"),
        "house": (True, True, False),
        "software": SOFTWARE,
        "state": ("ACTIVE", "OPEN", "ACTIVE", "OPEN", *STATES[2:]),
        "lines": (*LINES, *MORE_LINES),
        "status": STATUSES,
        "author": AUTHORS,
        "not_for_parents": (True, False, False),
        "lets": LETS,
        "wishes": ((),) * len(WISHES) + WISHES,
        "apart": ("no", *APART),
        "proved_again": (True, False),
        "regulates": (True, False),
        "delegation": ("now",) * 8 + DELEGATIONS,
        "left_out": (False, False, False, True),
        "grown": ("nothing", "nothing", *GROWN),
        "tells": (True, False),
        "part": ("documents", *PARTS),
    }
    plain = {name: values for name, values in fields.items() if name not in ROUGH}
    cases = []
    for turn in range(number):
        if turn % 3 == 0:  # everything rough is in order: what is fine decides
            urgency, when = dice.choice(URGENCIES)
            drawn = {name: dice.choice(values) for name, values in plain.items()}
            who = dice.choice(("professional", "professional", "person", *DELEGATES))
            cases.append(Case(who=who, home="this", urgency=urgency, urgent_when=when, **drawn))
            continue
        masked, announced = dice.choice(CODES)
        drawn = {name: dice.choice(values) for name, values in fields.items()}
        drawn["urgency"], drawn["urgent_when"] = dice.choice((URGENCIES[0], *URGENCIES))
        cases.append(Case(**drawn, masked=masked, announced_first=announced))
    return cases
