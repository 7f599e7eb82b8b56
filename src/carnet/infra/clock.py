"""The only clock of the house: everything that needs the time asks here or is handed `at`.

One seam, so that a test can stop, set or move time without patching the standard library. It ignores monotonic
time (timeouts and durations keep using `time.monotonic`) and local time (Europe/Paris exists only on pages).
"""

import contextlib
import datetime as dt
from collections.abc import Iterator
from typing import Protocol


class Clock(Protocol):
    """What gives the time; replaced as a whole by tests and by the sandbox."""

    def now(self) -> dt.datetime:
        """Return the present instant, timezone-aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC)


class SettableClock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: dt.datetime) -> None:
        self._at = _utc(at)

    def now(self) -> dt.datetime:
        return self._at

    def set(self, at: dt.datetime) -> None:
        self._at = _utc(at)

    def advance(self, by: dt.timedelta) -> dt.datetime:
        """Move the clock by `by` (negative: back) and return the new time."""
        self._at += by
        return self._at


class _Seat:
    """Holds the clock in force for the whole process, threads included (a context variable would miss those)."""

    clock: Clock = SystemClock()


def now() -> dt.datetime:
    """Return the present instant, timezone-aware, in UTC."""
    return _Seat.clock.now()


def install(clock: Clock) -> Clock:
    """Make `clock` the process's clock and return the one it replaces."""
    previous, _Seat.clock = _Seat.clock, clock
    return previous


@contextlib.contextmanager
def frozen(at: dt.datetime) -> Iterator[SettableClock]:
    """Stand still at `at` (timezone-aware) for the length of a `with` block; yields the clock, to move it."""
    clock = SettableClock(at)
    previous = install(clock)
    try:
        yield clock
    finally:
        install(previous)


def _utc(at: dt.datetime) -> dt.datetime:
    if at.tzinfo is None:
        raise ValueError("a time without its zone says nothing")
    return at.astimezone(dt.UTC)
