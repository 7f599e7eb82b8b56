"""What happened in this space? Newest first, filtered, by pages."""

from datetime import datetime
from uuid import UUID

import msgspec

from carnet.infra.db import Work
from carnet.infra.db.work import Rows, Statement
from carnet.journal.data import JournalEntry
from carnet.kernel.ids import SpaceId


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """What to keep. `acts` empty means all; `actors`: actor kinds; `before_seq`: continue a page; refusals are for
    security and not shown as consultations unless asked.
    """

    acts: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    actor_id: str | None = None
    document: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    before_seq: int | None = None
    with_refusals: bool = False


# ## Entries of one space, newest first ##
_ENTRIES = """
SELECT seq, at, act, outcome, reason, ground, actor_kind, actor_id, actor_name, profession, organisation,
       organisation_name, client_id, client_name, on_behalf_of, session, document_ids, details
FROM journal_entry
WHERE space_id = %(space)s
  AND (%(acts)s::text[] = '{}' OR act = ANY(%(acts)s))
  AND (%(actors)s::text[] = '{}' OR actor_kind = ANY(%(actors)s))
  AND (%(actor_id)s::text IS NULL OR actor_id = %(actor_id)s)
  AND (%(document)s::uuid IS NULL OR document_ids @> ARRAY[%(document)s::uuid])
  AND (%(since)s::timestamptz IS NULL OR at >= %(since)s)
  AND (%(until)s::timestamptz IS NULL OR at < %(until)s)
  AND (%(before_seq)s::bigint IS NULL OR seq < %(before_seq)s)
  AND (%(with_refusals)s OR outcome = 'done')
ORDER BY seq DESC LIMIT %(limit)s
"""


def entries_statement(space: SpaceId, *, filter_: Filter, limit: int) -> Statement:
    """Return the statement of `entries`, for pages that send several at once; `to_entries` reads its rows."""
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
        "limit": limit,
    }
    return Statement(_ENTRIES, params)


def to_entries(rows: Rows) -> list[JournalEntry]:
    """Return the entries of the rows of `entries_statement`."""
    names = JournalEntry.__struct_fields__
    return [JournalEntry(**{**dict(zip(names, row, strict=True)), "document_ids": tuple(row[16])}) for row in rows]


async def entries(work: Work, *, filter_: Filter, limit: int) -> list[JournalEntry]:
    """Return at most `limit` entries of the space, newest first."""
    statement = entries_statement(work.space_id, filter_=filter_, limit=limit)
    return to_entries(await work.rows(statement.sql, statement.params))
