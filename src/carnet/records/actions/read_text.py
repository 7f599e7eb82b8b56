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

from carnet.formats.page_texts import PageTexts, picture_of_page, read_pages
from carnet.formats.recognition import recognise, recogniser
from carnet.infra.db import Work, work
from carnet.infra.installation import current
from carnet.infra.jobs.outbox import publish
from carnet.infra.vault import SpaceKeys
from carnet.kernel.errors import CarnetError, Invalid, NotFound, TooLarge
from carnet.kernel.ids import SpaceId
from carnet.records.events import PagesWaiting
from carnet.records.queries.kept_text import Standing, open_text, seal_index, seal_text, standing_of
from carnet.records.rules.text_index import KeptText, make_index
from carnet.records.rules.words import VERSION, Stems
from carnet.spaces.api import keys_in

MOST_RECOGNISED: Final = 100
"""Pages of one document that are recognised; the others stay pictures."""
_A_TURN: Final = 20.0
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
    """Keep the words of `document`; scans wait for their turn when they can be recognised here.

    Raises Unavailable when the store or the database does not answer: tried again later.
    """
    found = await _bytes_of(space, document, at)
    if found is None:
        return
    standing, keys, data = found
    if standing.analysis == VERSION and (standing.state != "pictures" or recogniser() is None):
        return
    try:
        texts = await _elsewhere(lambda: read_pages(data))
    except (Invalid, TooLarge):
        texts = None
    waiting = _recognisable(texts) if texts else ()
    await _keep(space, document, keys, texts or PageTexts(pages=()), waiting, at, readable=texts is not None)


async def recognise_pages(*, space: SpaceId, document: UUID, at: datetime) -> None:
    """Recognise pages that wait, for some twenty seconds; what is left becomes another job.

    Without a recogniser on this machine nothing happens. Raises as `read_text`.
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
    until = time.monotonic() + _A_TURN
    while waiting and time.monotonic() < until:
        number = waiting.pop(0)
        pages[number - 1] = await _elsewhere(partial(_recognised, data, number, program))
    texts = PageTexts(pages=tuple(pages), numbered=kept.numbered)
    await _keep(space, document, keys, texts, tuple(waiting), at)


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


async def _keep(
    space: SpaceId,
    document: UUID,
    keys: SpaceKeys,
    texts: PageTexts,
    waiting: tuple[int, ...],
    at: datetime,
    *,
    readable: bool = True,
) -> None:
    """Keep the words of a document; waiting: numbers of pages still to be recognised. Nothing when it was deleted."""
    index = await _elsewhere(lambda: make_index(texts.pages, stems=Stems()))
    wordless = not any(texts.pages)
    state = "recognising" if waiting else "pictures" if wordless else "read"
    params = {
        "state": state if readable else "unreadable",
        "analysis": VERSION,
        "pages": len(texts.pages),
        "waiting": list(waiting),
        "text": seal_text(KeptText(texts.pages, texts.numbered), document=document, keys=keys),
        "index": seal_index(index, document=document, keys=keys),
        "at": at,
        "space": space,
        "document": document,
    }
    async with work(space=space, at=at) as w:
        if await w.execute(_KEEP, params) and waiting:
            await _ask_for_more(w, document)


async def _ask_for_more(w: Work, document: UUID) -> None:
    await publish(w, PagesWaiting(space=w.space_id, document=document), patient=True)


def _recognisable(texts: PageTexts) -> tuple[int, ...]:
    return texts.pictures[:MOST_RECOGNISED] if recogniser() else ()


def _recognised(data: bytes, page: int, program: str) -> str:
    try:
        return recognise(picture_of_page(data, page=page), program=program)
    except CarnetError:
        return ""


async def _elsewhere(make: Callable[[], _Made]) -> _Made:
    return await asyncio.get_running_loop().run_in_executor(_AT_ONCE, make)
