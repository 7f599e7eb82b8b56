"""The copies a person asked for, and where each stands."""

from datetime import datetime
from uuid import UUID

import msgspec

from carnet.infra.db import Work

# ## Newest first; those whose days are over are gone already ##
_EXPORTS = """
SELECT export_id, state, asked_at, done, total, size, ready_at, expires_at FROM data_export
WHERE space_id = %(space)s AND expires_at > %(at)s AND delegation IS NOT DISTINCT FROM %(delegation)s
ORDER BY asked_at DESC LIMIT 10
"""


class ExportLine(msgspec.Struct, frozen=True):
    """One copy. state: asked, making, ready or failed. done, total: documents; size: bytes, once ready."""

    export: UUID
    state: str
    asked_at: datetime
    done: int
    total: int
    size: int | None
    ready_at: datetime | None
    expires_at: datetime


async def exports_of(work: Work, *, delegation: UUID | None = None) -> list[ExportLine]:
    """Return the copies of the transaction's space its person asked for; or those of who acts there by `delegation`."""
    asked = {"space": work.space_id, "at": work.at, "delegation": delegation}
    return [ExportLine(*row) for row in await work.rows(_EXPORTS, asked)]
