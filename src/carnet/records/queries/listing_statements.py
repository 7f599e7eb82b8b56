"""The statements behind a list: visible rows only, matching filters, in one order. Fixed fragments, bound values."""

import functools
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec

from carnet.access.api import (
    AMENDED,
    KNOWN_CHANGED,
    KNOWN_RESOURCE_VERSION,
    KNOWN_STATUS,
    KNOWN_VERSION,
    LINEAGE,
    READER,
    VISIBLE,
    reader,
)
from carnet.infra.db.message import Rows, Statement
from carnet.kernel.actors import Actor
from carnet.kernel.ids import SpaceId
from carnet.records.data import DocumentEntry, ResourceEntry

_CLEAR = """
d.document_id, d.logical_id, {version}, {status}, d.type_code, d.class_code, d.category, d.masque_ps,
d.invisible_patient, d.invisible_representants, d.author_kind, d.author_rpps, d.author_finess, d.client_id, d.carried,
d.content_type, d.size, d.blob_id, d.active_content, d.scanned, d.document_date, d.received_at,
{changed_at}, {resource_version},
"""
_AS_STORED = {
    "version": "d.version",
    "status": "d.status",
    "changed_at": "d.changed_at",
    "resource_version": "d.resource_version",
}
_AS_KNOWN = {
    "version": KNOWN_VERSION,
    "status": KNOWN_STATUS,
    "changed_at": KNOWN_CHANGED,
    "resource_version": KNOWN_RESOURCE_VERSION,
}
# ## Not opened yet, and news: what lay there before the first sign-in is only when it was written in its last month;
# being carried over from an earlier record makes no news ##
_UNREAD = """
(NOT EXISTS (SELECT FROM document_reading r WHERE r.space_id = d.space_id AND r.document_id = d.document_id
             AND r.account_id = %(account)s)
 AND coalesce((SELECT a.created_at FROM account a WHERE a.account_id = %(account)s), '-infinity')
     <= greatest(CASE WHEN NOT d.carried THEN d.received_at END, d.document_date + interval '30 days'))
"""
NEW = "is_new"
NOBODY = UUID(int=0)
_FROM = f"FROM document d CROSS JOIN reader {LINEAGE}"


class Texts(StrEnum):
    """Which sealed texts of a document are wanted: they are most of its row, and hardly anyone needs both."""

    METADATA = "metadata"
    RESOURCE = "resource"
    BOTH = "both"


@functools.cache
def columns(texts: Texts, *, marked: bool) -> str:
    """Return what to select for `to_entry`, with `LINEAGE`. marked: whether reading marks tell what is new."""
    return _selected(texts, marked=marked, clear=_AS_KNOWN, amended=AMENDED)


def _selected(texts: Texts, *, marked: bool, clear: Mapping[str, str], amended: str) -> str:
    resource = "''::bytea" if texts is Texts.METADATA else "d.resource_enc"
    summary = "''::bytea" if texts is Texts.RESOURCE else "d.summary_enc"
    return f"{_CLEAR.format(**clear)} {resource}, {summary}, {_UNREAD if marked else 'true'} AS {NEW}, {amended}"


STORED_COLUMNS = _selected(Texts.BOTH, marked=True, clear=_AS_STORED, amended="NULL::jsonb")
"""What the row says, whoever asks: for acts on every version, never for showing."""
RESOURCE_COLUMNS = f"d.document_id, d.document_date, d.received_at, d.resource_enc, {AMENDED}"

_AFTER = "(%(after_date)s, %(after_id)s)"
ORDERS = {
    "-date": ("d.document_date DESC, d.document_id DESC", f"(d.document_date, d.document_id) < {_AFTER}"),
    "date": ("d.document_date, d.document_id", f"(d.document_date, d.document_id) > {_AFTER}"),
    "-received": ("d.received_at DESC, d.document_id DESC", f"(d.received_at, d.document_id) < {_AFTER}"),
    "received": ("d.received_at, d.document_id", f"(d.received_at, d.document_id) > {_AFTER}"),
}

