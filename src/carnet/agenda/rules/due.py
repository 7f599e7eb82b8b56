"""When, on its day, an entry is told of. Pure."""

from datetime import datetime, timedelta

MORNING = timedelta(hours=7)
"""After the midnight a day begins with, wherever the person lives: nobody's phone rings at night."""
_DAY = timedelta(days=1)


def due_between(at: datetime) -> tuple[datetime, datetime]:
    """Return after which midnight, and up to which, days have begun that are told of at `at`: since their morning, and
    no longer than themselves. What a stopped worker missed is not told when it is over.
    """
    return at - _DAY, at - MORNING


def is_due(due_at: datetime, *, at: datetime) -> bool:
    """Tell whether an entry of that day is told of now."""
    after, until = due_between(at)
    return after < due_at <= until
