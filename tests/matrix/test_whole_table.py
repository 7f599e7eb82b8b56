"""The whole access table: every profession, every type, every situation, one cell at a time, against the texts.

Eleven million cells (19 profession groups × 108 types × situations) are each decided by the rule and compared. The
expectation is not taken from the rule's own matrix: the packaged file is read again here, as plain rows, and a
situation's answer is written down as a sentence of its own. Professions and types are never sampled.
"""

import csv
import datetime as dt
import functools
import itertools
from importlib.resources import files
from typing import NamedTuple
from uuid import UUID

import msgspec
import pytest

from carnet.access.api import (
    Authorisation,
    DocumentFacts,
    Effect,
    Emergency,
    Mode,
    Need,
    Restriction,
    RestrictionEffect,
    SpaceFacts,
    current_matrix,
    decide,
)
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.ids import SpaceId
from carnet.terminology.api import document_types

AT = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
SPACE = SpaceId(UUID(int=1))
ME, HOUSE = "10000000001", "100000001"

TYPES = tuple(sorted(one.code for one in document_types()))


def rows():
    """The published cells, read here as plain text."""
    text = files("carnet.access").joinpath("data", "habilitations.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def one_profession_a_group():
    return {row["profession_group"]: row["profession_code"] for row in reversed(rows())}


def readable():
    """(profession, type) the file says yes to."""
    return {(row["profession_code"], row["type_code"]) for row in rows() if row["consult"] == "1"}


class Situation(NamedTuple):
    """Everything around a cell."""

    relation: str  # none, named, house, administrator, blocked, named and blocked
    mode: str  # normal, glass, regulation
    lets: tuple[bool, bool, bool]  # glass, regulation, masked in emergencies
    codes: tuple[bool, bool, bool]  # MASQUE_PS, INVISIBLE_PATIENT, INVISIBLE_REPRESENTANTS_LEGAUX
    deposited: bool
    wish: str  # none, hides from me, hides from everyone
    status: str


RELATIONS = ("none", "named", "house", "administrator", "blocked", "named and blocked")
MODES = ("normal", "glass", "regulation")
SWITCHES = tuple(itertools.product((True, False), repeat=3))
CODES = tuple(codes for codes in itertools.product((True, False), repeat=3) if not (codes[0] and codes[1]))
WISHES = ("none", "hides from me", "hides from everyone")


def situations():
    """5,400 situations: eleven million cells with 19 professions and 108 types."""
    for relation, mode, lets, codes, deposited, wish in itertools.product(
        RELATIONS, MODES, SWITCHES, CODES, (True, False), WISHES
    ):
        yield Situation(relation, mode, lets, codes, deposited, wish, "current")
    for relation, mode, codes, status in itertools.product(RELATIONS, MODES, CODES, ("superseded", "deleted")):
        yield Situation(relation, mode, (True, True, False), codes, False, "none", status)


def lets_in(one):
    """What the texts answer, wherever the published table says yes."""
    glass, regulation, masked = one.lets
    if "blocked" in one.relation or one.status == "deleted":
        return False
    urgent = {"normal": False, "glass": glass, "regulation": regulation}[one.mode]
    if one.relation == "none" and not urgent:
        return False
    if one.deposited:
        return True
    opened = urgent and masked
    if one.codes[0] and one.relation != "administrator" and not opened:
        return False
    return one.wish == "none" or (one.wish == "hides from everyone" and opened)


def line(effect, **more):
    named = {"rpps": ME, "finess": None} | more
    return Authorisation(
        authorisation_id=UUID(int=2), effect=effect, origin="person", starts_at=AT, first_used_at=AT, **named
    )


LINES = {
    "none": (),
    "named": (line(Effect.PERMIT),),
    "house": (line(Effect.PERMIT, rpps=None, finess=HOUSE),),
    "administrator": (line(Effect.PERMIT, is_administrator=True),),
    "blocked": (line(Effect.BLOCK),),
    "named and blocked": (line(Effect.PERMIT), line(Effect.BLOCK)),
}
GRANTED = {
    "normal": None,
    "glass": Emergency(mode=Mode.BRIS_DE_GLACE, granted_at=AT, ends_at=AT + HOUR),
    "regulation": Emergency(mode=Mode.CENTRE_15, granted_at=AT, ends_at=AT + HOUR),
}
HIDING = Restriction(restriction_id=UUID(int=3), effect=RestrictionEffect.HIDE, starts_at=AT)
KEPT = {
    "none": (),
    "hides from me": (msgspec.structs.replace(HIDING, rpps=(ME,)),),
    "hides from everyone": (msgspec.structs.replace(HIDING, everyone=True),),
}


def facts_of(one):
    return SpaceFacts(
        space=SPACE,
        state="ACTIVE",
        epoch=1,
        authorisations=LINES[one.relation],
        allow_bris_de_glace=one.lets[0],
        allow_centre_15=one.lets[1],
        allow_masked_in_emergency=one.lets[2],
        emergency=GRANTED[one.mode],
        restrictions=KEPT[one.wish],
    )


@functools.cache
def documents_of(codes, status, deposited):
    masked, invisible, parents = codes
    return [
        DocumentFacts(
            document_id=UUID(int=4),
            logical_id=UUID(int=4),
            category="BIOLOGIE",
            received_at=AT,
            status=status,
            type_code=code,
            masque_ps=masked,
            invisible_patient=invisible,
            invisible_representants=parents,
            author_rpps=ME if deposited else None,
        )
        for code in TYPES
    ]


def compare(share, *, deciding=decide):
    """(cells compared, first difference) for every n-th situation; `share` is (place, of how many, professions)."""
    place, of, professions = share
    said, matrix, cells = readable(), current_matrix(), 0
    actors = [
        Actor(kind=ActorKind.PROFESSIONAL, identifier=ME, name="", profession=code, organisation=HOUSE, strong=True)
        for code in professions
    ]
    wanted = {code: [(code, type_code) in said for type_code in TYPES] for code in professions}
    for one in itertools.islice(situations(), place, None, of):
        facts, documents, open_ = facts_of(one), documents_of(one.codes, one.status, one.deposited), lets_in(one)
        for actor in actors:
            given = [
                deciding(actor, Need.READ, facts, matrix=matrix, at=AT, document=document).allowed
                for document in documents
            ]
            expected = wanted[actor.profession] if open_ else [False] * len(TYPES)
            cells += len(given)
            if given != expected:
                return cells, (actor.profession, one)
    return cells, None


SHARES = 8


@pytest.mark.parametrize("place", range(SHARES))
def test_every_cell_of_the_access_table_is_what_the_texts_say(place):
    """In shares, so that the processes of a test run take them in turn; together every situation is in one."""
    professions = tuple(one_profession_a_group().values())
    cells, difference = compare((place, SHARES, professions))
    assert difference is None
    assert cells == len(tuple(itertools.islice(situations(), place, None, SHARES))) * 19 * 108


@pytest.mark.parametrize(
    "forgotten", ["masque_ps", "status", "type_code", "restrictions", "emergency", "authorisations"]
)
def test_a_rule_that_forgets_one_thing_is_noticed(forgotten):
    """The planted fault: the same decision, blind to one fact."""
    blind = {
        "masque_ps": False,
        "status": "current",
        "type_code": TYPES[0],
        "restrictions": (),
        "emergency": None,
        "authorisations": LINES["named"],
    }

    def deciding(actor, need, facts, *, matrix, at, document):
        if forgotten in facts.__struct_fields__:
            facts = msgspec.structs.replace(facts, **{forgotten: blind[forgotten]})
        else:
            document = msgspec.structs.replace(document, **{forgotten: blind[forgotten]})
        return decide(actor, need, facts, matrix=matrix, at=at, document=document)

    assert compare((0, 7, ("10", "60")), deciding=deciding)[1] is not None


def test_the_other_professions_of_a_group_have_the_same_cells():
    """What was enumerated for one profession a group holds for all forty of them: their rows are the same."""
    cells = {}
    for row in rows():
        cells.setdefault((row["profession_group"], row["profession_code"]), set()).add(
            (row["type_code"], row["consult"])
        )
    for group, code in one_profession_a_group().items():
        assert {frozenset(one) for (name, _), one in cells.items() if name == group} == {frozenset(cells[group, code])}
