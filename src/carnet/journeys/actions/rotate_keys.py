"""After the key-encryption key changed: every space's keyset and the house's own are wrapped anew, secrets unchanged.

Nothing is remembered between runs: a wrapping tells which key made it, so a run that was killed is simply run again,
and a run that changed nothing is the proof that old key versions may be retired. Spaces opened meanwhile by a process
that had not yet noticed the new key are found by that last run.
"""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from carnet.infra.db import Database, Work, work
from carnet.infra.installation import current
from carnet.infra.vault import (
    KeyEncryptionKey,
    WrappedKeyset,
    rewrap_house_key,
    rewrap_index_key,
    rewrap_keysets,
)
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


class KeyFiles(msgspec.Struct, frozen=True, kw_only=True):
    """The wrapped key files of the house: retiring an old key while one of them needs it would lock the house."""

    index: Path
    house: Path


class Rotated(msgspec.Struct, frozen=True, kw_only=True):
    """What a run did. seen: keysets of spaces looked at; rewrapped, files: how many were wrapped by an older key."""

    seen: int = 0
    rewrapped: int = 0
    files: int = 0

    @property
    def complete(self) -> bool:
        """True when everything was current already: the proof that old key versions may be retired."""
        return self.rewrapped == 0 and self.files == 0


async def rotate_keys(*, actor: Actor, batch: Database, files: KeyFiles, size: int = BATCH, at: datetime) -> Rotated:
    """Wrap everything with the newest version of the key-encryption key, `size` keysets a transaction; return counts.

    batch: the database as carnet_batch. Safe to kill and run again. Raises Unopenable (a keyset that opens with no
    key we have: stop and look), Unavailable (key service or database).
    """
    changed_files = await _rewrap_files(files)
    place: tuple[UUID, int] | None = (_FIRST, 0)
    seen = rewrapped = 0
    while place is not None:
        async with work(space=None, at=at, database_=batch) as w:
            rows = await w.rows(_NEXT, {"space": place[0], "version": place[1], "limit": size})
            rewrapped += await _rewrap(w, rows)
        seen += len(rows)
        place = (rows[-1][0], rows[-1][1]) if rows else None
    async with work(space=None, at=at, database_=batch) as w:
        done = Rotated(seen=seen, rewrapped=rewrapped, files=changed_files)
        details = {**msgspec.structs.asdict(done), "key": current().keys.kek.key_id}
        await record(w, Act.ROTATE_KEYS, allow(Ground.DUTY), actor=actor, details=details)
    return done


async def _rewrap_files(files: KeyFiles) -> int:
    kek = current().keys.kek

    def rewrap() -> int:
        return rewrap_index_key(files.index, kek=kek) + rewrap_house_key(files.house, kek=kek)

    return await asyncio.to_thread(rewrap)


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
