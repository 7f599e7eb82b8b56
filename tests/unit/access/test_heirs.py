"""What the physician an heir named finds of somebody who died: from when to when, and why each thing is refused."""

import datetime as dt
from uuid import UUID

import msgspec
import pytest

from carnet.access.data import (
    Authorisation,
    DocumentFacts,
    Effect,
    HeirsReading,
    Need,
    Restriction,
    RestrictionEffect,
    SpaceFacts,
)
from carnet.access.rules.heirs import for_heirs, reads_for_heirs
from carnet.access.rules.matrix import Habilitation, HabilitationMatrix
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Ground, Reason
from carnet.kernel.ids import SpaceId

AT = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
HOUR, MOMENT = dt.timedelta(hours=1), dt.timedelta(microseconds=1)
ID, ME, TYPE, OTHER_TYPE = UUID(int=1), "10000000001", "11502-2", "60591-5"
READABLE = (Habilitation("MED", "10", one, True, "S", dt.date(2024, 1, 1)) for one in (TYPE, OTHER_TYPE))
MATRIX = HabilitationMatrix(READABLE)
DOCTOR = Actor(kind=ActorKind.PROFESSIONAL, identifier=ME, name="", profession="10", strong=True)
READING = HeirsReading(ends_at=AT + HOUR, withheld=frozenset({OTHER_TYPE}))
FACTS = SpaceFacts(space=SpaceId(ID), state="DECEASED", epoch=1, heirs=READING)
DOCUMENT = DocumentFacts(
    document_id=ID, logical_id=ID, status="current", type_code=TYPE, category="BIOLOGIE", received_at=AT - HOUR
)
BLOCK = Authorisation(authorisation_id=ID, effect=Effect.BLOCK, rpps=ME, finess=None, origin="", starts_at=AT - HOUR)
WISH = Restriction(restriction_id=ID, effect=RestrictionEffect.HIDE, starts_at=AT - HOUR, everyone=True)
replace = msgspec.structs.replace


def test_it_is_a_look_by_a_professional_at_somebody_who_died_and_nothing_else():
    assert {one for one in Need if reads_for_heirs(DOCTOR, one, FACTS, at=AT)} == {Need.LIST, Need.READ}
    for kind in ActorKind:
        asks = replace(DOCTOR, kind=kind)
        assert reads_for_heirs(asks, Need.READ, FACTS, at=AT) is (kind is ActorKind.PROFESSIONAL)
    for other in ({"state": "ACTIVE"}, {"heirs": None}):
        assert not reads_for_heirs(DOCTOR, Need.READ, replace(FACTS, **other), at=AT)


def test_it_lasts_until_its_end_and_at_its_end_no_more():
    lasts = [reads_for_heirs(DOCTOR, Need.READ, FACTS, at=AT + HOUR - one) for one in (MOMENT, 0 * MOMENT, -MOMENT)]
    assert lasts == [True, False, False]


def test_what_nothing_keeps_back_is_read_under_the_heirs_request():
    for document in (None, DOCUMENT):
        given = for_heirs(DOCTOR, FACTS, matrix=MATRIX, at=AT, document=document)
        assert given.ground is Ground.HEIRS_REQUEST


@pytest.mark.parametrize(
    ("actor", "facts", "document", "reason"),
    [
        ({"strong": False}, {}, None, Reason.WEAK_AUTHENTICATION),
        ({"profession": "999"}, {}, None, Reason.UNKNOWN_PROFESSION),
        ({"profession": None}, {}, None, Reason.UNKNOWN_PROFESSION),
        ({}, {"authorisations": (BLOCK,)}, None, Reason.SPACE_NOT_OPEN),
        ({}, {}, {"type_code": "34133-9"}, Reason.MATRIX),
        ({}, {}, {"type_code": OTHER_TYPE}, Reason.HIDDEN),
        ({}, {}, {"status": "deleted"}, Reason.HIDDEN),
        ({}, {}, {"masque_ps": True}, Reason.HIDDEN),
        ({}, {}, {"invisible_patient": True}, Reason.HIDDEN),
        ({}, {}, {"invisible_representants": True}, Reason.HIDDEN),
        ({}, {"guarded_types": frozenset({TYPE})}, {}, Reason.SAFEGUARDED),
        ({}, {"restrictions": (WISH,)}, {}, Reason.RESTRICTED),
    ],
)
def test_what_stays_closed_says_why(actor, facts, document, reason):
    about = None if document is None else replace(DOCUMENT, **document)
    given = for_heirs(replace(DOCTOR, **actor), replace(FACTS, **facts), matrix=MATRIX, at=AT, document=about)
    assert given.reason is reason
