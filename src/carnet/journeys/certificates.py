"""The certificate of an erasure: what is said, how it is signed, and the number by which its holder finds it again.

It names nobody. The number is computed from the space and the day of the request, so that it can be shown when the
erasure is asked and is stored nowhere; once the space is gone, only whoever noted it can find the certificate. Its
digest is in the public log under an id of its own (docs/journal-format.md §5 verifies it like any journal).
"""

import hashlib
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from carnet.infra import randomness
from carnet.infra.installation import current
from carnet.journal.api import statement_key
from carnet.kernel.ids import SpaceId
from carnet.kernel.legal_day import legal_day
from carnet.spaces.api import Event, Life

FORMAT = "carnet-erasure/1"
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
LENGTH = 16
_GROUP = 4
_GROUNDS = {Event.ERASE_REQUESTED: "express-request", Event.ERASE_ARCHIVED: "end-of-archive"}


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """said: canonical JSON of what is certified; note: the house's signed note over it (C2SP)."""

    certificate_id: UUID
    number_digest: bytes
    issued_at: datetime
    said: str
    note: str

    @property
    def digest(self) -> str:
        """SHA-256 of what is said, hexadecimal: what the public log commits to."""
        return hashlib.sha256(self.said.encode()).hexdigest()


def issue(life: Life, *, number: str, keys: int, at: datetime) -> Certificate:
    """Return the certificate of an erasure carried out at `at`. life: as it stood before; keys: how many went."""
    certificate_id = randomness.uuid4()
    said = {
        "format": FORMAT,
        "certificate": str(certificate_id),
        "ground": _GROUNDS.get(life.due_event or Event.ERASE_ARCHIVED, "end-of-archive"),
        "asked": _day(life.since),
        "closed": _day(life.closed_at),
        "erased": at.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z",
        "keys_destroyed": keys,
    }
    text = msgspec.json.encode(said, order="sorted").decode()
    return Certificate(
        certificate_id=certificate_id,
        number_digest=number_digest(number),
        issued_at=at,
        said=text,
        note=statement_key().note(text.encode(), entries=keys),
    )


def number_of(space: SpaceId, life: Life) -> str:
    """Return the number of the certificate the erasure now due will have, without separators: 80 bits."""
    since = life.since.astimezone(UTC).isoformat() if life.since else ""
    number = int.from_bytes(current().house_key.digest(str(space), since, purpose="erasure-certificate"))
    return "".join(ALPHABET[number >> 5 * place & 31] for place in range(LENGTH))


def written_number(number: str) -> str:
    """Return the number as people read it: four groups of four."""
    return "-".join(number[start : start + _GROUP] for start in range(0, LENGTH, _GROUP))


def read_number(text: str) -> str | None:
    """Return the number somebody typed (case, spaces, dashes free), None when it cannot be one."""
    plain = "".join(text.upper().replace("-", " ").split())
    return plain if len(plain) == LENGTH and set(plain) <= set(ALPHABET) else None


def number_digest(number: str) -> bytes:
    """Return what finds a certificate in the database."""
    return current().house_key.digest(number, purpose="erasure-certificate-index")


def _day(at: datetime | None) -> str | None:
    """The day its holder was told, as pages and letters have it."""
    return legal_day(at).isoformat() if at else None