_FILTERS = {
    "ids": "d.document_id = ANY(%(ids)s)",
    "statuses": f"({KNOWN_STATUS}) = ANY(%(statuses)s)",
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
_HAS_PERIOD = "num_nonnulls(d.period_start, d.period_end) > 0"
_RANGES = (
    ("date_from", "d.document_date >= %(date_from)s"),
    ("date_to", "d.document_date < %(date_to)s"),
    ("received_from", "d.received_at >= %(received_from)s"),
    ("received_to", "d.received_at < %(received_to)s"),
    ("changed_from", f"{KNOWN_CHANGED} >= %(changed_from)s"),
    ("changed_to", f"{KNOWN_CHANGED} < %(changed_to)s"),
    ("period_from", f"{_HAS_PERIOD} AND coalesce(d.period_end, 'infinity') >= %(period_from)s"),
    ("period_to", f"{_HAS_PERIOD} AND coalesce(d.period_start, '-infinity') < %(period_to)s"),
)
_LABELS = """
((d.masque_ps AND 'MASQUE_PS' = ANY(%(labels)s))
 OR (d.invisible_patient AND 'INVISIBLE_PATIENT' = ANY(%(labels)s))
 OR (d.invisible_representants AND 'INVISIBLE_REPRESENTANTS_LEGAUX' = ANY(%(labels)s))
 OR (NOT d.masque_ps AND NOT d.invisible_patient AND NOT d.invisible_representants AND 'N' = ANY(%(labels)s)))
"""


class DocumentQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What to keep and how. Empty tuples mean no filter. Ranges are half-open [from, to) on the named time.

    date: when the document was written; received: when it came; changed: its last change; period: of the act it
    reports (documents without one match nothing). order: "date" or "received", "-" first for newest first. after: (that
    time, id) of the last row already given. count: 1 to 100. labels: confidentiality codes, any of which must be held.
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
    changed_from: datetime | None = None
    changed_to: datetime | None = None
    period_from: datetime | None = None
    period_to: datetime | None = None
    order: str = "-date"
    after: tuple[datetime, UUID] | None = None
    count: int = 20

    def place_of(self, entry: DocumentEntry | ResourceEntry) -> tuple[datetime, UUID]:
        """Return what `after` must be to continue behind `entry`."""
        at = entry.received_at if self.order.endswith("received") else entry.document_date
        return at, entry.document_id


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """Who reads which space, when, and which texts; `account`: whose reading marks tell what is new."""

    actor: Actor
    space: SpaceId
    account: UUID | None
    at: datetime
    texts: Texts = Texts.METADATA


def listing_statement(reading: Reading, query: DocumentQuery, *, limit: int, select: str | None = None) -> Statement:
    """Return the statement of one page of at most `limit` rows. select: for rows that are not entries."""
    where, params = _where(reading, query)
    order, after = ORDERS[query.order]
    if query.after is not None:
        where += f" AND {after}"
        params |= {"after_date": query.after[0], "after_id": query.after[1]}
    select = select or columns(reading.texts, marked=reading.account is not None)
    sql = f"WITH {READER} SELECT {select} {_FROM} WHERE {where} ORDER BY {order} LIMIT %(limit)s"
    return Statement(sql, params | {"limit": limit})


def naming_statement(reading: Reading, ids: Statement, *, limit: int) -> Statement:
    """Return the statement of the documents `ids` asks for, as far as the reader may know of them, `limit` at most."""
    where, params = _where(reading, DocumentQuery())
    select = columns(reading.texts, marked=reading.account is not None)
    sql = f"WITH {READER} SELECT {select} {_FROM} WHERE {where} AND d.document_id IN ({ids.sql}) LIMIT %(most_named)s"
    return Statement(sql, params | dict(ids.params or {}) | {"most_named": limit})


# ## The newest of what is new, or else of all; each with how many are new. One reading of what may be known ##
_NEWS = f"""
, near AS MATERIALIZED (
  SELECT seen.*, count(*) FILTER (WHERE seen.{NEW}) OVER () AS unread FROM (
    SELECT d.document_id, d.document_date, {_UNREAD} AS {NEW}, near.replaced_at, near.before
    {_FROM} WHERE /*where*/ OFFSET 0) seen
  ORDER BY seen.{NEW} DESC, seen.document_date DESC, seen.document_id DESC LIMIT %(limit)s)
SELECT /*columns*/, near.unread
FROM near JOIN document d ON d.space_id = %(space)s AND d.document_id = near.document_id
WHERE near.{NEW} OR near.unread = 0 ORDER BY d.document_date DESC, d.document_id DESC
"""


def news_statement(reading: Reading, query: DocumentQuery) -> Statement:
    """Return the statement of `query.count` entries at most: what is new, or else the newest; rows for `to_news`."""
    where, params = _where(reading, query)
    select = columns(reading.texts, marked=True).replace(f"{_UNREAD} AS {NEW}", f"near.{NEW}")
    sql = f"WITH {READER}{_NEWS}".replace("/*where*/", where).replace("/*columns*/", select)
    return Statement(sql, params | {"limit": query.count})


def to_news(rows: Rows) -> tuple[list[DocumentEntry], int]:
    """Return the entries of the rows of `news_statement`, and how many documents are new in all."""
    return [to_entry(row[:-1]) for row in rows], rows[0][-1] if rows else 0


def counting_statement(reading: Reading, query: DocumentQuery) -> Statement:
    """Return the statement that counts what the reader may know of."""
    where, params = _where(reading, query)
    return Statement(f"WITH {READER} SELECT count(*) {_FROM} WHERE {where}", params)


def _where(reading: Reading, query: DocumentQuery) -> tuple[str, dict[str, Any]]:
    params: dict[str, Any] = {"space": reading.space, "at": reading.at, "account": reading.account or NOBODY}
    params |= reader(reading.actor, at=reading.at).params()
    parts = ["d.space_id = %(space)s", VISIBLE]
    for name, clause in _FILTERS.items():
        values = getattr(query, name)
        if values:
            parts.append(clause)
            params[name] = list(values)
    for name, clause in _RANGES:
        if getattr(query, name) is not None:
            parts.append(f"({clause})")
            params[name] = getattr(query, name)
    if query.labels:
        parts.append(_LABELS)
        params["labels"] = list(query.labels)
    return " AND ".join(parts), params


def to_entry(row: tuple[Any, ...]) -> DocumentEntry:
    """Return the entry of one row of `columns`, or of `STORED_COLUMNS`."""
    return DocumentEntry(*row)
