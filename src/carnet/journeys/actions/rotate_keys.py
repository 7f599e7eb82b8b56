"""After the key-encryption key changed: every space's keyset is wrapped anew, none gets a new secret.

Nothing is remembered between runs: a wrapping tells which key made it, so a run that was killed is simply run again,
and a run that changed nothing is the proof that old key versions may be retired. Spaces opened meanwhile by a process
that had not yet noticed the new key are found by that last run.
"""

import asyncio
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from carnet.infra.db import Database, Work, work
from carnet.infra.installation import current
from carnet.infra.vault import KeyEncryptionKey, WrappedKeyset, rewrap_keysets
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow

BATCH = 500
_FIRST = UUID(int=0)

# ## The next keysets that still exist, in order, held until they are stored again ##
_NEXT = """
SELECT space_id, version, wrapped FROM vault.space_keyset
WHERE wrapped IS NOT NULL AND (space_id, version) > (%(space)s, %(version)s)
ORDER BY space_id, version LIMIT %(limit)s FOR UPDATE
"""
_STORE = """
UPDATE vault.space_keyset SET wrapped = %(wrapped)s, kek_id = %(kek)s
WHERE space_id = %(space)s AND version = %(version)s AND wrapped IS NOT NULL
"""


class Rotated(msgspec.Struct, frozen=True, kw_only=True):
    """What a run did. seen: keysets looked at; rewrapped: how many were wrapped by an older key."""

    seen: int = 0
    rewrapped: int = 0


async def rotate_keys(*, actor: Actor, batch: Database, size: int = BATCH, at: datetime) -> Rotated:
    """Wrap every keyset with the newest version of the key-encryption key, `size` a transaction; return the counts.

    batch: the database as carnet_batch. Safe to kill and run again. Raises Unopenable (a keyset that opens with no
    key we have: stop and look), Unavailable (key service or database).
    """
    place: tuple[UUID, int] | None = (_FIRST, 0)
    seen = rewrapped = 0
    while place is not None:
        async with work(space=None, at=at, database_=batch) as w:
            rows = await w.rows(_NEXT, {"space": place[0], "version": place[1], "limit": size})
            rewrapped += await _rewrap(w, rows)
        seen += len(rows)
        place = (rows[-1][0], rows[-1][1]) if rows else None
    async with work(space=None, at=at, database_=batch) as w:
        details: dict[str, object] = {"seen": seen, "rewrapped": rewrapped, "key": current().keys.kek.key_id}
        await record(w, Act.ROTATE_KEYS, allow(Ground.DUTY), actor=actor, details=details)
    return Rotated(seen=seen, rewrapped=rewrapped)


async def _rewrap(w: Work, rows: list[tuple[Any, ...]]) -> int:
    kek = current().keys.kek
    old = [WrappedKeyset(space_id=space, version=version, wrapped=bytes(wrapped)) for space, version, wrapped in rows]
    changed = await _changed(old, kek)
    for row in changed:
        await w.execute(
            _STORE, {"wrapped": row.wrapped, "kek": kek.key_id, "space": row.space_id, "version": row.version}
        )
    return len(changed)


async def _changed(rows: list[WrappedKeyset], kek: KeyEncryptionKey) -> list[WrappedKeyset]:
    if kek.remote:
        return await asyncio.to_thread(lambda: list(rewrap_keysets(rows, kek=kek)))
    return list(rewrap_keysets(rows, kek=kek))
