"""The whole journal against the public log: what a database administrator changed after it was sealed.

Every leaf is recomputed from its row and compared with the one the witnesses saw, and every leaf they saw has its
row. Reads everything once, by pages: for the night, for after a restore, and for whoever doubts. It changes nothing and
shows no content: ids and numbers.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from carnet.infra.db.database import Database
from carnet.infra.db.work import work
from carnet.journal.log.view import LogView
from carnet.journal.rules.findings import Finding
from carnet.journal.rules.leaves import (
    FIELDS,
    NO_LEAF,
    as_told,
    commitment,
    commitment_in,
    label,
    label_in,
    leaf_hash,
    link,
    stream_key,
    told_nonce,
)

PAGE = 1_000
_COLUMNS = ", ".join(f"e.{name}" for name in FIELDS[1:])
# ## Every leaf with its row, in the order of the streams ##
_LEAVES = f"""
SELECT l.space_id, l.held, l.place, l.seq, l.leaf_index, l.left_out, h.secret, e.nonce, {_COLUMNS}
FROM journal_leaf l JOIN journal_head h ON h.space_id = l.space_id
LEFT JOIN journal_entry e ON e.space_id = l.space_id AND e.seq = l.seq
WHERE (l.space_id, l.held, l.place) > (%(space)s, %(held)s, %(place)s) AND l.leaf_index < %(size)s
ORDER BY l.space_id, l.held, l.place LIMIT %(limit)s
"""
# ## Rows that are neither sealed nor waiting: they came in by another door ##
_STRAY = """
SELECT e.space_id, e.seq FROM journal_entry e
WHERE NOT EXISTS (SELECT FROM journal_leaf l WHERE l.space_id = e.space_id AND l.seq = e.seq)
  AND NOT EXISTS (SELECT FROM journal_pending p WHERE p.space_id = e.space_id AND p.seq = e.seq)
ORDER BY 1, 2 LIMIT %(limit)s
"""
_START = UUID(int=0)


async def audit(database: Database, *, log: LogView, at: datetime) -> AsyncIterator[Finding]:
    """Yield what does not agree, by kind and place. database: as carnet_sequencer."""
    rowless = bytearray(b"\1") * log.size
    after: tuple[UUID, bool, int] = (_START, False, 0)
    stream: tuple[UUID, bool] | None = None
    place, previous = 0, NO_LEAF
    while True:
        params = {"space": after[0], "held": after[1], "place": after[2], "size": log.size, "limit": PAGE}
        async with work(space=None, at=at, database_=database) as w:
            rows = await w.rows(_LEAVES, params)
        for row in rows:
            if stream != row[:2]:
                stream, place, previous = row[:2], 0, NO_LEAF
            sealed = log.leaf(row[4])
            for kind in _differences(row, sealed, place=place, previous=previous):
                yield Finding(kind, f"{row[0]}:{row[3]}")
            if not rowless[row[4]]:
                yield Finding("replayed", f"{row[0]}:{row[3]}")
            rowless[row[4]] = 0
            place, previous = row[2], leaf_hash(sealed)
        if len(rows) < PAGE:
            break
        after = rows[-1][:3]
    for index in islice((at for at, one in enumerate(rowless) if one), PAGE):
        yield Finding("truncated", f"leaf:{index}")
    async with work(space=None, at=at, database_=database) as w:
        for space, seq in await w.rows(_STRAY, {"limit": PAGE}):
            yield Finding("inserted", f"{space}:{seq}")


def _differences(row: tuple[Any, ...], sealed: bytes, *, place: int, previous: bytes) -> list[str]:
    """Return what is wrong with one leaf. place, previous: of the leaf before it in its stream."""
    space, held, number, _, _, left_out, secret, nonce, *values = row
    key, found = stream_key(bytes(secret), held=held), []
    if number != place + 1:
        found.append("deleted")
    if label_in(sealed) != label(key, number):
        found.append("swapped")
    elif number == place + 1 and sealed[41:73] != link(key, previous):
        found.append("broken-chain")
    if nonce is None:
        return [*found, "deleted"]
    entry = dict(zip(FIELDS, (space, *values), strict=True))
    told = entry if held else as_told(entry, left_out)
    used = told_nonce(bytes(nonce)) if left_out and not held else bytes(nonce)
    if told is None or commitment(told, nonce=used) != commitment_in(sealed):
        found.append("edited")
    return found
