"""Which documents may this reader know of, matching these filters, in this order? Filtered before the query.

Facts, keys and rows come back in one round trip; the trace is durable before anything is returned.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from carnet.access.api import READER, VISIBLE, Look, Need, SpaceFacts, look, note_first_access, reader
from carnet.infra.db.work import Statement
from carnet.infra.vault import SpaceKeys
from carnet.journal.api import Act, Trace, record_durably
from carnet.kernel.actors import Actor
from carnet.kernel.errors import Invalid, Problem
from carnet.kernel.ids import SpaceId
from carnet.records.data import DocumentEntry

MAX_COUNT = 100
COLUMNS = """
d.document_id, d.logical_id, d.version, d.status, d.type_code, d.class_code, d.category, d.masque_ps, d.invisible_patient,
d.invisible_representants, d.author_kind, d.author_rpps, d.author_finess, d.client_id, d.content_type, d.size, d.blob_id,
d.active_content, d.scanned, d.document_date, d.received_at, d.changed_at, d.resource_version, d.resource_enc, d.summary_enc,
NOT EXISTS (SELECT FROM document_reading r WHERE r.space_id = d.space_id AND r.document_id = d.document_id
            AND r.account_id = %(account)s) AS is_new
"""
NOBODY = UUID(int=0)

_ORDERS = {
    "-date": ("d.document_date DESC, d.document_id DESC", "(d.document_date, d.document_id) < (%(after_date)s, %(after_id)s)"),
    "date": ("d.document_date, d.document_id", "(d.document_date, d.document_id) > (%(after_date)s, %(after_id)s)"),
}

_FILTERS = {
    "ids": "d.document_id = ANY(%(ids)s)",
    "statuses": "d.status = ANY(%(statuses)s)",
    "types": "d.type_code = ANY(%(types)s)",
    "classes": "d.class_code = ANY(%(classes)s)",
    "categories": "d.category = ANY(%(categories)s)",
    "facilities": "d.facility_type = ANY(%(facilities)s)",
    "settings": "d.practice_setting = ANY(%(settings)s)",
    "formats": "d.format_code = ANY(%(formats)s)",
    "author_ids": "(d.author_rpps = ANY(%(author_ids)s) OR d.author_finess = ANY(%(author_ids)s))",
    "unique_ids": "d.unique_id_digest = ANY(%(unique_ids)s)",
    "content_types": "d.content_type = ANY(%(content_types)s)",
}


class DocumentQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What to keep and how. Empty tuples mean no filter. Ranges are half-open [from, to) on the named time.

    order: "-date" (newest first) or "date". after: (date, id) of the last row already given. count: 1 to 100.
    labels: confidentiality codes, any of which must be held. unread_only: not yet opened by the person asking.
    """

    ids: tuple[UUID, ...] = ()
    statuses: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    facilities: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    author_ids: tuple[str, ...] = ()
    unique_ids: tuple[bytes, ...] = ()
    content_types: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    date_from: datetime | None = None
    date_to: datetime | None = None
    received_from: datetime | None = None
    received_to: datetime | None = None
    period_from: datetime | None = None
    period_to: datetime | None = None
    unread_only: bool = False
    order: str = "-date"
    after: tuple[datetime, UUID] | None = None
    count: int = 20


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
    at: datetime,
) -> Listing:
    """Return one page of what `actor` may know of. Raises Refused; the refusal is journalled too.

    account: whose reading marks tell what is new (persons only).
    """
    if not 0 < query.count <= MAX_COUNT or query.order not in _ORDERS:
        raise Invalid(Problem("count", "Nombre ou ordre demandé non valable.", "Count or order not valid.", "_count"))
    statements = [listing_statement(actor, space=space, query=query, account=account, at=at)]
    if with_total:
        statements.append(counting_statement(actor, space=space, query=query, account=account, at=at))
    seen = await look(actor=actor, space=space, at=at, statements=statements)
    entries = [to_entry(row) for row in seen.rows[0]]
    page = entries[: query.count]
    await _trace(seen, actor, space, at, page)
    total = seen.rows[1][0][0] if with_total else None
    return Listing(
        entries=page, more=len(entries) > query.count, keys=seen.opened_keys, facts=seen.facts, total=total
    )


