"""Weeks and months as the country counts them, in Paris: which are over and may be counted."""

from datetime import date, datetime, timedelta

import msgspec

from carnet.kernel.legal_day import PARIS, legal_day

ZONE = PARIS.key


class Period(msgspec.Struct, frozen=True):
    """A week or a month: its first day, and the instants it runs from and to (not included)."""

    first: date
    since: datetime
    until: datetime


def past_weeks(at: datetime, *, most: int) -> tuple[Period, ...]:
    """Return the last weeks (Monday to Sunday) that are over at `at`, the oldest first."""
    today = legal_day(at)
    monday = today - timedelta(days=today.weekday())
    return tuple(_period(monday - timedelta(weeks=n), monday - timedelta(weeks=n - 1)) for n in range(most, 0, -1))


def past_months(at: datetime, *, most: int) -> tuple[Period, ...]:
    """Return the last months that are over at `at`, the oldest first."""
    first = legal_day(at).replace(day=1)
    found = []
    for _ in range(most):
        before = (first - timedelta(days=1)).replace(day=1)
        found.append(_period(before, first))
        first = before
    return tuple(reversed(found))


def _period(first: date, after: date) -> Period:
    return Period(first, *(datetime(one.year, one.month, one.day, tzinfo=PARIS) for one in (first, after)))
