"""What happened in this space? Newest first, filtered, by pages."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from carnet.infra.db import Work
from carnet.infra.db.work import Rows, Statement
from carnet.journal.data import JournalEntry
from carnet.journal.rules.leaves import TOLD_WITHOUT
from carnet.kernel.ids import SpaceId


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """What to keep. `acts` empty means all; `actors`: actor kinds; `before_seq`: continue a page; refusals are for
    security and not shown as consultations unless asked. for_person: leave out what the person must not be told of yet
    (a document to be announced): its entries, and its id among others of a list. apart: a query of the ids of documents
    to leave out as well, which may use `space`; with it, what the person did to keep things apart is left out too.
    """

    acts: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    actor_id: str | None = None
    document: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    before_seq: int | None = None
    with_refusals: bool = False
    grounds: tuple[str, ...] = ()
    outcome: str | None = None
    for_person: bool = True
    apart: Statement | None = None


_NOTHING_APART = Statement("SELECT NULL::uuid WHERE false", {})
# What the person may be told of, and the documents it names to them: `as_told` of rules/leaves.py, as SQL. What is
# withheld is looked up once: written in place it would be planned and run twice, for the columns and for the condition.
_WITHHELD = """
WITH withheld AS MATERIALIZED (
  SELECT CASE WHEN %(for_person)s THEN ARRAY(
    SELECT w.document_id FROM withheld_document w WHERE w.space_id = %(space)s
    UNION ALL (/*apart*/)) ELSE '{}' END AS ids)
"""
_TOLD = """
FROM withheld, journal_entry e
CROSS JOIN LATERAL (
  SELECT CASE WHEN e.document_ids && withheld.ids
    THEN ARRAY(SELECT one FROM unnest(e.document_ids) WITH ORDINALITY AS u (one, place)
               WHERE one <> ALL (withheld.ids) ORDER BY place)
    ELSE e.document_ids END AS document_ids
) told
WHERE e.space_id = %(space)s
  AND (told.document_ids <> '{}' OR e.document_ids = '{}' OR e.act = ANY(%(told_without)s)
       OR e.outcome = 'refused' AND e.actor_kind = 'person')
  AND (%(of_what_is_apart)s OR e.act NOT IN ('safeguard', 'notify-apart'))
  AND NOT (%(for_delegate)s AND EXISTS (SELECT FROM authorisation z WHERE z.space_id = e.space_id AND z.secret
    AND z.rpps = e.actor_id AND z.starts_at <= e.at AND coalesce(z.ended_at, z.ends_at, 'infinity') >= e.at))
"""
# ## Entries of one space, newest first ##
_ENTRIES = f"""
{_WITHHELD} SELECT seq, at, act, outcome, reason, ground, actor_kind, actor_id, actor_name, profession, organisation,
       organisation_name, client_id, client_name, on_behalf_of, session, told.document_ids, details
{_TOLD}
  AND (%(acts)s::text[] = '{{}}' OR act = ANY(%(acts)s))
  AND (%(actors)s::text[] = '{{}}' OR actor_kind = ANY(%(actors)s))
  AND (%(actor_id)s::text IS NULL OR actor_id = %(actor_id)s)
  AND (%(document)s::uuid IS NULL OR (e.document_ids @> ARRAY[%(document)s::uuid]
       AND told.document_ids @> ARRAY[%(document)s::uuid]))
  AND (%(since)s::timestamptz IS NULL OR at >= %(since)s)
  AND (%(until)s::timestamptz IS NULL OR at < %(until)s)
  AND (%(before_seq)s::bigint IS NULL OR seq < %(before_seq)s)
  AND (%(with_refusals)s OR outcome = 'done')
  AND (%(grounds)s::text[] = '{{}}' OR ground = ANY(%(grounds)s))
  AND (%(outcome)s::text IS NULL OR outcome = %(outcome)s)
ORDER BY seq DESC LIMIT %(limit)s
"""
# ## The documents that these are about one by one ##
_SINGLE = f"SELECT document_ids[1] FROM ({_ENTRIES}) AS told WHERE cardinality(document_ids) = 1"


def entries_statement(space: SpaceId, *, filter_: Filter, limit: int) -> Statement:
    """Return the statement of `entries`, for pages that send several at once; `to_entries` reads its rows."""
    return _asked(_ENTRIES, space, filter_, limit)


def single_documents_statement(space: SpaceId, *, filter_: Filter, limit: int) -> Statement:
    """Return the query of the documents that entries of `entries_statement` are about one by one."""
    return _asked(_SINGLE, space, filter_, limit)


def _asked(sql: str, space: SpaceId, filter_: Filter, limit: int) -> Statement:
    params = {
        "space": space,
        "acts": list(filter_.acts),
        "actors": list(filter_.actors),
        "actor_id": filter_.actor_id,
        "document": filter_.document,
        "since": filter_.since,
        "until": filter_.until,
        "before_seq": filter_.before_seq,
        "with_refusals": filter_.with_refusals,
        "grounds": list(filter_.grounds),
        "outcome": filter_.outcome,
        "limit": limit,
    }
    return _telling(sql, params, for_person=filter_.for_person, apart=filter_.apart)


def _telling(sql: str, params: dict[str, Any], *, for_person: bool = True, apart: Statement | None) -> Statement:
    """Return a statement around `_TOLD` with what that needs."""
    told = {"for_person": for_person, "told_without": sorted(TOLD_WITHOUT), "of_what_is_apart": apart is None}
    told["for_delegate"] = False
    apart = apart or _NOTHING_APART
    return Statement(sql.replace("/*apart*/", apart.sql), params | told | dict(apart.params or {}))


def to_entries(rows: Rows) -> list[JournalEntry]:
    """Return the entries of the rows of `entries_statement`."""
    names = JournalEntry.__struct_fields__
    return [JournalEntry(**{**dict(zip(names, row, strict=True)), "document_ids": tuple(row[16])}) for row in rows]


async def entries(work: Work, *, filter_: Filter, limit: int) -> list[JournalEntry]:
    """Return at most `limit` entries of the space, newest first."""
    statement = entries_statement(work.space_id, filter_=filter_, limit=limit)
    return to_entries(await work.rows(statement.sql, statement.params))


# ## The professionals who appear in this journal, for its filter ##
_SEEN = f"""
{_WITHHELD} SELECT actor_id, max(actor_name) {_TOLD} AND actor_kind = 'professional'
GROUP BY actor_id ORDER BY 2 LIMIT 200
"""


async def professionals_seen(work: Work, *, apart: Statement | None = None) -> list[tuple[str, str]]:
    """Return (number, name) of each professional of whom this journal tells its person something, by name.

    apart: as in Filter.
    """
    statement = _telling(_SEEN, {"space": work.space_id}, apart=apart)
    return [(row[0], row[1]) for row in await work.rows(statement.sql, statement.params)]
