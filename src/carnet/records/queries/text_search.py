"""Which documents of this space answer these words, by their title or inside them? One space at a time, in memory.

The visible set comes filtered from the database exactly as a list does (READER, VISIBLE); only then are its words
opened. Nothing is kept between two questions and there is no index beyond one document, so what is hidden from a
reader cannot weigh on what they find: hits, order, counts, time. The words asked for are written nowhere.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from carnet.access.api import READER, VISIBLE, Look, Need, SpaceFacts, look, reader
from carnet.formats.searching.abbreviations_file import load_abbreviations
from carnet.formats.searching.finding import Piece, Snippet, Titles, marked, rank, snippet_of
from carnet.formats.searching.question import Question, understand
from carnet.formats.searching.words import VERSION, Stems
from carnet.infra.db import rows_in_one_trip
from carnet.infra.db.message import Statement
from carnet.infra.vault import SpaceKeys
from carnet.journal.api import Act
from carnet.kernel.actors import Actor
from carnet.kernel.errors import Invalid, Problem
from carnet.kernel.ids import SpaceId
from carnet.records.data import DocumentEntry, DocumentMetadata
from carnet.records.queries.kept_text import open_index, open_text
from carnet.records.queries.listing_statements import DocumentQuery, Reading, columns, listing_statement, to_entry
from carnet.records.queries.sealed import open_metadata
from carnet.records.queries.tracing import trace_list

AT_ONCE = 500
MOST_COUNT = 50
MOST_PAGES = 40
Naming = Callable[[DocumentEntry, DocumentMetadata], Sequence[str]]
"""What else than its title names a document to a reader: its kind and authors, in the reader's language."""
Choosing = Callable[[Sequence[UUID]], Sequence[UUID]]
"""Given all documents that answer, best first: those a page shows that has an order and filters of its own."""

