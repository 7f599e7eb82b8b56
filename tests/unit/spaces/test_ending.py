"""When what follows a leaving falls due, with a clock that moves: leap years, summer time, overseas."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carnet.kernel.life_delays import LifeDelays
from carnet.spaces.rules import ending
from carnet.spaces.rules.delays import Unit, after
from carnet.spaces.rules.ending import Life, Motive, deletion_day, live_on, zone_of_postcode
from carnet.spaces.rules.lifecycle import TABLE, Event, Refusal, State

DELAYS = LifeDelays()
AT = dt.datetime(2026, 3, 1, 9, 30, tzinfo=dt.UTC)
TIMES = st.integers(0, 6000 * 86_400).map(lambda seconds: AT + dt.timedelta(seconds=seconds))
POSTCODES = st.sampled_from(["31000", "97400", "98800", "20000", "", "97133"])
LEAVING = (State.OPEN, State.ACTIVE, State.SUSPENDED, State.CLOSED, State.DELETION_REQUESTED, State.DECEASED)


def step(life, event, at, **more):
    return live_on(life, event, delays=DELAYS, at=at, **more)


@given(TIMES, POSTCODES)
def test_ten_years_count_from_the_closing_whatever_was_asked_and_cancelled(at, postcode):
    life = Life(state=State.ACTIVE, zone=zone_of_postcode(postcode))
    _, closed = step(life, Event.CLOSE, at)
    assert (closed.due_event, closed.due_at) == (Event.ERASE_ARCHIVED, after(at, 10, Unit.YEARS, zone=life.zone))
    _, asked = step(closed, Event.ASK_DELETION, at + dt.timedelta(days=400))
    _, back = step(asked, Event.CANCEL_DELETION, at + dt.timedelta(days=401))
    assert (back.due_event, back.due_at, back.closed_at) == (closed.due_event, closed.due_at, at)
    early, _ = step(back, Event.ERASE_ARCHIVED, closed.due_at - dt.timedelta(microseconds=1))
    assert early.refusal is Refusal.TOO_EARLY
    assert step(back, Event.ERASE_ARCHIVED, closed.due_at)[1].state is State.DELETED
    _, dead = step(back, Event.DIE, at + dt.timedelta(days=500))
    assert dead.due_at == closed.due_at, "ten years from the closing, not again from the death"


@given(TIMES, st.integers(0, 200), st.integers(1, 6))
def test_an_erasure_asked_leaves_time_to_regret_and_never_passes_the_law(at, days, months):
    delays = LifeDelays(deletion_days=days, deletion_months=months)
    day = deletion_day(delays=delays, at=at)
    assert at <= day <= after(at, months, Unit.MONTHS)
    assert day == min(after(at, days, Unit.DAYS), after(at, months, Unit.MONTHS))


@given(TIMES, st.sampled_from(["Europe/Paris", "Pacific/Noumea"]))
def test_a_suspension_closes_after_its_own_clock_unless_it_is_lifted(at, zone):
    life = Life(state=State.ACTIVE, zone=zone)
    _, held = step(life, Event.SUSPEND, at, motive=Motive.FRAUD)
    assert (held.due_event, held.due_at) == (Event.CLOSE_SUSPENDED, after(at, 42, Unit.DAYS, zone=zone))
    assert step(held, Event.CLOSE_SUSPENDED, held.due_at - dt.timedelta(seconds=1))[0].refusal is Refusal.TOO_EARLY
    _, closed = step(held, Event.CLOSE_SUSPENDED, held.due_at)
    assert (closed.state, closed.motive, closed.closed_at) == (State.CLOSED, Motive.FRAUD, held.due_at)
    _, lifted = step(held, Event.LIFT_SUSPENSION, at + dt.timedelta(days=3))
    assert (lifted.state, lifted.due_at) == (State.ACTIVE, None)


@given(TIMES, st.lists(st.tuples(st.sampled_from(list(Event)), st.integers(0, 5000)), max_size=12))
def test_no_life_waits_for_nothing_or_erases_before_its_day(at, lived):
    """Walks random lives: what may erase always has a day; DELETED is the end; doing a thing twice changes nothing."""
    life = Life(state=State.OPEN)
    for event, days in lived:
        at += dt.timedelta(days=days)
        outcome, moved = step(life, event, at)
        again, _ = step(moved, event, at)
        assert not (outcome.changed and again.changed) or moved.state in _sources(event)
        assert outcome.changed or moved is life
        if moved.state in {State.CLOSED, State.DECEASED, State.SUSPENDED, State.DELETION_REQUESTED}:
            assert moved.due_at is not None
        else:
            assert moved.due_at is None
        if outcome.changed and moved.state is State.DELETED:
            assert life.due_at is not None
            assert event is life.due_event
            assert at >= life.due_at or life.state is State.DELETION_REQUESTED
        life = moved


@given(TIMES, st.lists(st.tuples(st.sampled_from(list(Event)), st.integers(0, 500)), max_size=8), st.integers(0, 3000))
def test_a_death_taken_back_leaves_the_days_as_they_were_or_counts_them_anew(at, lived, days):
    """What is closed keeps its ten years; what waits for its person's word waits for all of it again; nothing else."""
    life = Life(state=State.ACTIVE)
    for event, wait in lived:
        at += dt.timedelta(days=wait)
        _, life = step(life, event, at)
    if life.state in {State.DECEASED, State.DELETED}:
        return
    _, dead = step(life, Event.DIE, at, motive=Motive.DEATH)
    back_at = at + dt.timedelta(days=days)
    outcome, back = step(dead, Event.TAKE_BACK_DEATH, back_at)
    assert outcome.changed
    assert (back.state, back.motive, back.alive_at) == (life.state, life.motive, back_at)
    if life.state is State.CLOSED:
        assert (back.closed_at, back.due_at) == (life.closed_at, life.due_at)
    elif life.state is State.SUSPENDED:
        assert back.due_at == after(back_at, 42, Unit.DAYS, zone=life.zone)
    elif life.state is State.DELETION_REQUESTED:
        assert (back.closed_at, back.due_at) == (life.closed_at, deletion_day(delays=DELAYS, at=back_at))
    else:
        assert (back.closed_at, back.due_at) == (None, None)
    assert not step(back, Event.TAKE_BACK_DEATH, back_at)[0].changed


def test_where_nobody_knows_where_it_stood_it_is_suspended():
    dead = Life(state=State.DECEASED, motive=Motive.DEATH, since=AT, closed_at=AT)
    _, back = step(dead, Event.TAKE_BACK_DEATH, AT)
    assert (back.state, back.motive, back.closed_at) == (State.SUSPENDED, Motive.MALFUNCTION, None)
    assert back.due_event is Event.CLOSE_SUSPENDED


def _sources(event):
    return {source for one in TABLE if one.event is event for source in one.sources}


def test_a_fault_planted_in_the_counting_is_seen(monkeypatch):
    """Were the archive counted again from each request, the first property would be red."""
    monkeypatch.setattr(ending, "_ARCHIVED", frozenset())
    with pytest.raises(AssertionError):
        test_ten_years_count_from_the_closing_whatever_was_asked_and_cancelled()
