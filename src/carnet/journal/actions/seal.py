"""Sealing: entries that are committed become leaves, each exactly once, in the order of their space.

Which entries wait is a table written in the same transaction as the entries themselves (`journal_pending`): what a slow
transaction commits late is seen late and sealed late, and nothing has to guess which numbers are still on their
way. A space's numbers are committed in order, because its head row is held until commit. What does not fit is named,
never repaired in silence. One sequencer at a time: `journal_log` is held for the length of a batch.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from carnet.infra.db import Work
from carnet.infra.db.database import Database
from carnet.infra.db.work import work
from carnet.journal.rules.findings import Finding
from carnet.journal.rules.leaves import (
    FIELDS,
    NO_LEAF,
    as_told,
    commitment,
    label_in,
    leaf,
    leaf_hash,
    stream_key,
    told_nonce,
)

SLACK = timedelta(minutes=5)
"""Concurrent acts may be numbered a little out of the order of their times; further back, one was dated otherwise."""


class Sealed(msgspec.Struct, frozen=True):
    """An entry that becomes the leaf `index`. held: in the stream its person is not told of; left_out: documents."""

    space: UUID
    seq: int
    held: bool
    place: int
    index: int
    leaf: bytes
    left_out: tuple[UUID, ...] = ()


class Batch(msgspec.Struct, frozen=True):
    """What one round sealed, and what it found on the way. taken: how many entries waited and do not any more."""

    sealed: tuple[Sealed, ...] = ()
    findings: tuple[Finding, ...] = ()
    taken: int = 0


class DatabaseDiffers(Exception):
    """The database has sealed another number of leaves than the log holds: one of them was rolled back."""

    def __init__(self, *, database: int, log: int) -> None:
        told = "The database was rolled back" if database < log else "The log's folder was rolled back"
        super().__init__(
            f"{told}: it has sealed {database} entries, the log holds {log}. See docs/journal-format.md §9."
        )
        self.database, self.log = database, log


_LOOK = """
SELECT coalesce((SELECT size FROM journal_log WHERE origin = %(origin)s), 0), EXISTS (SELECT FROM journal_pending)
"""
_HELD = "SELECT size FROM journal_log WHERE origin = %(origin)s FOR UPDATE"
_BEGIN = "INSERT INTO journal_log (origin, size) VALUES (%(origin)s, 0) ON CONFLICT DO NOTHING"
_COLUMNS = ", ".join(f"e.{name}" for name in FIELDS[1:])
# ## What waits, with what its leaf is made of; an entry that is gone, or sealed already, is a finding ##
_WAITING = f"""
SELECT p.space_id, p.seq, h.secret, e.nonce, told.place, told.leaf_hash, held.place, held.leaf_hash,
  EXISTS (SELECT FROM journal_leaf l WHERE l.space_id = p.space_id AND l.seq = p.seq),
  EXISTS (SELECT FROM journal_leaf l WHERE l.space_id = p.space_id AND l.seq = p.seq - 1),
  CASE WHEN e.document_ids = '{{}}' THEN '{{}}' ELSE ARRAY(
    SELECT d.document_id FROM document d
    WHERE d.space_id = p.space_id AND d.document_id = ANY(e.document_ids) AND d.invisible_patient) END,
  former.at, {_COLUMNS}
FROM (SELECT space_id, seq FROM journal_pending ORDER BY space_id, seq LIMIT %(limit)s) p
JOIN journal_head h ON h.space_id = p.space_id
LEFT JOIN journal_entry e ON e.space_id = p.space_id AND e.seq = p.seq
LEFT JOIN journal_entry former ON former.space_id = p.space_id AND former.seq = p.seq - 1
LEFT JOIN LATERAL (SELECT l.place, l.leaf_hash FROM journal_leaf l WHERE l.space_id = p.space_id AND NOT l.held
  ORDER BY l.place DESC LIMIT 1) told ON true
