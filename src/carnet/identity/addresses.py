"""Keyed digests of postal addresses: two of them say whether two addresses are one place, and neither says which.

Nothing is kept of a person's address here: a mark in a trace compares what one professional came to within a month.
"""

from collections.abc import Sequence
from datetime import datetime

from carnet.identity.rules.postal import door, home
from carnet.infra.installation import current
from carnet.kernel.legal_day import legal_day

DOOR, HOME = "door", "one-home"
LENGTH = 8


def door_digest(lines: Sequence[str], postcode: str) -> bytes | None:
    """Return 32 bytes that are the same for the same door, None for an address that names none."""
    place = door(lines, postcode)
    return current().house_key.digest(*place, purpose=DOOR) if place else None


def home_mark(lines: Sequence[str], postcode: str, *, of: str, at: datetime) -> str | None:
    """Return the mark of a home among those `of` (a professional) came to in one month; it links nothing else."""
    place, month = home(lines, postcode), legal_day(at).isoformat()[: len("2026-11")]
    return current().house_key.digest(of, month, *place, purpose=HOME)[:LENGTH].hex() if place else None