_OF_TEXT = f"""
FROM document_text t WHERE t.space_id = d.space_id AND t.document_id = d.document_id AND t.analysis = {VERSION:d}
"""
# ## The words of documents found a moment ago, asked with the rights of now ##
_TEXTS = f"""
WITH {READER} SELECT d.document_id, (SELECT t.text_enc {_OF_TEXT}) FROM document d, reader
WHERE d.space_id = %(space)s AND d.document_id = ANY(%(ids)s) AND {VISIBLE}
"""


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked. words: as typed. within: filters, as of a list (its order, place and count do not matter).

    page: from 1; count: hits a page, at most MOST_COUNT.
    """

    words: str
    within: DocumentQuery
    page: int = 1
    count: int = 20


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """A document that answers. title: in pieces, what was found marked. snippet: words inside it, None when only its
    title, kind or authors answer.
    """

    entry: DocumentEntry
    metadata: DocumentMetadata
    title: tuple[Piece, ...]
    snippet: Snippet | None


class SearchResult(msgspec.Struct, frozen=True, kw_only=True):
    """hits: of the page asked for, best first; total: of all pages; wordless: documents looked through by title only,
    because their words are not (yet) taken out: scans, or deposited a moment ago.
    """

    hits: tuple[Hit, ...]
    total: int
    wordless: int
    more: bool
    keys: SpaceKeys
    facts: SpaceFacts


class _Candidate(msgspec.Struct, frozen=True):
    entry: DocumentEntry
    metadata: DocumentMetadata
    rank: int
    index_enc: bytes | None


async def search_documents(
    *,
    actor: Actor,
    space: SpaceId,
    search: Search,
    account: UUID | None = None,
    also: Naming | None = None,
    choosing: Choosing | None = None,
    at: datetime,
) -> SearchResult:
    """Return what `actor` may know of that answers. Raises Refused; the refusal is journalled too, Invalid.

    Order: documents whose title answers first, then those whose text does; newer first in each. account: whose reading
    marks tell what is new (persons only). also: other words that name a document. choosing: instead of page and count.
    """
    if not (0 < search.count <= MOST_COUNT and 0 < search.page <= MOST_PAGES):
        raise Invalid(Problem("page", "Page demandée non valable.", "Page not valid.", "page"))
    reading = Reading(actor=actor, space=space, account=account, at=at)
    stems = Stems()
    question = understand(search.words, known=load_abbreviations(), stems=stems)
    seen, found, wordless = await _scan(reading, search.within, question, stems, also)
    start = (search.page - 1) * search.count
    page = _chosen(found, choosing) if choosing else found[start : start + search.count]
    texts = await _texts(reading, page)
    shown = [one for one in page if one.entry.document_id in texts]
    await trace_list(
        seen,
        seen.decide(Need.LIST),
        act=Act.SEARCH_DOCUMENTS,
        documents=tuple(one.entry.document_id for one in shown),
    )
    hits = await asyncio.to_thread(_show, shown, texts, question, seen.opened_keys)
    return SearchResult(
        hits=tuple(hits),
        total=len(found) - (len(page) - len(shown)),
        wordless=wordless,
        more=not choosing and len(found) > start + search.count and search.page < MOST_PAGES,
        keys=seen.opened_keys,
        facts=seen.facts,
    )


async def _scan(
    reading: Reading, within: DocumentQuery, question: Question, stems: Stems, also: Naming | None
) -> tuple[Look, list[_Candidate], int]:
    """Go through the visible set, newest first, some hundred rows at a time; the sort by rank keeps that order."""
    found: list[_Candidate] = []
    wordless = 0
    query = msgspec.structs.replace(within, order="-date", after=None)
    select = f"{columns(reading.texts, marked=reading.account is not None)}, (SELECT t.index_enc {_OF_TEXT})"
    while True:
        statement = listing_statement(reading, query, limit=AT_ONCE, select=select)
        seen = await look(actor=reading.actor, space=reading.space, at=reading.at, statements=[statement])
        rows = seen.rows[0]
        if not seen.decide(Need.LIST).allowed:
            return seen, [], 0
        some, without = await asyncio.to_thread(_answering, rows, question, stems, also, seen.opened_keys)
        found += some
        wordless += without
        if len(rows) < AT_ONCE:
            return seen, sorted(found, key=lambda one: one.rank), wordless
        query = msgspec.structs.replace(query, after=query.place_of(to_entry(rows[-1][:-1])))


def _answering(
    rows: Sequence[tuple[object, ...]], question: Question, stems: Stems, also: Naming | None, keys: SpaceKeys
) -> tuple[list[_Candidate], int]:
    """Return the rows that answer, and how many have no words. In a thread: it is all memory and no waiting."""
    found, wordless, titles = [], 0, Titles(stems)
    for *row, sealed in rows:
        entry = to_entry(tuple(row))
        metadata = open_metadata(entry, keys=keys)
        index = open_index(sealed, document=entry.document_id, keys=keys) if isinstance(sealed, bytes) else None
        wordless += index is None or not index.sequence.strip(b"\0")
        names = (metadata.title, *(also(entry, metadata) if also else ()))
        place = rank(question, title=titles.of(names), index=index) if question.parts else None
        if place is not None:
            found.append(_Candidate(entry, metadata, place, sealed if isinstance(sealed, bytes) else None))
    return found, wordless


def _chosen(found: Sequence[_Candidate], choosing: Choosing) -> list[_Candidate]:
    by_id = {one.entry.document_id: one for one in found}
    return [by_id[one] for one in dict.fromkeys(choosing(tuple(by_id))) if one in by_id]


async def _texts(reading: Reading, page: Sequence[_Candidate]) -> dict[UUID, bytes | None]:
    """Return the words of hits that are still visible now, by document."""
    if not page:
        return {}
    params = {"space": reading.space, "at": reading.at, "ids": [one.entry.document_id for one in page]}
    statement = Statement(_TEXTS, params | reader(reading.actor, at=reading.at).params())
    rows = (await rows_in_one_trip([statement], space=reading.space))[0]
    return dict(rows)


def _show(
    page: Sequence[_Candidate], texts: dict[UUID, bytes | None], question: Question, keys: SpaceKeys
) -> list[Hit]:
    stems = Stems()
    return [
        Hit(
            entry=one.entry,
            metadata=one.metadata,
            title=marked(one.metadata.title, question=question, stems=stems),
            snippet=_snippet(one, texts[one.entry.document_id], question, keys),
        )
        for one in page
    ]


def _snippet(one: _Candidate, sealed: bytes | None, question: Question, keys: SpaceKeys) -> Snippet | None:
    if sealed is None or one.index_enc is None:
        return None
    document = one.entry.document_id
    text = open_text(sealed, document=document, keys=keys)
    index = open_index(one.index_enc, document=document, keys=keys)
    return snippet_of(question, index=index, pages=text.pages, numbered=text.numbered)
