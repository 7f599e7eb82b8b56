"""What may the operator see? Counts, numbers and ids: never a name, a title or a content.

An id is what support quotes to the depositing organisation; the identity behind it stays with the space.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from carnet.infra.db import Database, system_work, work
from carnet.infra.jobs.queries.events import DeadLetter, dead_letters, event_counts
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow


class IdentityFlag(msgspec.Struct, frozen=True, kw_only=True):
    """A document accepted although some trait differed. flags: names of the traits, never their values."""

    space: UUID
    document: UUID
    flags: tuple[str, ...]
    received_at: datetime
    client_id: str | None


class IdentityFlags(msgspec.Struct, frozen=True, kw_only=True):
    """counts: documents by trait; newest: the latest ones."""

    counts: dict[str, int]
    newest: tuple[IdentityFlag, ...]


# ## Documents whose identity differed somewhere, newest first ##
_FLAGGED = """
SELECT space_id, document_id, flags, received_at, client_id FROM document
WHERE flags <> '{}' ORDER BY received_at DESC LIMIT %(limit)s
"""
# ## How many by trait ##
_BY_TRAIT = """
SELECT flag, count(*) FROM document, unnest(flags) AS flag WHERE flags <> '{}' GROUP BY flag ORDER BY flag
"""


async def list_identity_flags(*, actor: Actor, batch: Database, limit: int = 100, at: datetime) -> IdentityFlags:
    """Return the flags left by identity vigilance; the look is journalled. batch: the database as carnet_batch."""
    async with work(space=None, at=at, database_=batch) as w:
        rows = await w.rows(_FLAGGED, {"limit": limit})
        counts = {str(flag): int(count) for flag, count in await w.rows(_BY_TRAIT)}
        await record(w, Act.LIST_IDENTITY_FLAGS, allow(Ground.DUTY), actor=actor, details={"shown": len(rows)})
    newest = tuple(
        IdentityFlag(space=space, document=document, flags=tuple(flags), received_at=received_at, client_id=client)
        for space, document, flags, received_at, client in rows
    )
    return IdentityFlags(counts=counts, newest=newest)


async def list_dead_letters(*, limit: int = 100, at: datetime) -> list[DeadLetter]:
    """Return the events that were given up, oldest first."""
    async with system_work(at=at) as w:
        return await dead_letters(w, limit=limit)


async def count_events(*, at: datetime) -> dict[str, int]:
    """Return how many events wait ("todo"), are being handled ("doing") or were given up ("failed")."""
    async with system_work(at=at) as w:
        return await event_counts(w)
