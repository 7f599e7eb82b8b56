"""When does what follows fall due, once a space is being left? Pure: counted from the table of the life of a space."""

from datetime import datetime
from enum import StrEnum

import msgspec

from carnet.kernel.life_delays import LifeDelays
from carnet.spaces.rules.delays import PARIS, Unit, after, zone_of
from carnet.spaces.rules.lifecycle import Event, Facts, Outcome, State, due, transition

_ARCHIVED = frozenset({State.CLOSED, State.DECEASED})
_IN_USE = frozenset({State.OPEN, State.ACTIVE, State.SUSPENDED})
_OVERSEAS = ("97", "98")


class Motive(StrEnum):
    """Why a space was suspended or closed; `HOLDER` and `DEATH` are all anybody else is ever told."""

    HOLDER = "holder"
    FRAUD = "fraud"
    MALFUNCTION = "malfunction"
    DEATH = "death"


class Life(msgspec.Struct, frozen=True, kw_only=True):
    """Where a space stands. since: when its state began, where something counts from it; closed_at: what the archive
    counts from; due_event, due_at: what the daily job brings about, and when; zone: whose civil days count.

    once, motive_once: of the DECEASED, where the space stood and why, should the death prove a mistake; None: unknown.
    alive_at: when a death was last taken back: no file tells of another before somebody looked.
    """

    state: State
    motive: Motive = Motive.HOLDER
    once: State | None = None
    motive_once: Motive | None = None
    alive_at: datetime | None = None
    zone: str = PARIS
    since: datetime | None = None
    closed_at: datetime | None = None
    due_event: Event | None = None
    due_at: datetime | None = None
    erased_at: datetime | None = None


def live_on(
    life: Life, event: Event, *, delays: LifeDelays, motive: Motive | None = None, at: datetime
) -> tuple[Outcome, Life]:
    """Return what `event` does and the life after it; the same life when it changes nothing.

    Source: R1111-36 CSP. An archive counts from the closing, whatever was asked and cancelled since. A death taken back
    leads where the space stood; where nobody knows, to a suspension (decision 0235).
    """
    counted = life.closed_at if life.state in _ARCHIVED else life.since
    facts = Facts(since=counted or at, zone=life.zone, delays=delays, once=life.once or State.SUSPENDED)
    outcome = transition(life.state, event, facts=facts, at=at)
    if not outcome.changed:
        return outcome, life
    closed_at = None if outcome.state in _IN_USE else life.closed_at
    if outcome.state in _ARCHIVED:
        closed_at = closed_at or at
    moved = msgspec.structs.replace(
        life,
        state=outcome.state,
        motive=motive or _motive(life, event),
        once=life.state if outcome.state is State.DECEASED else None,
        motive_once=life.motive if outcome.state is State.DECEASED else None,
        alive_at=at if event is Event.TAKE_BACK_DEATH else life.alive_at,
        since=at,
        closed_at=closed_at,
        erased_at=at if outcome.state is State.DELETED else None,
    )
    due_event, due_at = _next(moved, delays=delays, at=at)
    return outcome, msgspec.structs.replace(moved, due_event=due_event, due_at=due_at)


def deletion_day(*, delays: LifeDelays, zone: str = PARIS, at: datetime) -> datetime:
    """Return when an erasure asked at `at` is carried out: once it can be regretted no more, within the law's limit."""
    wished = after(at, delays.deletion_days, Unit.DAYS, zone=zone)
    return min(wished, after(at, delays.deletion_months, Unit.MONTHS, zone=zone))


def archive_day(*, delays: LifeDelays, zone: str = PARIS, at: datetime) -> datetime:
    """Return when what is closed at `at` is erased by itself."""
    return after(at, delays.archive_years, Unit.YEARS, zone=zone)


def zone_of_postcode(postcode: str) -> str:
    """Return the time zone of somebody who lives under `postcode`; Paris's when it is unknown."""
    return zone_of(postcode[:3] if postcode.startswith(_OVERSEAS) else postcode[:2])


def _motive(life: Life, event: Event) -> Motive:
    """Return why the space stands where it comes to: of a death taken back, what it was before, or our own mistake."""
    if event is not Event.TAKE_BACK_DEATH:
        return life.motive
    return life.motive_once or Motive.MALFUNCTION


def _next(life: Life, *, delays: LifeDelays, at: datetime) -> tuple[Event | None, datetime | None]:
    counted = life.closed_at if life.state in _ARCHIVED else at
    follows = due(life.state, facts=Facts(since=counted or at, zone=life.zone, delays=delays))
    if follows is None:
        return None, None
    if life.state is State.DELETION_REQUESTED:
        return follows[0], deletion_day(delays=delays, zone=life.zone, at=at)
    return follows
