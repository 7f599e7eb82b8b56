"""What a person takes away: each entry they may be told of with what proves it, and what still waits to be sealed."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from carnet.infra.db import Work
from carnet.journal.data import JournalEntry
from carnet.journal.rules.leaves import FIELDS, as_told, stamp, stream_key, told_nonce


class SealedEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry as sealed. number: its place among what the person is told, 0: announced later; index: in the log."""

    number: int
    index: int
    nonce: bytes
    fields: dict[str, Any]

    @property
    def entry(self) -> JournalEntry:
        """The same entry as pages know it."""
        return to_entry(self.fields)


_COLUMNS = ", ".join(f"e.{name}" for name in FIELDS)
_KEY = "SELECT secret FROM journal_head WHERE space_id = %(space)s"
# ## What is sealed in the person's stream, in order ##
_TOLD = f"""
SELECT l.place, l.leaf_index, e.nonce, l.left_out, {_COLUMNS}
FROM journal_leaf l JOIN journal_entry e ON e.space_id = l.space_id AND e.seq = l.seq
WHERE l.space_id = %(space)s AND NOT l.held AND l.place > %(after)s AND l.leaf_index < %(size)s
ORDER BY l.place LIMIT %(limit)s
"""
# ## What was withheld when it was sealed and may be told now ##
_ANNOUNCED = f"""
SELECT 0, l.leaf_index, e.nonce, '{{}}'::uuid[], {_COLUMNS}
FROM journal_leaf l JOIN journal_entry e ON e.space_id = l.space_id AND e.seq = l.seq
WHERE l.space_id = %(space)s AND l.held AND l.leaf_index < %(size)s AND NOT EXISTS (
  SELECT FROM document d WHERE d.space_id = e.space_id AND d.document_id = ANY(e.document_ids) AND d.invisible_patient)
ORDER BY l.place
"""
# ## What is committed and not in the published log yet ##
_WAITING = f"""
SELECT 0, 0, e.nonce, ARRAY(
  SELECT d.document_id FROM document d
  WHERE d.space_id = e.space_id AND d.document_id = ANY(e.document_ids) AND d.invisible_patient), {_COLUMNS}
FROM journal_entry e WHERE e.space_id = %(space)s AND NOT EXISTS (
  SELECT FROM journal_leaf l WHERE l.space_id = e.space_id AND l.seq = e.seq AND l.leaf_index < %(size)s)
ORDER BY e.seq
"""


async def told_key(work: Work) -> bytes:
    """Return the key with which the person's leaves are found in the public log."""
    row = await work.row(_KEY, {"space": work.space_id})
    return stream_key(bytes(row[0]), held=False) if row else bytes(32)


async def told_entries(work: Work, *, after: int, size: int, limit: int) -> list[SealedEntry]:
    """Return entries number `after` + 1 and on, as sealed below `size` leaves."""
    params = {"space": work.space_id, "after": after, "size": size, "limit": limit}
    return _read(await work.rows(_TOLD, params))


async def announced_entries(work: Work, *, size: int) -> list[SealedEntry]:
    """Return, whole, what was withheld when it happened and was announced since."""
    return _read(await work.rows(_ANNOUNCED, {"space": work.space_id, "size": size}))


async def waiting_entries(work: Work, *, size: int) -> list[SealedEntry]:
    """Return what the published log of `size` leaves does not hold yet."""
    return _read(await work.rows(_WAITING, {"space": work.space_id, "size": size}))


def _read(rows: Sequence[tuple[Any, ...]]) -> list[SealedEntry]:
    found = []
    for number, index, nonce, left_out, *values in rows:
        whole = dict(zip(FIELDS, values, strict=True))
        told = as_told(whole, left_out)
        if told is not None:
            key = told_nonce(bytes(nonce)) if left_out else bytes(nonce)
            found.append(SealedEntry(number=number, index=index, nonce=key, fields=told))
    return found


def to_entry(fields: dict[str, Any]) -> JournalEntry:
    """Return the entry of these columns, without its number in the space, which pages do not tell."""
    known = {name: fields[name] for name in FIELDS if name != "space_id"}
    return JournalEntry(seq=0, **{**known, "document_ids": tuple(UUID(str(one)) for one in fields["document_ids"])})


def written(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields as an export writes them: what the commitment is made of, no more."""
    return {**{name: fields[name] for name in FIELDS}, "at": stamp(fields["at"])}
