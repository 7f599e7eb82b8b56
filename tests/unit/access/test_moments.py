"""From which instant to which a line, an emergency, a wish, a delegation hold; and what holds when nobody said so."""

import datetime as dt
from uuid import UUID

import msgspec
import pytest

from carnet.access.data import (
    Authorisation,
    Delegation,
    DocumentFacts,
    Effect,
    Emergency,
    Mode,
    Restriction,
    RestrictionEffect,
    SpaceFacts,
)

AT = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
HOUR, MOMENT = dt.timedelta(hours=1), dt.timedelta(microseconds=1)
ID = UUID(int=1)
LASTING = {
    "line": Authorisation(
        authorisation_id=ID, effect=Effect.PERMIT, rpps=None, finess=None, origin="", starts_at=AT, ends_at=AT + HOUR
    ),
    "wish": Restriction(restriction_id=ID, effect=RestrictionEffect.HIDE, starts_at=AT, ends_at=AT + HOUR),
    "emergency": Emergency(mode=Mode.CENTRE_15, granted_at=AT, ends_at=AT + HOUR),
    "delegation": Delegation(kind="carer", starts_at=AT, ends_at=AT + HOUR),
}


@pytest.mark.parametrize("what", LASTING)
def test_it_holds_from_its_first_instant_and_at_its_end_no_more(what):
    held = {after: LASTING[what].in_force(AT + after) for after in (-MOMENT, MOMENT - MOMENT, HOUR - MOMENT, HOUR)}
    assert list(held.values()) == [False, True, True, False]


@pytest.mark.parametrize("what", ["line", "wish"])
def test_without_an_end_it_goes_on(what):
    lasting = msgspec.structs.replace(LASTING[what], ends_at=None)
    assert [lasting.in_force(at) for at in (AT - MOMENT, AT, AT + 9_000 * HOUR)] == [False, True, True]


def test_a_line_somebody_ended_holds_no_more_however_long_it_was_meant_to():
    ended = msgspec.structs.replace(LASTING["line"], ended_at=AT)
    assert not ended.in_force(AT + MOMENT)
    assert not msgspec.structs.replace(ended, ends_at=None).in_force(AT)


@pytest.mark.parametrize(("field", "asked"), [("discreet_from", "is_discreet"), ("looks_only_from", "looks_only")])
def test_what_a_childs_age_takes_away_is_gone_from_that_instant_on(field, asked):
    """Their own affairs at 15, changing anything at 16 (L1111-5): to the midnight of the birthday."""
    plain = LASTING["delegation"]
    grown = msgspec.structs.replace(plain, **{field: AT})
    assert [getattr(grown, asked)(at) for at in (AT - MOMENT, AT, AT + HOUR)] == [False, True, True]
    assert getattr(plain, asked)(AT) is False
    assert getattr(grown, "looks_only" if asked == "is_discreet" else "is_discreet")(AT) is False


@pytest.mark.parametrize("kind", [Authorisation, Restriction, Delegation, SpaceFacts, DocumentFacts])
def test_a_switch_nobody_turned_is_off(kind):
    switches = [one for one in msgspec.structs.fields(kind) if one.type is bool]
    assert switches
    assert [one.name for one in switches if one.default is not False] == []
