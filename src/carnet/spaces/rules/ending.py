"""When does what follows fall due, once a space is being left? Pure: counted from the table of the life of a space."""

from datetime import datetime
from enum import StrEnum

import msgspec

from carnet.kernel.life_delays import LifeDelays
from carnet.spaces.rules.delays import PARIS, Unit, after, zone_of
from carnet.spaces.rules.lifecycle import Event, Facts, Outcome, State, due, transition

_ARCHIVED = frozenset({State.CLOSED, State.DECEASED})
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
    """

    state: State
    motive: Motive = Motive.HOLDER
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

    Source: R1111-36 CSP. An archive counts from the closing, whatever was asked and cancelled since.
    """
    counted = life.closed_at if life.state in _ARCHIVED else life.since
    outcome = transition(life.state, event, facts=Facts(since=counted or at, zone=life.zone, delays=delays), at=at)
    if not outcome.changed:
        return outcome, life
    closed_at = None if outcome.state is State.ACTIVE else life.closed_at
    if outcome.state in _ARCHIVED:
        closed_at = closed_at or at
    moved = msgspec.structs.replace(
        life,
        state=outcome.state,
        motive=motive or life.motive,
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


def _next(life: Life, *, delays: LifeDelays, at: datetime) -> tuple[Event | None, datetime | None]:
    counted = life.closed_at if life.state in _ARCHIVED else at
    follows = due(life.state, facts=Facts(since=counted or at, zone=life.zone, delays=delays))
    if follows is None:
        return None, None
    if life.state is State.DELETION_REQUESTED:
        return follows[0], deletion_day(delays=delays, zone=life.zone, at=at)
    return follows
