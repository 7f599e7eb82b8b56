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
    to_entry,
)
from carnet.records.queries.tracing import trace_list

MOST_NAMED = 500
"""Documents named beside the lists: a page of the journal, not the whole of it."""

Naming = Callable[[Sequence[Rows]], Iterable[UUID]]
Showing = Callable[[Sequence[list[DocumentEntry]]], Iterable[DocumentEntry]]


class Together(msgspec.Struct, frozen=True, kw_only=True):
    """One entry list a query, one total a count, the rows of each statement beside, and documents by id."""

    lists: tuple[list[DocumentEntry], ...]
    counts: tuple[int, ...]
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
    beside: Sequence[Statement] = (),
    naming: Naming = nobody,
    showing: Showing = everything,
    account: UUID | None = None,
    act: Act = Act.LIST_DOCUMENTS,
    at: datetime,
) -> Together:
    """Return what `actor` may know of, for one page. Raises Refused; the refusal is journalled too.

    beside: statements of other capabilities on the same space; the decision to list the space covers them. naming:
    given the rows of `beside`, the documents the page will name besides its lists (a second trip, only when needed).
    showing: of what the lists brought, what the page will show, in its order: the trace and its receipt say that, no
    more. act: what the page is, in the journal.
    """
    reading = Reading(actor=actor, space=space, account=account, at=at)
    seen = await look(
        actor=actor,
        space=space,
        at=at,
        statements=[
            *(listing_statement(reading, query, limit=query.count) for query in lists),
            *(counting_statement(reading, query) for query in counts),
            *beside,
        ],
    )
    decision = seen.decide(Need.LIST)
    found = [[to_entry(row) for row in rows] for rows in seen.rows[: len(lists)]]
    named = {entry.document_id: entry for entry in everything(found)}
    shown = [entry.document_id for entry in showing(found)]
    others = seen.rows[len(lists) + len(counts) :]
    if decision.allowed:
        beside_them = await _name(reading, [one for one in dict.fromkeys(naming(others)) if one not in named])
        named, shown = named | beside_them, shown + list(beside_them)
    await trace_list(seen, decision, act=act, documents=tuple(dict.fromkeys(shown)))
    return Together(
        lists=tuple(found),
        counts=tuple(rows[0][0] for rows in seen.rows[len(lists) : len(lists) + len(counts)]),
        beside=others,
        named=named,
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
