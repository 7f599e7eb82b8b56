"""Nobody is told by the time an answer takes that a number belongs to somebody who keeps the asker out.

"Nobody there" is one answer for unknown, closed, opposed and blocked, after as many round trips; but rows that exist
are read and decrypted, and that takes some tenths of a millisecond. So each number has a delay of its own, drawn from a
key: many times what the work differs by, and the same whenever, wherever and by whomever it is asked for, so that
asking again, or with accomplices, averages nothing out. Answers about somebody who is there are not delayed, except
where they are the same for everybody, as those to mail.
"""

import asyncio
import time
from typing import Final

from carnet.infra.installation import current

LONGEST: Final = 0.02
"""Seconds. Ten times what the whole work takes on a quiet machine; too short for people to notice."""
_PURPOSE: Final = "even-time"
_RANGE: Final = 2**32


async def even_out(matricule: str) -> None:
    """Wait as long as this number makes everybody wait who is told that nobody is there."""
    await asyncio.sleep(delay_of(matricule))


async def answer_evenly(matricule: str, *, since: float) -> None:
    """Wait until LONGEST and this number's own delay have passed `since` (`time.monotonic`).

    For an answer that is the same whoever is there: it hides work of any kind that takes no longer than LONGEST.
    """
    await asyncio.sleep(max(0.0, since + LONGEST + delay_of(matricule) - time.monotonic()))


def delay_of(matricule: str) -> float:
    """Return the delay of a number, 0 to LONGEST seconds."""
    drawn = current().house_key.digest(matricule, purpose=_PURPOSE)
    return LONGEST * int.from_bytes(drawn[:4]) / _RANGE
