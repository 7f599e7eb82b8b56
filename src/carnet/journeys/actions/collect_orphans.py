"""Bytes nobody needs: what deposits that never finished left in the blob store.

A deposit notes its intent, stores its bytes, and ends the intent in the transaction that inserts its row. Three steps
here, each safe to die after: doom old intents (committed: from then on `release_intents` refuses, so no row for these
bytes can be committed any more, however late its deposit is); remove the blobs that no row names; remove the intents.
Dooming skips intents that a deposit is ending this very moment. Checking first and deleting then would lose a document
whose row commits in between. It ignores blobs without an intent: there are none, the intent comes first.
"""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from carnet.infra.blobs import BlobStore
from carnet.infra.db import Database, work
from carnet.infra.installation import current
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow

PATIENCE = timedelta(hours=1)
BATCH = 200

_DOOM = """
UPDATE deposit_intent SET doomed_at = %(at)s WHERE blob_id IN (
  SELECT blob_id FROM deposit_intent WHERE doomed_at IS NULL AND noted_at < %(before)s
  ORDER BY noted_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
"""
# ## Doomed blobs, with whether a row names them (none should: this is the second wall) ##
_DOOMED = """
SELECT i.blob_id, EXISTS (SELECT FROM document d WHERE d.blob_id = i.blob_id)
  OR EXISTS (SELECT FROM message_attachment m WHERE m.blob_id = i.blob_id)
  OR EXISTS (SELECT FROM data_export e WHERE e.blob_id = i.blob_id)
FROM deposit_intent i WHERE i.doomed_at IS NOT NULL ORDER BY i.noted_at LIMIT %(limit)s
"""
_FORGET = "DELETE FROM deposit_intent WHERE blob_id = ANY(%(blobs)s) AND doomed_at IS NOT NULL"


class Collected(msgspec.Struct, frozen=True, kw_only=True):
    """What was done. intents: how many ended; blobs: how many were removed; needed: kept because a row names them."""

    intents: int = 0
    blobs: int = 0
    needed: int = 0

    def plus(self, other: "Collected") -> "Collected":
        """Return the sum."""
        return Collected(
            intents=self.intents + other.intents, blobs=self.blobs + other.blobs, needed=self.needed + other.needed
        )


async def collect_orphans(
    *, actor: Actor, batch: Database, older_than: timedelta = PATIENCE, at: datetime
) -> Collected:
    """Remove the bytes of deposits begun more than `older_than` ago that never finished; return the counts.

    batch: the database as carnet_batch. Safe to run at any time, twice at once, and to kill. Raises Unavailable.
    """
    collected = Collected()
    while step := await _collect_some(actor, batch, at - older_than, at):
        collected = collected.plus(step)
    return collected


async def _collect_some(actor: Actor, batch: Database, before: datetime, at: datetime) -> Collected | None:
    async with work(space=None, at=at, database_=batch) as w:
        await w.execute(_DOOM, {"at": at, "before": before, "limit": BATCH})
    async with work(space=None, at=at, database_=batch) as w:
        rows = await w.rows(_DOOMED, {"limit": BATCH})
    if not rows:
        return None
    orphans = [blob for blob, needed in rows if not needed]
    removed = await _remove(current().blobs, orphans)
    async with work(space=None, at=at, database_=batch) as w:
        ended = await w.execute(_FORGET, {"blobs": [blob for blob, _ in rows]})
        step = Collected(intents=ended, blobs=removed, needed=len(rows) - len(orphans))
        await record(w, Act.COLLECT_ORPHANS, allow(Ground.DUTY), actor=actor, details=msgspec.structs.asdict(step))
    return step


async def _remove(store: BlobStore, blobs: list[UUID]) -> int:
    return await store.collect(blobs)
