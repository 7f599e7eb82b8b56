"""How patient we are with the operators mail goes to: one that answers nobody is left alone, with all that waits.

After two days of trouble whoever wrote is told (RFC 5321 §4.5.4.1).
"""

from datetime import datetime, timedelta
from typing import Final

from carnet.infra.db import Work

PATIENCE: Final = timedelta(days=2)
FIRST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(hours=4)
_ANSWERS: Final = """
INSERT INTO mail_destination (destination, failures, not_before, changed_at)
VALUES (%(destination)s, 0, %(at)s, %(at)s)
ON CONFLICT (destination) DO UPDATE SET failures = 0, not_before = %(at)s, changed_at = %(at)s
WHERE mail_destination.failures > 0
"""
_SILENT: Final = """
INSERT INTO mail_destination AS d (destination, failures, not_before, changed_at)
VALUES (%(destination)s, 1, %(at)s + %(first)s, %(at)s)
ON CONFLICT (destination) DO UPDATE SET failures = d.failures + 1, changed_at = %(at)s,
  not_before = %(at)s + least(%(first)s * 2 ^ least(d.failures, 16), %(longest)s)
WHERE d.not_before <= %(at)s
"""
_NOT_BEFORE: Final = "SELECT not_before FROM mail_destination WHERE destination = %(destination)s"


async def heard_from(work: Work, destination: str) -> None:
    """An operator answers: nothing waits for it any longer."""
    await work.execute(_ANSWERS, {"destination": destination, "at": work.at})


async def left_alone(work: Work, destination: str) -> datetime:
    """Leave an operator alone, with everything that waits for it; return until when."""
    pauses = {"first": FIRST_PAUSE, "longest": LONGEST_PAUSE}
    await work.execute(_SILENT, {"destination": destination, "at": work.at, **pauses})
    waiting = await work.row(_NOT_BEFORE, {"destination": destination})
    return max(waiting[0] if waiting else work.at, work.at + FIRST_PAUSE)


def pause(tries: int) -> timedelta:
    """Return how long one message waits after its `tries`-th try."""
    longer: int = 2 ** min(tries - 1, 16)
    return min(FIRST_PAUSE * longer, LONGEST_PAUSE)
