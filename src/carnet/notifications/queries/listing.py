"""What is new in my space, newest first, by pages? Each line is checked again when it is read.

Titles come from `records`, which journals that the person saw them.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from carnet.access.api import Look, Need, look
from carnet.infra.db.work import Rows, Statement
from carnet.infra.vault import Unopenable
from carnet.journal.api import Act, Trace, record_durably
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Decision
from carnet.kernel.errors import Invalid, Problem
from carnet.kernel.ids import SpaceId
from carnet.notifications.data import NewAccess, NotificationItem, NotificationPage
from carnet.notifications.queries.shown import LINES, SHOWN, WITH_READER, shown_to
from carnet.notifications.rules.channels import ACCESSES, may_read_notices
from carnet.records.api import DocumentQuery, list_documents, open_metadata

MAX_COUNT = 100
BAD_PAGE = Problem("page", "Cette page n'existe pas.", "This page does not exist.", "page")

# ## One page of the list, with the public name of the professional it is about ##
_PAGE = f"""
{WITH_READER}
SELECT n.notification_id, n.code, n.created_at, n.read_at, n.document_id, d.status, n.grantee,
       p.given_name || ' ' || p.family_name, p.profession
FROM {LINES} LEFT JOIN professional p ON p.rpps = n.grantee
WHERE n.deleted_at IS NULL AND {SHOWN}
ORDER BY n.created_at DESC, n.notification_id DESC LIMIT %(limit)s OFFSET %(offset)s
"""
# ## Accesses nobody has looked at: the newest of each professional and kind, newest first ##
_NEW_ACCESSES = f"""
{WITH_READER}, newest AS (
  SELECT DISTINCT ON (n.grantee, n.code) n.code, n.grantee, p.given_name || ' ' || p.family_name AS name, n.created_at
  FROM {LINES} JOIN professional p ON p.rpps = n.grantee
  WHERE n.deleted_at IS NULL AND n.read_at IS NULL AND n.code = ANY(%(codes)s) AND {SHOWN}
  ORDER BY n.grantee, n.code, n.created_at DESC)
SELECT code, grantee, name FROM newest ORDER BY created_at DESC, grantee LIMIT %(limit)s
"""
# ## How many there are, and how many unread ##
_COUNTS = f"""
{WITH_READER}
SELECT count(*), count(*) FILTER (WHERE n.read_at IS NULL) FROM {LINES} WHERE n.deleted_at IS NULL AND {SHOWN}
"""


async def list_notifications(
    *, actor: Actor, space: SpaceId, page: int = 1, count: int = 20, at: datetime
) -> NotificationPage:
    """Return page `page` (from 1) of `count` lines (1 to 100). Raises Invalid, or Refused to anyone but the person.

    Reading titles is traced as a list of those documents; a refusal is traced too.
    """
    if page < 1 or not 0 < count <= MAX_COUNT:
        raise Invalid(BAD_PAGE)
    params = shown_to(actor, space=space, at=at) | {"limit": count, "offset": (page - 1) * count}
    statements = [Statement(_PAGE, params), counting_statement(actor, space=space, at=at)]
    seen = await look(actor=actor, space=space, at=at, statements=statements)
    await _refuse_others(seen, actor, space)
    total, unread = seen.rows[1][0]
    texts = await _texts(actor, space, [row[4] for row in seen.rows[0] if row[4]], at)
    items = tuple(_item(row, texts) for row in seen.rows[0])
    return NotificationPage(items=items, total=total, unread=unread)


async def count_unread(*, actor: Actor, space: SpaceId, at: datetime) -> int:
    """Return how many lines the person has not read, counting only what may be shown. Raises Refused."""
    seen = await look(actor=actor, space=space, at=at, statements=[counting_statement(actor, space=space, at=at)])
    await _refuse_others(seen, actor, space)
    return int(seen.rows[0][0][1])


def counting_statement(actor: Actor, *, space: SpaceId, at: datetime) -> Statement:
    """Return the statement of (total, unread), for pages that send several at once. Anyone but the person gets 0."""
    return Statement(_COUNTS, shown_to(actor, space=space, at=at))


def new_accesses_statement(actor: Actor, *, space: SpaceId, limit: int, at: datetime) -> Statement:
    """Return the statement of `to_new_accesses`, for pages that send several at once. Anyone but the person: none."""
    params = {"codes": sorted(ACCESSES), "limit": limit}
    return Statement(_NEW_ACCESSES, shown_to(actor, space=space, at=at) | params)


def to_new_accesses(rows: Rows) -> list[NewAccess]:
    """Return the accesses the person has not looked at, newest first, each professional once a kind."""
    return [NewAccess(*row) for row in rows]


def decide_on_notices(seen: Look) -> Decision:
    """Return whether the actor of `seen` may read or change the list."""
    return may_read_notices(seen.decide(Need.LIST))


async def _refuse_others(seen: Look, actor: Actor, space: SpaceId) -> None:
    decision = decide_on_notices(seen)
    if not decision.allowed and seen.facts.state != "NONE":
        await record_durably(Trace(act=Act.READ_NOTIFICATION, actor=actor, decision=decision, at=seen.at, space=space))
    decision.raise_if_refused()


async def _texts(
    actor: Actor, space: SpaceId, documents: list[UUID], at: datetime
) -> dict[UUID, tuple[str, str | None]]:
    """Return title and author of the documents the person may still know of."""
    if not documents:
        return {}
    query = DocumentQuery(ids=tuple(dict.fromkeys(documents)), count=len(set(documents)))
    listing = await list_documents(actor=actor, space=space, query=query, at=at)
    texts = {}
    for entry in listing.entries:
        try:
            metadata = open_metadata(entry, keys=listing.keys)
        except Unopenable:  # one row that does not open keeps nobody from the others
            continue
        texts[entry.document_id] = (metadata.title, metadata.authors[0].display if metadata.authors else None)
    return texts


def _item(row: tuple[Any, ...], texts: dict[UUID, tuple[str, str | None]]) -> NotificationItem:
    notification, code, created_at, read_at, document, status, grantee, actor, profession = row
    title, author = texts.get(document, (None, None))
    return NotificationItem(
        notification_id=notification,
        code=code,
        created_at=created_at,
        read_at=read_at,
        document=document,
        document_status=status,
        title=title,
        author=author,
        grantee=grantee,
        actor=actor,
        profession=profession,
    )