async def _trace(seen: Look, actor: Actor, space: SpaceId, at: datetime, page: list[DocumentEntry]) -> None:
    decision = seen.decide(Need.LIST)
    documents = tuple(entry.document_id for entry in page) if decision.allowed else ()
    known = space if seen.facts.state != "NONE" else None
    if known is not None:
        trace = Trace(act=Act.LIST_DOCUMENTS, actor=actor, decision=decision, at=at, space=known, documents=documents)
        await record_durably(trace)
    decision.raise_if_refused()
    if decision.obligations:
        await note_first_access(actor=actor, space=space, at=at)


def listing_statement(
    actor: Actor, *, space: SpaceId, query: DocumentQuery, account: UUID | None, at: datetime
) -> Statement:
    """Return the statement of one page: one row more than asked tells whether more follow."""
    where, params = _where(actor, space=space, query=query, account=account, at=at)
    order, after = _ORDERS[query.order]
    if query.after is not None:
        where += f" AND {after}"
        params |= {"after_date": query.after[0], "after_id": query.after[1]}
    sql = f"WITH {READER} SELECT {COLUMNS} FROM document d, reader WHERE {where} ORDER BY {order} LIMIT %(limit)s"  # noqa: S608 - fixed fragments
    return Statement(sql, params | {"limit": query.count + 1})


def counting_statement(
    actor: Actor, *, space: SpaceId, query: DocumentQuery, account: UUID | None, at: datetime
) -> Statement:
    """Return the statement that counts what the reader may know of."""
    where, params = _where(actor, space=space, query=query, account=account, at=at)
    return Statement(f"WITH {READER} SELECT count(*) FROM document d, reader WHERE {where}", params)  # noqa: S608


def _where(
    actor: Actor, *, space: SpaceId, query: DocumentQuery, account: UUID | None, at: datetime
) -> tuple[str, dict[str, Any]]:
    params: dict[str, Any] = {"space": space, "at": at, "account": account or NOBODY}
    params |= reader(actor, at=at).params()
    parts = ["d.space_id = %(space)s", VISIBLE]
    for name, clause in _FILTERS.items():
        values = getattr(query, name)
        if values:
            parts.append(clause)
            params[name] = list(values)
    for name, column, operator in (
        ("date_from", "d.document_date", ">="),
        ("date_to", "d.document_date", "<"),
        ("received_from", "d.received_at", ">="),
        ("received_to", "d.received_at", "<"),
        ("period_from", "coalesce(d.period_end, d.document_date)", ">="),
        ("period_to", "coalesce(d.period_start, d.document_date)", "<"),
    ):
        if getattr(query, name) is not None:
            parts.append(f"{column} {operator} %({name})s")
            params[name] = getattr(query, name)
    if query.labels:
        parts.append(
            "((d.masque_ps AND 'MASQUE_PS' = ANY(%(labels)s))"
            " OR (d.invisible_patient AND 'INVISIBLE_PATIENT' = ANY(%(labels)s))"
            " OR (d.invisible_representants AND 'INVISIBLE_REPRESENTANTS_LEGAUX' = ANY(%(labels)s))"
            " OR (NOT d.masque_ps AND NOT d.invisible_patient AND NOT d.invisible_representants"
            " AND 'N' = ANY(%(labels)s)))"
        )
        params["labels"] = list(query.labels)
    if query.unread_only:
        parts.append(
            "NOT EXISTS (SELECT FROM document_reading r WHERE r.space_id = d.space_id"
            " AND r.document_id = d.document_id AND r.account_id = %(account)s)"
        )
    return " AND ".join(parts), params


def to_entry(row: tuple[Any, ...]) -> DocumentEntry:
    """Return the entry of one row of COLUMNS."""
    return DocumentEntry(**dict(zip(DocumentEntry.__struct_fields__, row, strict=True)))
