"""The journal to take away with everything that proves it (docs/journal-format.md §5), a piece at a time.

Entries are those the person may be told of, as they were sealed, each with the sentence of the page beside it; what is
not sealed yet is listed apart. It proves nothing by itself: `carnet verify-journal` and the page's script do.
"""

import asyncio
import base64
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

import msgspec

from carnet.access.api import Need
from carnet.design.language import Language
from carnet.identity.api import SignedIn
from carnet.interfaces.portal.presenters.sentences import sentence
from carnet.interfaces.portal.sources.journal import grantees, titles_of, to_trace
from carnet.interfaces.portal.sources.own_space import own_space, space_of
from carnet.journal.api import (
    Act,
    LogView,
    SealedEntry,
    announced_entries,
    published_log,
    record,
    told_entries,
    told_key,
    waiting_entries,
    written,
)
from carnet.kernel.decisions import Ground, allow

FORMAT = "carnet-journal/1"
BATCH = 500


async def sealed_journal(*, signed_in: SignedIn, at: datetime, language: Language) -> AsyncIterator[bytes]:
    """Yield the export as one JSON object, after writing that the journal was exported."""
    async with own_space(signed_in, need=Need.LIST, at=at) as work:
        await record(work, Act.EXPORT_JOURNAL, allow(Ground.OWN_SPACE), actor=signed_in.actor)
        key = await told_key(work)
    log, indices, after = published_log(), list[int](), 0
    head: dict[str, Any] = {
        "format": FORMAT,
        "made": at,
        "space": space_of(signed_in),
        "key": key.hex(),
        "log": {"origin": log.origin, "keys": log.keys, "quorum": log.quorum},
        "checkpoint": log.checkpoint,
    }
    yield msgspec.json.encode(head)[:-1] + b',"entries":['
    while True:
        async with own_space(signed_in, need=Need.LIST, at=at) as work:
            found = await told_entries(work, after=after, size=log.size, limit=BATCH)
        rows = await _rows(found, log, signed_in=signed_in, at=at, language=language)
        yield (b",\n" if after and rows else b"\n") + b",\n".join(rows)
        indices += [one.index for one in found]
        if len(found) < BATCH:
            break
        after = found[-1].number
    async with own_space(signed_in, need=Need.LIST, at=at) as work:
        announced = await announced_entries(work, size=log.size)
        waiting = await waiting_entries(work, size=log.size)
    later = await _rows(announced, log, signed_in=signed_in, at=at, language=language)
    yield b'],"announced":[' + b",\n".join(later)
    yield b'],"waiting":[' + b",\n".join(await _rows(waiting, None, signed_in=signed_in, at=at, language=language))
    indices += [one.index for one in announced]
    proof = await asyncio.to_thread(lambda: [_text(one) for one in log.proof(indices)])
    yield b'],"proof":' + msgspec.json.encode(proof) + b"}\n"


async def _rows(
    found: Sequence[SealedEntry], log: LogView | None, *, signed_in: SignedIn, at: datetime, language: Language
) -> list[bytes]:
    """Write entries; without a log (not sealed yet) they have neither number nor leaf."""
    entries = [one.entry for one in found]
    async with own_space(signed_in, need=Need.LIST, at=at) as work:
        names = await grantees(work, entries)
    titles = await titles_of(entries, signed_in=signed_in, at=at)
    rows = []
    for one, entry in zip(found, entries, strict=True):
        trace = to_trace(entry, titles=titles, names=names)
        place: dict[str, Any] = {} if log is None else {"index": one.index, "leaf": _text(log.leaf(one.index))}
        if one.number:
            place["number"] = one.number
        row = place | {
            "nonce": _text(one.nonce),
            "entry": written(one.fields),
            "sentence": sentence(trace, language),
            "document_title": trace.document_title or None,
        }
        rows.append(msgspec.json.encode(row))
    return rows


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
