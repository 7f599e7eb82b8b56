"""Sealing: entries that are committed become leaves, each exactly once, in the order of their space.

Which entries wait is a table written in the same transaction as the entries themselves (`journal_pending`): what a slow
transaction commits late is seen late and sealed late, and nothing has to guess which numbers are still on their
way. A space's numbers are committed in order, because its head row is held until commit. What does not fit is named,
never repaired in silence. One sequencer at a time: `journal_log` is held for the length of a batch.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from carnet.infra.db import Work
from carnet.infra.db.database import Database
from carnet.infra.db.work import work
from carnet.journal.rules.leaves import FIELDS, NO_LEAF, commitment, leaf, leaf_hash

LATE = timedelta(hours=1)
"""An entry dated this far from its sealing was dated otherwise than it happened, or the log stood still: it is said."""


class Finding(msgspec.Struct, frozen=True):
    """Something that should not be. kind: a word from docs/journal-format.md §8; where: ids and numbers only."""

    kind: str
    where: str


class Sealed(msgspec.Struct, frozen=True):
    """An entry that becomes the leaf `index`."""

    space: UUID
    seq: int
    index: int
    leaf: bytes


class Batch(msgspec.Struct, frozen=True):
    """What one round sealed, and what it found on the way."""

    sealed: tuple[Sealed, ...] = ()
    findings: tuple[Finding, ...] = ()


class DatabaseDiffers(Exception):
    """The database has sealed another number of leaves than the log holds: one of them was rolled back."""

    def __init__(self, *, database: int, log: int) -> None:
        told = "The database was rolled back" if database < log else "The log's folder was rolled back"
        super().__init__(
            f"{told}: it has sealed {database} entries, the log holds {log}. See docs/journal-format.md §9."
        )
        self.database, self.log = database, log


_HELD = "SELECT size FROM journal_log WHERE origin = %(origin)s FOR UPDATE"
_BEGIN = "INSERT INTO journal_log (origin, size) VALUES (%(origin)s, 0) ON CONFLICT DO NOTHING"
_COLUMNS = ", ".join(f"e.{name}" for name in FIELDS[1:])
# ## What waits, with what its leaf is made of; an entry that is gone, or sealed already, is a finding ##
_WAITING = f"""
SELECT p.space_id, p.seq, h.secret, before.leaf_hash, sealed.leaf_index IS NOT NULL, e.nonce, {_COLUMNS}
FROM (SELECT space_id, seq FROM journal_pending ORDER BY space_id, seq LIMIT %(limit)s) p
JOIN journal_head h ON h.space_id = p.space_id
LEFT JOIN journal_entry e ON e.space_id = p.space_id AND e.seq = p.seq
LEFT JOIN journal_leaf before ON before.space_id = p.space_id AND before.seq = p.seq - 1
LEFT JOIN journal_leaf sealed ON sealed.space_id = p.space_id AND sealed.seq = p.seq
ORDER BY p.space_id, p.seq
"""  # noqa: S608 - column names of our own
_SEAL = """
INSERT INTO journal_leaf (space_id, seq, leaf_index, sealed_at, leaf_hash)
SELECT s.space_id, s.seq, s.leaf_index, %(at)s, s.leaf_hash
FROM unnest(%(spaces)s::uuid[], %(seqs)s::bigint[], %(indices)s::bigint[], %(hashes)s::bytea[])
  AS s(space_id, seq, leaf_index, leaf_hash)
"""
_DONE = """
DELETE FROM journal_pending p USING unnest(%(spaces)s::uuid[], %(seqs)s::bigint[]) AS s(space_id, seq)
WHERE p.space_id = s.space_id AND p.seq = s.seq
"""
_GROWN = "UPDATE journal_log SET size = %(size)s WHERE origin = %(origin)s"
_WHERE_IS = "SELECT leaf_index FROM journal_leaf WHERE space_id = %(space)s AND seq = %(seq)s"


async def seal_pending(
    database: Database, *, origin: str, size: int, at: datetime, limit: int, stage: Callable[[Sequence[Sealed]], None]
) -> Batch:
    """Give what waits its place after the `size` leaves there are, in one transaction. Raises DatabaseDiffers.

    stage: keeps the leaves durably before the database commits; what it kept is complete if and only if it did.
    """
    async with work(space=None, at=at, database_=database) as w:
        await _hold(w, origin=origin, size=size)
        rows = await w.rows(_WAITING, {"limit": limit})
        if not rows:
            return Batch()
        sealed, findings = _leaves(rows, size=size, at=at)
        if sealed:
            stage(sealed)
            params = {
                "spaces": [one.space for one in sealed],
                "seqs": [one.seq for one in sealed],
                "indices": [one.index for one in sealed],
                "hashes": [leaf_hash(one.leaf) for one in sealed],
                "at": at,
            }
            await w.execute(_SEAL, params)
            await w.execute(_GROWN, {"origin": origin, "size": size + len(sealed)})
        await w.execute(_DONE, {"spaces": [row[0] for row in rows], "seqs": [row[1] for row in rows]})
    return Batch(tuple(sealed), tuple(findings))


async def was_sealed(database: Database, one: Sealed, *, at: datetime) -> bool:
    """Whether the database committed this leaf (asked after a crash between the log and the database)."""
    async with work(space=None, at=at, database_=database) as w:
        found = await w.row(_WHERE_IS, {"space": one.space, "seq": one.seq})
    return found is not None and found[0] == one.index


async def _hold(w: Work, *, origin: str, size: int) -> None:
    await w.execute(_BEGIN, {"origin": origin})
    held = await w.row(_HELD, {"origin": origin})
    if held is None or held[0] != size:
        raise DatabaseDiffers(database=held[0] if held else 0, log=size)


def _leaves(rows: Sequence[tuple[Any, ...]], *, size: int, at: datetime) -> tuple[list[Sealed], list[Finding]]:
    sealed: list[Sealed] = []
    findings: list[Finding] = []
    last: tuple[UUID, int, bytes] | None = None
    for space, seq, secret, before, again, nonce, *values in rows:
        where = f"{space}:{seq}"
        if again or nonce is None:
            findings.append(Finding("replayed" if again else "deleted", where))
            continue
        if before is None and last is not None and last[:2] == (space, seq - 1):
            before = last[2]  # noqa: PLW2901 - sealed a line ago
        if before is None and seq > 1:
            findings.append(Finding("suppressed", f"{space}:{seq - 1}"))
        entry = dict(zip(FIELDS, (space, *values), strict=True))
        if abs(entry["at"] - at) > LATE:
            findings.append(Finding("back-dated", where))
        data = leaf(
            seconds=int(at.astimezone(UTC).timestamp()),
            secret=bytes(secret),
            seq=seq,
            previous=bytes(before) if before else NO_LEAF,
            committed=commitment(entry, nonce=bytes(nonce)),
        )
        sealed.append(Sealed(space, seq, size + len(sealed), data))
        last = (space, seq, leaf_hash(data))
    return sealed, findings