LEFT JOIN LATERAL (SELECT l.place, l.leaf_hash FROM journal_leaf l WHERE l.space_id = p.space_id AND l.held
  ORDER BY l.place DESC LIMIT 1) held ON true
ORDER BY p.space_id, p.seq
"""
_SEAL = """
INSERT INTO journal_leaf (space_id, held, place, seq, leaf_index, sealed_at, leaf_hash, left_out)
SELECT s.space_id, s.held, s.place, s.seq, s.leaf_index, %(at)s, s.leaf_hash, s.left_out::uuid[]
FROM unnest(%(spaces)s::uuid[], %(held)s::boolean[], %(places)s::bigint[], %(seqs)s::bigint[], %(indices)s::bigint[],
            %(hashes)s::bytea[], %(left_out)s::text[])
  AS s(space_id, held, place, seq, leaf_index, leaf_hash, left_out)
"""
_DONE = """
DELETE FROM journal_pending p USING unnest(%(spaces)s::uuid[], %(seqs)s::bigint[]) AS s(space_id, seq)
WHERE p.space_id = s.space_id AND p.seq = s.seq
"""
_GROWN = "UPDATE journal_log SET size = %(size)s WHERE origin = %(origin)s"
_WHERE_IS = """
SELECT leaf_index FROM journal_leaf WHERE space_id = %(space)s AND held = %(held)s AND place = %(place)s
"""


async def seal_pending(
    database: Database,
    *,
    origin: str,
    size: int,
    at: datetime,
    watched_since: datetime,
    limit: int,
    stage: Callable[[Sequence[Sealed]], None],
) -> Batch:
    """Give what waits its place after the `size` leaves there are, in one transaction. Raises DatabaseDiffers.

    watched_since: when whoever asks began sealing without a pause. stage: keeps the leaves durably before the database
    commits; what it kept is complete if and only if it did.
    """
    async with work(space=None, at=at, database_=database) as w:
        look = await w.row(_LOOK, {"origin": origin})
        if look == (size, False):
            return Batch()
        await _hold(w, origin=origin, size=size)
        rows = await w.rows(_WAITING, {"limit": limit})
        if not rows:
            return Batch()
        sealed, findings = _leaves(rows, size=size, at=at, watched_since=watched_since)
        if sealed:
            stage(sealed)
            params = {
                "spaces": [one.space for one in sealed],
                "held": [one.held for one in sealed],
                "places": [one.place for one in sealed],
                "seqs": [one.seq for one in sealed],
                "left_out": ["{" + ",".join(map(str, one.left_out)) + "}" for one in sealed],
                "indices": [one.index for one in sealed],
                "hashes": [leaf_hash(one.leaf) for one in sealed],
                "at": at,
            }
            await w.execute(_SEAL, params)
            await w.execute(_GROWN, {"origin": origin, "size": size + len(sealed)})
        await w.execute(_DONE, {"spaces": [row[0] for row in rows], "seqs": [row[1] for row in rows]})
    return Batch(tuple(sealed), tuple(findings), len(rows))


async def was_sealed(database: Database, one: Sealed, *, origin: str, at: datetime) -> bool:
    """Whether the database committed this leaf (asked when nobody told: a crash, a connection lost in COMMIT).

    Waits for a transaction that is still on its way: it holds the log's row until its end.
    """
    async with work(space=None, at=at, database_=database) as w:
        await w.execute(_BEGIN, {"origin": origin})
        await w.row(_HELD, {"origin": origin})
        found = await w.row(_WHERE_IS, {"space": one.space, "held": one.held, "place": one.place})
    return found is not None and found[0] == one.index


async def _hold(w: Work, *, origin: str, size: int) -> None:
    await w.execute(_BEGIN, {"origin": origin})
    held = await w.row(_HELD, {"origin": origin})
    if held is None or held[0] != size:
        raise DatabaseDiffers(database=held[0] if held else 0, log=size)


class _Row(NamedTuple):
    """One line of _WAITING."""

    space: UUID
    seq: int
    secret: bytes
    nonce: bytes | None
    told_place: int | None
    told_hash: bytes | None
    held_place: int | None
    held_hash: bytes | None
    is_sealed: bool
    has_before: bool
    withheld: list[UUID]
    former_at: datetime | None


def _is_back_dated(dated: datetime, former: datetime | None, *, at: datetime, watched_since: datetime) -> bool:
    """Whether an entry says a time at which it was not written.

    It is dated before the entry it follows, in the future, or into a time when everything was sealed at once already.
    """
    if former is not None and dated < former - SLACK:
        return True
    return dated > at + SLACK or watched_since <= dated < at - SLACK


def _leaves(
    rows: Sequence[tuple[Any, ...]], *, size: int, at: datetime, watched_since: datetime
) -> tuple[list[Sealed], list[Finding]]:
    findings: list[Finding] = []
    growing = _Growing(int(at.astimezone(UTC).timestamp()))
    before = (UUID(int=0), 0)
    for values in rows:
        row = _Row(*values[: len(_Row._fields)])
        where = f"{row.space}:{row.seq}"
        if row.is_sealed or row.nonce is None:
            findings.append(Finding("replayed" if row.is_sealed else "deleted", where))
            continue
        if row.seq > 1 and not row.has_before and before != (row.space, row.seq - 1):
            findings.append(Finding("suppressed", f"{row.space}:{row.seq - 1}"))
        before = (row.space, row.seq)
        entry = dict(zip(FIELDS, (row.space, *values[len(_Row._fields) :]), strict=True))
        if _is_back_dated(entry["at"], row.former_at, at=at, watched_since=watched_since):
            findings.append(Finding("back-dated", where))
        growing.add(row, entry, nonce=bytes(row.nonce))
    return growing.placed(size), findings


class _Growing:
    """The leaves of one batch, and where each stream stands."""

    def __init__(self, seconds: int) -> None:
        self._sealed: list[Sealed] = []
        self._seconds = seconds
        self._heads: dict[tuple[UUID, bool], tuple[int, bytes]] = {}

    def add(self, row: _Row, entry: dict[str, Any], *, nonce: bytes) -> None:
        """Add an entry: as its person may be told of it, and whole in the held stream when that is not the same."""
        told, withheld = as_told(entry, row.withheld), tuple(row.withheld)
        if told is not None:
            self._append(row, told, held=False, nonce=told_nonce(nonce) if withheld else nonce, left_out=withheld)
        if withheld:
            self._append(row, entry, held=True, nonce=nonce, left_out=())

    def placed(self, size: int) -> list[Sealed]:
        """Return the leaves in the order of their labels, after `size` others.

        In the order they came, what is withheld would follow what is told of the same entry: a hole between a person's
        own leaves would count what they are not told of. A label says nothing to anybody.
        """
        ordered = sorted(self._sealed, key=lambda one: label_in(one.leaf))
        return [msgspec.structs.replace(one, index=size + at) for at, one in enumerate(ordered)]

    def _append(
        self, row: _Row, entry: dict[str, Any], *, held: bool, nonce: bytes, left_out: tuple[UUID, ...]
    ) -> None:
        stored = (row.held_place, row.held_hash) if held else (row.told_place, row.told_hash)
        place, previous = self._heads.get((row.space, held)) or (stored[0] or 0, bytes(stored[1] or NO_LEAF))
        data = leaf(
            seconds=self._seconds,
            key=stream_key(bytes(row.secret), held=held),
            place=place + 1,
            previous=previous,
            committed=commitment(entry, nonce=nonce),
        )
        self._sealed.append(Sealed(row.space, row.seq, held, place + 1, -1, data, left_out))
        self._heads[row.space, held] = (place + 1, leaf_hash(data))
