"""A rule that takes effect on a day holds from midnight in Paris, in the decision and in the SQL alike."""

import datetime as dt
from uuid import UUID

import pytest

from carnet.access.api import DocumentFacts, Habilitation, HabilitationMatrix, Need, SpaceFacts, decide
from carnet.access.data import Authorisation, Effect
from carnet.access.queries.visibility import visible_to
from carnet.access.rules import professional as rule
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Reason
from carnet.kernel.ids import SpaceId

TYPE = "11488-4"
MATRIX = HabilitationMatrix(
    Habilitation("MED", "10", TYPE, consult, "L", day)
    for consult, day in ((False, dt.date(2026, 1, 1)), (True, dt.date(2026, 11, 22)))
)
SPACE = SpaceId(UUID(int=1))
DOCTOR = Actor(kind=ActorKind.PROFESSIONAL, identifier="10000000001", name="C", profession="10", strong=True)
BEGINS = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
LET_IN = Authorisation(
    authorisation_id=UUID(int=2), effect=Effect.PERMIT, rpps=DOCTOR.rpps, finess=None, origin="person", starts_at=BEGINS
)
FACTS = SpaceFacts(space=SPACE, state="ACTIVE", epoch=1, authorisations=(LET_IN,))
DOCUMENT = DocumentFacts(
    document_id=UUID(int=3),
    logical_id=UUID(int=3),
    status="current",
    type_code=TYPE,
    category="AUTR_DOC",
    received_at=BEGINS,
)
BEFORE, AFTER = (dt.datetime(2026, 11, 21, 22, minute, tzinfo=dt.UTC) for minute in (59, 0))
AFTER += dt.timedelta(hours=1)


def may(at):
    decision = decide(DOCTOR, Need.READ, FACTS, matrix=MATRIX, at=at, document=DOCUMENT)
    assert decision.reason in {None, Reason.MATRIX}
    assert (TYPE in visible_to(DOCTOR, matrix=MATRIX, at=at).types) is decision.allowed
    return decision.allowed


def test_the_day_begins_at_midnight_in_paris():
    assert [may(BEFORE), may(AFTER)] == [False, True]


def test_a_rule_that_counts_in_utc_is_seen(monkeypatch):
    """Planted fault."""
    monkeypatch.setattr(rule, "legal_day", lambda at: at.date())
    with pytest.raises(AssertionError):
        may(AFTER)
