"""Which documents may this reader know of, matching these filters, in this order? Filtered before the query.

Facts, keys and rows come back in one round trip; the trace is durable before anything is returned. Filters on sealed
texts are the exception: rows the reader may know of are opened in memory, one space at a time (DESIGN §4).
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from carnet.access.api import Look, Need, SpaceFacts, look
from carnet.infra.vault import SpaceKeys
from carnet.journal.api import Act
from carnet.kernel.actors import Actor
from carnet.kernel.errors import Invalid, Problem
from carnet.kernel.ids import SpaceId
from carnet.records.data import DocumentEntry, DocumentMetadata, ResourceEntry
from carnet.records.queries.listing_statements import (
    ORDERS,
    RESOURCE_COLUMNS,
    DocumentQuery,
    Reading,
    Texts,
    counting_statement,
    listing_statement,
    to_entry,
)
from carnet.records.queries.sealed import open_metadata, open_resources
from carnet.records.queries.tracing import trace_list

MAX_COUNT = 100
SCAN = 500
"""Rows opened at a time when texts decide."""

Matching = Callable[[DocumentEntry, DocumentMetadata], bool]


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """The answer: entries, whether more follow, and the keys to open their texts. total: only when asked for."""

    entries: list[DocumentEntry]
    more: bool
    keys: SpaceKeys
    facts: SpaceFacts
    total: int | None = None


async def list_documents(
    *,
    actor: Actor,
    space: SpaceId,
    query: DocumentQuery,
    account: UUID | None = None,
    with_total: bool = False,
    matching: Matching | None = None,
    texts: Texts = Texts.METADATA,
    at: datetime,
) -> Listing:
    """Return one page of what `actor` may know of. Raises Refused; the refusal is journalled too.

    account: whose reading marks tell what is new (persons only). matching: a filter on opened metadata, applied after
    every other; only rows the reader may know of reach it. texts: what will be opened of the entries.
    """
    _check(query)
    reading = Reading(actor=actor, space=space, account=account, at=at, texts=texts)
    if matching is None:
        seen, entries, total = await _select(reading, query, with_total=with_total)
    else:
        seen, entries, total = await _scan(reading, query, matching, with_total=with_total)
    page = entries[: query.count]
    await _trace(seen, page)
    return Listing(entries=page, more=len(entries) > query.count, keys=seen.opened_keys, facts=seen.facts, total=total)


class Resources(msgspec.Struct, frozen=True, kw_only=True):
    """The answer as stored resources, opened, with the rows they come from. total: only when asked for."""

    entries: list[ResourceEntry]
    resources: list[bytes]
    more: bool
    total: int | None = None


async def list_resources(
    *, actor: Actor, space: SpaceId, query: DocumentQuery, with_total: bool = False, at: datetime
) -> Resources:
    """As `list_documents`, for whoever serves DocumentReferences as stored: nothing else leaves the database."""
    _check(query)
    reading = Reading(actor=actor, space=space, account=None, at=at)
    statements = [listing_statement(reading, query, limit=query.count + 1, select=RESOURCE_COLUMNS)]
    if with_total:
        statements.append(counting_statement(reading, query))
    seen = await look(actor=actor, space=space, at=at, statements=statements)
    rows = seen.rows[0]
    page = [ResourceEntry(*row) for row in rows[: query.count]]
    await _trace(seen, page)
    return Resources(
        entries=page,
        resources=open_resources(page, keys=seen.opened_keys),
        more=len(rows) > query.count,
        total=seen.rows[1][0][0] if with_total else None,
    )


def _check(query: DocumentQuery) -> None:
    if not 0 < query.count <= MAX_COUNT or query.order not in ORDERS:
        raise Invalid(Problem("count", "Nombre ou ordre demandé non valable.", "Count or order not valid.", "_count"))


async def _select(
    reading: Reading, query: DocumentQuery, *, with_total: bool
) -> tuple[Look, list[DocumentEntry], int | None]:
    """One row more than asked tells whether more follow."""
    statements = [listing_statement(reading, query, limit=query.count + 1)]
    if with_total:
        statements.append(counting_statement(reading, query))
    seen = await look(actor=reading.actor, space=reading.space, at=reading.at, statements=statements)
    return seen, [to_entry(row) for row in seen.rows[0]], seen.rows[1][0][0] if with_total else None


async def _scan(
    reading: Reading, query: DocumentQuery, matching: Matching, *, with_total: bool
) -> tuple[Look, list[DocumentEntry], int | None]:
    """Open rows until the page is full, or all of them when they must be counted."""
    kept: list[DocumentEntry] = []
    before_page = msgspec.structs.replace(query, after=None) if with_total else query
    total = 0
    while True:
        statement = listing_statement(reading, before_page, limit=SCAN)
        seen = await look(actor=reading.actor, space=reading.space, at=reading.at, statements=[statement])
        entries = [to_entry(row) for row in seen.rows[0]]
        if not seen.decide(Need.LIST).allowed:
            return seen, [], 0
        for entry in entries:
            if matching(entry, open_metadata(entry, keys=seen.opened_keys)):
                total += 1
                if _follows(entry, query):
                    kept.append(entry)
        if len(entries) < SCAN or (not with_total and len(kept) > query.count):
            return seen, kept, total if with_total else None
        before_page = msgspec.structs.replace(before_page, after=query.place_of(entries[-1]))


def _follows(entry: DocumentEntry, query: DocumentQuery) -> bool:
    if query.after is None:
        return True
    place = query.place_of(entry)
    return place < query.after if query.order.startswith("-") else place > query.after


async def _trace(seen: Look, page: Sequence[DocumentEntry | ResourceEntry]) -> None:
    documents = tuple(entry.document_id for entry in page)
    await trace_list(seen, seen.decide(Need.LIST), act=Act.LIST_DOCUMENTS, documents=documents)
