"""The words of a document are taken out of it, sealed with its space's key, so that its readers can search inside.

Done by the worker after the deposit, never on its way: a document nobody can read the words of is kept all the same.
Not a trace: a machine reads what was just given to it and shows it to nobody; each showing has its own.
Idempotent: done again, the same row comes out.
"""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Final, TypeVar
from uuid import UUID

import msgspec

from carnet.formats.page_texts import PageTexts, picture_of_page, read_pages
from carnet.formats.recognition import recognise, recogniser
from carnet.formats.searching.text_index import KeptText, make_index
from carnet.formats.searching.words import VERSION, Stems
from carnet.infra.db import Work, work
from carnet.infra.installation import current
from carnet.infra.jobs.outbox import publish
from carnet.infra.vault import SpaceKeys
from carnet.kernel.errors import CarnetError, Invalid, NotFound, TooLarge
from carnet.kernel.ids import SpaceId
from carnet.records.events import PagesWaiting
from carnet.records.queries.kept_text import Standing, open_text, seal_index, seal_text, standing_of
from carnet.spaces.api import keys_in

MOST_RECOGNISED: Final = 100
"""Pages of one document that are recognised; the others stay pictures."""
_A_TURN: Final = 40.0
"""Seconds, in which pages are drawn and recognised: with the storing, less than the worker gives a job."""
_A_PAGE: Final = 10.0
"""Seconds under which no other page is begun: it has the whole of the next turn instead."""
_AT_ONCE: Final = ThreadPoolExecutor(max_workers=2, thread_name_prefix="texts")
_Made = TypeVar("_Made")

# Written only while the document is there: its deletion removes the words, and they must not come back.
_KEEP = """
INSERT INTO document_text (space_id, document_id, state, analysis, pages, waiting, text_enc, index_enc, changed_at)
SELECT d.space_id, d.document_id, %(state)s, %(analysis)s, %(pages)s, %(waiting)s, %(text)s, %(index)s, %(at)s
FROM document d WHERE d.space_id = %(space)s AND d.document_id = %(document)s AND d.status <> 'deleted'
FOR SHARE OF d
ON CONFLICT (space_id, document_id) DO UPDATE SET state = excluded.state, analysis = excluded.analysis,
  pages = excluded.pages, waiting = excluded.waiting, text_enc = excluded.text_enc, index_enc = excluded.index_enc,
  changed_at = excluded.changed_at
"""
_FORGET = "DELETE FROM document_text WHERE space_id = %(space)s AND document_id = %(document)s"


async def read_text(*, space: SpaceId, document: UUID, at: datetime) -> None:
    """Keep the words of `document`; pages that are pictures wait for their turn, and for a machine that reads them.

    Raises Unavailable when the store or the database does not answer: tried again later.
    """
    found = await _bytes_of(space, document, at)
    if found is None:
        return
    standing, keys, data = found
    if standing.analysis == VERSION:
        if standing.waiting and recogniser():
            async with work(space=space, at=at) as w:
                await Keeping(space, document, keys, at).ask(w)
        return
    try:
        texts = await _elsewhere(lambda: read_pages(data))
    except (Invalid, TooLarge):
        texts = None
    waiting = texts.pictures[:MOST_RECOGNISED] if texts else ()
    keeping = Keeping(space, document, keys, at)
    await keeping.keep(texts, waiting, go_on=recogniser() is not None)


async def recognise_pages(*, space: SpaceId, document: UUID, at: datetime) -> None:
    """Recognise pages that wait, for some forty seconds, each kept as soon as it is read; the rest is another job.

    A page that takes longer than a whole turn has no words. Without a recogniser on this machine nothing happens.
    Raises as `read_text`.
    """
    program = recogniser()
    found = await _bytes_of(space, document, at)
    if found is None or program is None:
        return
    standing, keys, data = found
    if standing.text_enc is None or not standing.waiting:
        return
    kept = open_text(standing.text_enc, document=document, keys=keys)
    pages, waiting = list(kept.pages), list(standing.waiting)
    until, keeping = time.monotonic() + _A_TURN, Keeping(space, document, keys, at)
    first = waiting[0]
    while waiting and (waiting[0] == first or until - time.monotonic() > _A_PAGE):
        words = await _elsewhere(partial(_recognised, data, waiting[0], program, until))
        if words is None and waiting[0] != first:
            break
        pages[waiting.pop(0) - 1] = words or ""
        texts = PageTexts(pages=tuple(pages), numbered=kept.numbered)
        await keeping.keep(texts, tuple(waiting), go_on=False)
    if waiting:
        async with work(space=space, at=at) as w:
            await keeping.ask(w)


async def forget_text(*, space: SpaceId, document: UUID, at: datetime) -> None:
    """Remove the words of a deleted document; the deletion is the trace."""
    async with work(space=space, at=at) as w:
        await w.execute(_FORGET, {"space": space, "document": document})


async def _bytes_of(space: SpaceId, document: UUID, at: datetime) -> tuple[Standing, SpaceKeys, bytes] | None:
    """Return how far the words of a document are, its keys and its bytes; None when it or its space is gone."""
    try:
        async with work(space=space, at=at) as w:
            standing, keys = await standing_of(w, document=document), await keys_in(w)
    except NotFound:
        return None
    if standing is None or not standing.there:
        return None
    blob = await current().blobs.open(standing.blob_id, keys=keys, space_id=space, size=standing.size)
    return standing, keys, await blob.read()


class Keeping(msgspec.Struct, frozen=True):
    """Where the words of one document are kept."""

    space: SpaceId
    document: UUID
    keys: SpaceKeys
    at: datetime

    async def keep(self, texts: PageTexts | None, waiting: tuple[int, ...], *, go_on: bool) -> None:
        """Keep words (None: nobody can read them). waiting: numbers of the pages still to be recognised; go_on: have
        them recognised. Nothing happens when the document was deleted.
        """
        pages, numbered = (texts.pages, texts.numbered) if texts else ((), True)
        index = await _elsewhere(lambda: make_index(pages, stems=Stems()))
        wordless = "recognising" if waiting else "pictures"
        params = {
            "state": "unreadable" if texts is None else "read" if any(pages) and not waiting else wordless,
            "analysis": VERSION,
            "pages": len(pages),
            "waiting": list(waiting),
            "text": seal_text(KeptText(pages, numbered), document=self.document, keys=self.keys),
            "index": seal_index(index, document=self.document, keys=self.keys),
            "at": self.at,
            "space": self.space,
            "document": self.document,
        }
        async with work(space=self.space, at=self.at) as w:
            if await w.execute(_KEEP, params) and waiting and go_on:
                await self.ask(w)

    async def ask(self, w: Work) -> None:
        """Have the pages that wait recognised, when nothing else is to be done."""
        await publish(w, PagesWaiting(space=self.space, document=self.document), patient=True)


def _recognised(data: bytes, page: int, program: str, until: float) -> str | None:
    """The words of one page, "" when it cannot be drawn, None when there was no time left for it."""
    try:
        picture = picture_of_page(data, page=page)
    except CarnetError:
        return ""
    return recognise(picture, program=program, seconds=max(until - time.monotonic(), 0.1))


async def _elsewhere(make: Callable[[], _Made]) -> _Made:
    return await asyncio.get_running_loop().run_in_executor(_AT_ONCE, make)
