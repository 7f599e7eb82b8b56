"""The life of a space: its table is whole, its delays are the law's, and no random life breaks a promise."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carnet.kernel.life_delays import LifeDelays
from carnet.spaces.rules import lifecycle
from carnet.spaces.rules.delays import OVERSEAS, PARIS, Unit, after, zone_of
from carnet.spaces.rules.lifecycle import TABLE, Effect, Event, Facts, Refusal, State, due, transition

ZONES = (PARIS, *OVERSEAS.values())
instants = st.integers(1609459200, 2840140800).map(lambda seconds: dt.datetime.fromtimestamp(seconds, dt.UTC))
waits = st.timedeltas(dt.timedelta(), dt.timedelta(days=4000))
# §3.3 of the reference, written down a second time: event, from, to
EXPECTED = {
    ("inform", "ELIGIBLE", "NOTIFIED"),
    ("bounce", "NOTIFIED", "ELIGIBLE"),
    ("object", "ELIGIBLE", "OPPOSED"),
    ("object", "NOTIFIED", "OPPOSED"),
    ("activate", "NOTIFIED", "ACTIVE"),
    ("open", "NOTIFIED", "OPEN"),
    ("activate", "OPPOSED", "ACTIVE"),
    ("retract", "OPPOSED", "OPEN"),
    ("activate", "OPEN", "ACTIVE"),
    ("close", "OPEN", "CLOSED"),
    ("close", "ACTIVE", "CLOSED"),
    ("suspend", "OPEN", "SUSPENDED"),
    ("suspend", "ACTIVE", "SUSPENDED"),
    ("lift-suspension", "SUSPENDED", "ACTIVE"),
    ("close-suspended", "SUSPENDED", "CLOSED"),
    ("reopen", "CLOSED", "ACTIVE"),
    ("erase-archived", "CLOSED", "DELETED"),
    ("erase-archived", "DECEASED", "DELETED"),
    ("ask-deletion", "CLOSED", "DELETION_REQUESTED"),
    ("cancel-deletion", "DELETION_REQUESTED", "CLOSED"),
    ("erase-requested", "DELETION_REQUESTED", "DELETED"),
    ("gain-rights", "NOT_ELIGIBLE", "ELIGIBLE"),
    ("lose-rights", "ELIGIBLE", "NOT_ELIGIBLE"),
    ("lose-rights", "NOTIFIED", "NOT_ELIGIBLE"),
} | {("die", state, "DECEASED") for state in State if state not in {State.DECEASED, State.DELETED}}
# where a death taken back leads whoever stood there before: somebody told and not yet opened is told again
BACK = {state: state for state in State if state not in {State.DECEASED, State.DELETED}} | {
    State.NOTIFIED: State.ELIGIBLE
}
EXPECTED |= {("take-back-death", "DECEASED", target) for target in BACK.values()}


def test_the_table_is_the_reference():
    assert {(one.event, source, one.target) for one in TABLE for source in one.sources} == EXPECTED
    assert all(one.law and one.by for one in TABLE)


def test_each_event_leads_from_a_state_to_one_place_only():
    pairs = [(one.event, source, once) for one in TABLE for source in one.sources for once in one.once or (None,)]
    assert len(pairs) == len(set(pairs))


def walk(start, steps, zone):
    """Live: each step waits, then an event arrives. Yields what was, came and became."""
    state, since, at, once = State.ELIGIBLE, start, start, None
    for wait, event in steps:
        at += wait
        facts = Facts(since=since, zone=zone, once=once)
        outcome = transition(state, event, facts=facts, at=at)
        yield state, event, facts, at, outcome
        if outcome.changed:
            once = state if outcome.state is State.DECEASED else None
            state, since = outcome.state, at


IN_USE = {State.OPEN, State.ACTIVE, State.SUSPENDED, State.CLOSED, State.DELETION_REQUESTED}
lives = st.lists(st.tuples(waits, st.sampled_from(Event)), max_size=40)


def opened_early(facts, at):
    local = ZoneInfo(facts.zone)
    waited = at.astimezone(local).replace(tzinfo=None) - facts.since.astimezone(local).replace(tzinfo=None)
    return waited < dt.timedelta(days=42) or at - facts.since < dt.timedelta(days=42, hours=-1)


def wrongly_back(facts, outcome):
    if outcome.state is not BACK[facts.once]:
        return "back elsewhere"
    in_use = outcome.state in IN_USE and Effect.END_HEIRS not in outcome.effects
    return "heirs of the living" if in_use else None


def broken(lives_of):
    """What any life must keep; returns the first promise broken, None when none is."""
    objected = False
    for state, event, facts, at, outcome in lives_of:
        again = transition(outcome.state, event, facts=Facts(since=at, zone=facts.zone, once=facts.once), at=at)
        if outcome.changed and again.changed:
            return "twice is not once"
        if outcome.changed and event is Event.TAKE_BACK_DEATH and (wrong := wrongly_back(facts, outcome)):
            return wrong
        if state is State.DELETED and outcome.changed:
            return "back from erasure"
        if not outcome.changed and outcome.state is not state:
            return "changed in silence"
        if outcome.state is State.OPEN and outcome.changed and event is Event.OPEN:
            if objected:
                return "opened over an objection"
            if opened_early(facts, at):
                return "opened too early"
        if outcome.state is State.DELETED and outcome.changed and Effect.DESTROY_KEYS not in outcome.effects:
            return "erased with its keys"
        if outcome.changed and event is Event.ERASE_ARCHIVED and at < facts.since + dt.timedelta(days=3652):
            return "erased before ten years"
        objected = outcome.state is State.OPPOSED or (objected and outcome.state is State.DECEASED)
    return None


@given(start=instants, steps=lives, zone=st.sampled_from(ZONES))
def test_no_life_breaks_a_promise(start, steps, zone):
    assert broken(walk(start, steps, zone)) is None


SIX_WEEKS_LATER = [
    (dt.timedelta(), Event.INFORM),
    (dt.timedelta(days=30), Event.OPEN),
    (dt.timedelta(days=12, hours=2), Event.OPEN),
]


def test_planted_faults_are_seen(monkeypatch):
    start = dt.datetime(2026, 11, 21, 9, tzinfo=dt.UTC)
    assert broken(walk(start, SIX_WEEKS_LATER, PARIS)) is None
    *_, last = walk(start, SIX_WEEKS_LATER, PARIS)
    assert last[-1].state is State.OPEN
    table = tuple(lifecycle.Transition(event=o.event, sources=o.sources, target=o.target, by="", law="") for o in TABLE)
    monkeypatch.setattr(lifecycle, "TABLE", table)
    assert broken(walk(start, SIX_WEEKS_LATER, PARIS)) == "opened too early"


OBJECTED_AND_DEAD = [
    (dt.timedelta(), Event.INFORM),
    (dt.timedelta(days=1), Event.OBJECT),
    (dt.timedelta(days=1), Event.DIE),
    (dt.timedelta(days=1), Event.TAKE_BACK_DEATH),
]


@given(start=instants, steps=lives, zone=st.sampled_from(ZONES), wait=waits)
def test_a_death_taken_back_at_any_moment_of_any_life_leads_where_it_was(start, steps, zone, wait):
    lived = [*steps, (wait, Event.DIE), (wait, Event.TAKE_BACK_DEATH)]
    assert broken(walk(start, lived, zone)) is None
    *_, (before, *_), (state, _, _, _, outcome) = [*walk(start, lived, zone)]
    if state is State.DECEASED and before is not State.DECEASED:
        assert outcome.state is BACK[before]


def test_a_planted_way_back_is_seen(monkeypatch):
    """Back to be told, whatever one had said: the objection is forgotten, and the walk is red."""
    start = dt.datetime(2026, 11, 21, 9, tzinfo=dt.UTC)
    assert broken(walk(start, OBJECTED_AND_DEAD, PARIS)) is None
    table = [one for one in TABLE if one.event is not Event.TAKE_BACK_DEATH]
    table.append(
        lifecycle.Transition(
            event=Event.TAKE_BACK_DEATH, sources=(State.DECEASED,), target=State.ELIGIBLE, by="", law=""
        )
    )
    monkeypatch.setattr(lifecycle, "TABLE", tuple(table))
    assert broken(walk(start, OBJECTED_AND_DEAD, PARIS)) == "back elsewhere"


@given(at=instants, zone=st.sampled_from(ZONES), days=st.integers(0, 5000))
def test_days_are_those_on_the_wall(at, zone, days):
    local = ZoneInfo(zone)
    ends = after(at, days, Unit.DAYS, zone=zone).astimezone(local)
    wanted = at.astimezone(local).replace(tzinfo=None) + dt.timedelta(days=days)
    # equal but in the hour the clocks skip, where it is the hour they show instead
    assert ends.replace(tzinfo=None) - wanted in {dt.timedelta(), dt.timedelta(hours=1)}


@pytest.mark.parametrize(
    ("start", "number", "unit", "zone", "ends"),
    [
        ("2026-03-01T01:30Z", 28, Unit.DAYS, PARIS, "2026-03-29T01:30Z"),  # 02:30 does not exist that night
        ("2026-09-13T00:30Z", 42, Unit.DAYS, PARIS, "2026-10-25T01:30Z"),  # 02:30 exists twice: the second
        ("2026-09-13T00:30Z", 42, Unit.DAYS, "Indian/Reunion", "2026-10-25T00:30Z"),
        ("2028-02-29T12:00Z", 10, Unit.YEARS, PARIS, "2038-02-28T12:00Z"),
        ("2028-02-29T12:00Z", 4, Unit.YEARS, PARIS, "2032-02-29T12:00Z"),
        ("2026-11-30T12:00Z", 3, Unit.MONTHS, PARIS, "2027-02-28T12:00Z"),
        ("2026-12-31T23:30Z", 3, Unit.MONTHS, PARIS, "2027-03-31T22:30Z"),  # already January in Paris
        ("2026-12-31T23:30Z", 2, Unit.MONTHS, "America/Martinique", "2027-02-28T23:30Z"),
    ],
)
def test_calendars(start, number, unit, zone, ends):
    assert after(dt.datetime.fromisoformat(start), number, unit, zone=zone) == dt.datetime.fromisoformat(ends)


def test_the_daily_job_knows_what_is_due():
    at = dt.datetime(2026, 11, 21, 9, tzinfo=dt.UTC)
    facts = Facts(since=at, delays=LifeDelays(objection_days=2, deletion_months=1))
    assert due(State.NOTIFIED, facts=facts) == (Event.OPEN, at + dt.timedelta(days=2))
    assert due(State.DELETION_REQUESTED, facts=facts)[1] == dt.datetime(2026, 12, 21, 9, tzinfo=dt.UTC)
    assert due(State.ACTIVE, facts=facts) is None
    early = transition(State.NOTIFIED, Event.OPEN, facts=facts, at=at)
    assert early.refusal is Refusal.TOO_EARLY
    assert early.due == at + dt.timedelta(days=2)
    assert (zone_of("974"), zone_of("31"), zone_of("2A")) == ("Indian/Reunion", PARIS, PARIS)
