"""Which submission sets hold at least one document this reader may know of? (ITI-66)"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from carnet.access.api import READER, VISIBLE, Need, look, note_first_access, reader
from carnet.infra.db.message import Statement
from carnet.journal.api import Act, Trace, record_durably
from carnet.kernel.actors import Actor
from carnet.kernel.ids import SpaceId, routable

# ## Sets with the visible documents of each ##
_ALL = f"""
WITH {READER}
SELECT s.set_id, s.submitted_at, s.received_at, s.resource_enc, array_agg(d.document_id ORDER BY d.document_id)
FROM submission_set s
JOIN submission_item i ON i.space_id = s.space_id AND i.set_id = s.set_id
JOIN document d ON d.space_id = i.space_id AND d.document_id = i.document_id
CROSS JOIN reader
WHERE s.space_id = %(space)s AND {VISIBLE}
  AND (%(ids)s::uuid[] = '{{}}' OR s.set_id = ANY(%(ids)s))
  AND (%(unique_ids)s::bytea[] = '{{}}' OR s.unique_id_digest = ANY(%(unique_ids)s))
  AND (%(sources)s::text[] = '{{}}' OR s.source_finess = ANY(%(sources)s))
  AND (%(from)s::timestamptz IS NULL OR s.submitted_at >= %(from)s)
  AND (%(to)s::timestamptz IS NULL OR s.submitted_at < %(to)s)
  AND (%(after_at)s::timestamptz IS NULL OR (s.submitted_at, s.set_id) < (%(after_at)s, %(after_id)s))
GROUP BY s.space_id, s.set_id, s.submitted_at, s.received_at, s.resource_enc
"""
# ## One page of them, newest first ##
_SETS = f"{_ALL} ORDER BY s.submitted_at DESC, s.set_id DESC LIMIT %(limit)s"
# ## How many there are, wherever the page begins ##
_TOTAL = f"SELECT count(*) FROM ({_ALL}) AS every"


class SubmissionQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What to keep; empty means no filter; `after` continues a page. total: count them all too."""

    ids: tuple[UUID, ...] = ()
    unique_ids: tuple[bytes, ...] = ()
    sources: tuple[str, ...] = ()
    submitted_from: datetime | None = None
    submitted_to: datetime | None = None
    after: tuple[datetime, UUID] | None = None
    count: int = 20
    total: bool = False


class SubmissionEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One set, its List resource already holding the entries this reader may know of."""

    set_id: UUID
    submitted_at: datetime
    resource: bytes


class SubmissionPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page. more: whether others follow; total: of all pages, None when it was not asked for."""

    sets: tuple[SubmissionEntry, ...]
    more: bool
    total: int | None


async def list_submissions(*, actor: Actor, space: SpaceId, query: SubmissionQuery, at: datetime) -> SubmissionPage:
    """Return one page. Raises Refused; the refusal is journalled too."""
    params: dict[str, Any] = {
        "space": space,
        "at": at,
        "ids": list(query.ids),
        "unique_ids": list(query.unique_ids),
        "sources": list(query.sources),
        "from": query.submitted_from,
        "to": query.submitted_to,
        "after_at": query.after[0] if query.after else None,
        "after_id": query.after[1] if query.after else None,
        "limit": query.count + 1,
    }
    params |= reader(actor, at=at).params()
    statements = [Statement(_SETS, params)]
    if query.total:
        statements.append(Statement(_TOTAL, params | {"after_at": None, "after_id": None}))
    seen = await look(actor=actor, space=space, at=at, statements=statements)
    decision = seen.decide(Need.LIST)
    rows = seen.rows[0][: query.count] if decision.allowed else []
    documents = tuple(document for row in rows for document in row[4])
    if seen.facts.state != "NONE":
        await record_durably(
            Trace(act=Act.LIST_SUBMISSIONS, actor=actor, decision=decision, at=at, space=space, documents=documents)
        )
    decision.raise_if_refused()
    if decision.is_first_access:
        await note_first_access(actor=actor, space=space, at=at)
    keys = seen.opened_keys
    entries = []
    for set_id, submitted_at, _, sealed, visible in rows:
        plain = keys.open(table="submission_set", column="resource_enc", row=set_id.hex, sealed=bytes(sealed))
        resource = msgspec.json.decode(plain)
        resource["entry"] = [{"item": {"reference": f"DocumentReference/{routable(space, one)}"}} for one in visible]
        entries.append(
            SubmissionEntry(set_id=set_id, submitted_at=submitted_at, resource=msgspec.json.encode(resource))
        )
    total = seen.rows[1][0][0] if query.total else None
    return SubmissionPage(sets=tuple(entries), more=len(seen.rows[0]) > query.count, total=total)
