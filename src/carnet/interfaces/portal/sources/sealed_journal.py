"""The journal to take away with everything that proves it (docs/journal-format.md §5), a piece at a time.

Entries are those the person may be told of, as they were sealed, each with the sentence of the page beside it; what is
not sealed yet is listed apart. It proves nothing by itself: `carnet verify-journal` and the page's script do.
"""

import asyncio
import base64
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from carnet.access.api import Need, kept_apart
from carnet.design.language import Language
from carnet.identity.api import SignedIn
from carnet.infra import clock
from carnet.interfaces.portal.presenters.sentences import sentence
from carnet.interfaces.portal.sources.journal import grantees, single_documents, titles_of, to_trace
from carnet.interfaces.portal.sources.own_rules import own_look
from carnet.interfaces.portal.sources.own_space import own_space, space_of
from carnet.journal.api import (
    Act,
    JournalEntry,
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


async def proved_for_the_whole(*, signed_in: SignedIn, at: datetime) -> bool:
    """Tell whether this session may see the whole journal: a proof leaves nothing out, not even what is kept apart."""
    async with own_look(signed_in, need=Need.LIST, at=at) as (_, seen):
        keeps = bool(seen.facts.guarded_types or seen.facts.guarded_documents)
    return not keeps or kept_apart(signed_in.actor, at=at) is None


async def sealed_journal(
    *, signed_in: SignedIn, at: datetime, language: Language, act: Act = Act.EXPORT_JOURNAL
) -> AsyncIterator[bytes]:
    """Yield the export as one JSON object, after writing what was done with the journal (`act`)."""
    async with own_space(signed_in, need=Need.LIST, at=at) as work:
        await record(work, act, allow(Ground.OWN_SPACE), actor=signed_in.actor)
        key = await told_key(work)
    tell = _Tell(signed_in=signed_in, act=act, language=language)
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
        async with own_space(signed_in, need=Need.LIST, at=clock.now()) as work:
            found = await told_entries(work, after=after, size=log.size, limit=BATCH)
        rows = await tell.rows(found, log)
        yield (b",\n" if after and rows else b"\n") + b",\n".join(rows)
        indices += [one.index for one in found]
        if len(found) < BATCH:
            break
        after = found[-1].number
    async with own_space(signed_in, need=Need.LIST, at=clock.now()) as work:
        announced = await announced_entries(work, size=log.size)
        waiting = await waiting_entries(work, size=log.size)
    later = await tell.rows(announced, log)
    yield b'],"announced":[' + b",\n".join(later)
    yield b'],"waiting":[' + b",\n".join(await tell.rows(waiting, None))
    indices += [one.index for one in announced]
    proof = await asyncio.to_thread(lambda: [_text(one) for one in log.proof(indices)])
    yield b'],"proof":' + msgspec.json.encode(proof) + b"}\n"


class _Tell(msgspec.Struct, frozen=True, kw_only=True):
    """Writes entries; with the page's words beside them when they are taken away.

    A long journal is sent for minutes: what each batch leaves behind is dated when it was.
    """

    signed_in: SignedIn
    act: Act
    language: Language

    async def rows(self, found: Sequence[SealedEntry], log: LogView | None) -> list[bytes]:
        """Write entries; without a log (not sealed yet) they have neither number nor leaf."""
        words = await self._words([one.entry for one in found]) if found and self.act is Act.EXPORT_JOURNAL else None
        rows = []
        for at, one in enumerate(found):
            place: dict[str, Any] = {} if log is None else {"index": one.index, "leaf": _text(log.leaf(one.index))}
            if one.number:
                place["number"] = one.number
            row = place | {"nonce": _text(one.nonce), "entry": written(one.fields)} | (words[at] if words else {})
            rows.append(msgspec.json.encode(row))
        return rows

    async def _words(self, entries: Sequence[JournalEntry]) -> list[dict[str, Any]]:
        at = clock.now()
        async with own_space(self.signed_in, need=Need.LIST, at=at) as work:
            names = await grantees(work, entries)
        titles: dict[UUID, str] = {}
        if single_documents(entries):
            titles = await titles_of(entries, signed_in=self.signed_in, act=self.act, at=at)
        traces = [to_trace(entry, titles=titles, names=names) for entry in entries]
        return [
            {"sentence": sentence(trace, self.language), "document_title": trace.document_title or None}
            for trace in traces
        ]


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
