"""Bytes beside a message, in the two steps of every blob: intent, then bytes; the row's transaction ends the intent.

The collector of orphans takes what never got a row, and what a deleted conversation no longer needs.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from carnet.infra import randomness
from carnet.infra.db import Work, rows_in_one_trip
from carnet.infra.db.work import Statement
from carnet.infra.installation import current
from carnet.infra.vault import SpaceKeys
from carnet.kernel.ids import SpaceId

_INTENT: Final = "INSERT INTO deposit_intent (blob_id, noted_at) VALUES (%(blob)s, %(at)s)"
_ENDED: Final = "SELECT release_intents(%(blobs)s::uuid[])"


async def put_blobs(contents: Sequence[bytes], *, space: SpaceId, keys: SpaceKeys, at: datetime) -> tuple[UUID, ...]:
    """Store `contents` durably and return their ids, in order; `hold_blobs` must follow. Raises Unavailable."""
    blobs = tuple(randomness.uuid4() for _ in contents)
    if blobs:
        await rows_in_one_trip([Statement(_INTENT, {"blob": blob, "at": at}) for blob in blobs], space=None)
    for blob, content in zip(blobs, contents, strict=True):
        await current().blobs.put(blob, content, keys=keys, space_id=space)
    return blobs


async def hold_blobs(work: Work, blobs: Sequence[UUID]) -> None:
    """End the intents in the transaction whose rows name the blobs; raises when the collector took one meanwhile."""
    if blobs:
        await work.execute(_ENDED, {"blobs": list(blobs)})


async def give_up_blobs(work: Work, blobs: Sequence[UUID]) -> None:
    """Leave blobs no row names any more to the collector, in the transaction that takes their rows' names away."""
    for blob in blobs:
        await work.execute(_INTENT, {"blob": blob, "at": work.at})
