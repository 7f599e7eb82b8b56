"""What a page needs of a space, brought together: several lists, counts and other rows in one trip, under one trace.

A page that showed three short lists wrote three traces, and a journal that showed titles wrote one more about itself.
Here every document that is named is in the page's single trace, which is durable before anything is returned.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from carnet.access.api import Need, SpaceFacts, look
from carnet.infra.db.message import Rows, Statement
from carnet.infra.vault import SpaceKeys
from carnet.journal.api import Act
from carnet.kernel.actors import Actor
from carnet.kernel.ids import SpaceId
from carnet.records.data import DocumentEntry
from carnet.records.queries.listing_statements import (
    DocumentQuery,
    Reading,
    counting_statement,
    listing_statement,
    naming_statement,
    news_statement,
    to_entry,
    to_news,
)
from carnet.records.queries.tracing import trace_list

MOST_NAMED = 500
"""Documents named beside the lists: a page of the journal, not the whole of it."""

Naming = Callable[[Sequence[Rows]], Iterable[UUID]]
Showing = Callable[[Sequence[list[DocumentEntry]]], Iterable[DocumentEntry]]
Besides = Callable[[Sequence[Rows]], Iterable[tuple[Act, Need]]]


class Together(msgspec.Struct, frozen=True, kw_only=True):
    """One entry list a query, one total a count, the rows of each statement beside, and documents by id.

    news: what is new to the person, or else the newest; unread: how many are new.
    """

    lists: tuple[list[DocumentEntry], ...]
    counts: tuple[int, ...]
    news: list[DocumentEntry]
    unread: int
    beside: list[Rows]
    named: dict[UUID, DocumentEntry]
    keys: SpaceKeys
    facts: SpaceFacts


def nobody(_: Sequence[Rows]) -> Iterable[UUID]:
    """Return no document to name."""
    return ()


def everything(lists: Sequence[list[DocumentEntry]]) -> Iterable[DocumentEntry]:
    """Return all that was read."""
    return (entry for entries in lists for entry in entries)


async def list_together(
    *,
    actor: Actor,
    space: SpaceId,
    lists: Sequence[DocumentQuery] = (),
    counts: Sequence[DocumentQuery] = (),
    news: DocumentQuery | None = None,
    beside: Sequence[Statement] = (),
    among: Statement | None = None,
    naming: Naming = nobody,
    showing: Showing = everything,
    besides: Besides | None = None,
    account: UUID | None = None,
    act: Act = Act.LIST_DOCUMENTS,
    at: datetime,
) -> Together:
    """Return what `actor` may know of, for one page. Raises Refused; the refusal is journalled too.

    beside: statements of other capabilities on the same space; the decision to list the space covers them. news: what
    is new of these, or else the newest. among: asks for the ids of documents the page will name besides its lists;
    naming: the same, out of the rows of `beside` (a second trip, only when needed). showing: of what the lists brought,
    what the page will show, in its order: the trace and its receipt say that, no more. act: what the page is, in the
    journal. besides: what else the page shows, out of the rows of `beside`: each has its own trace, in the same trip.
    """
    reading = Reading(actor=actor, space=space, account=account, at=at)
    asked = [
        *(listing_statement(reading, query, limit=query.count) for query in lists),
        *(counting_statement(reading, query) for query in counts),
        *([news_statement(reading, news)] if news else ()),
        *([naming_statement(reading, among, limit=MOST_NAMED)] if among else ()),
    ]
    seen = await look(actor=actor, space=space, at=at, statements=[*asked, *beside])
    decision = seen.decide(Need.LIST)
    rows, others = iter(seen.rows[: len(asked)]), seen.rows[len(asked) :]
    found = [[to_entry(row) for row in next(rows)] for _ in lists]
    totals = tuple(next(rows)[0][0] for _ in counts)
    fresh, unread = to_news(next(rows)) if news else ([], 0)
    listed = {entry.document_id: entry for entry in (*everything(found), *fresh)}
    named = {entry.document_id: entry for entry in map(to_entry, next(rows) if among else ())}
    if decision.allowed:
        named |= await _name(reading, [one for one in dict.fromkeys(naming(others)) if one not in listed])
    shown = [entry.document_id for entry in (*showing(found), *fresh)]
    documents = tuple(dict.fromkeys([*shown, *named]))
    more = tuple(besides(others)) if besides else ()
    await trace_list(seen, decision, act=act, documents=documents, besides=more)
    return Together(
        lists=tuple(found),
        counts=totals,
        news=fresh,
        unread=unread,
        beside=others,
        named=listed | named,
        keys=seen.opened_keys,
        facts=seen.facts,
    )


async def _name(reading: Reading, wanted: Sequence[UUID]) -> dict[UUID, DocumentEntry]:
    if not wanted:
        return {}
    query = DocumentQuery(ids=tuple(wanted[:MOST_NAMED]))
    statement = listing_statement(reading, query, limit=MOST_NAMED)
    seen = await look(actor=reading.actor, space=reading.space, at=reading.at, statements=[statement])
    return {entry.document_id: entry for entry in map(to_entry, seen.rows[0])}
