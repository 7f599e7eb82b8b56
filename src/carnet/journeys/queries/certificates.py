"""The certificate of an erasure, found again by the number only its holder was given. It names nobody."""

from datetime import datetime
from uuid import UUID

import msgspec

from carnet.infra.db import system_work
from carnet.journeys.certificates import number_digest, read_number

_FIND = "SELECT certificate_id, said, note, issued_at FROM erasure_certificate WHERE number_digest = %(digest)s"


class IssuedCertificate(msgspec.Struct, frozen=True):
    """said: canonical JSON of what is certified, as signed; note: the signature (C2SP signed note)."""

    certificate_id: UUID
    said: str
    note: str
    issued_at: datetime


async def find_certificate(number: str, *, at: datetime) -> IssuedCertificate | None:
    """Return the certificate with this number, however it was typed; None when there is none."""
    plain = read_number(number)
    if plain is None:
        return None
    async with system_work(at=at) as w:
        row = await w.row(_FIND, {"digest": number_digest(plain)})
    return IssuedCertificate(*row) if row else None
