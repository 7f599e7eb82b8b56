"""Where a page of a list ended, as an address says it: a time and an id, which tell whoever reads them nothing."""

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from carnet.messaging.data import Mark

_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MOMENT: Final = timedelta(microseconds=1)
_LONGEST: Final = 20


def written_mark(after: Mark) -> str:
    """Return a mark as an address says it."""
    return f"{(after.at - _BEGINNING) // _MOMENT}-{after.line.hex}"


def read_mark(text: str) -> Mark | None:
    """Return where a page begins, as an address says it; None when it says nothing sensible."""
    moments, _, line = text.partition("-")
    try:
        return Mark(_BEGINNING + int(moments[:_LONGEST]) * _MOMENT, UUID(line))
    except (ValueError, OverflowError):
        return None
