"""The person marks lines of their list as read or unread, or removes one. Each is in their journal."""

from datetime import datetime
from uuid import UUID

from carnet.access.api import look_in
from carnet.infra.db import Work, work
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Decision, Reason, refuse
from carnet.kernel.errors import NotFound
from carnet.kernel.ids import SpaceId
from carnet.notifications.queries.listing import decide_on_notices
from carnet.notifications.queries.shown import LINES, SHOWN, WITH_READER, shown_to

# ## The lines a change is about, among those that may be shown; locked ##
_CHOSEN = f"""
{WITH_READER}
SELECT n.notification_id FROM {LINES}
WHERE n.deleted_at IS NULL AND {SHOWN} AND (%(one)s::uuid IS NULL OR n.notification_id = %(one)s)
  AND (%(grantee)s::text IS NULL OR n.grantee = %(grantee)s)
FOR UPDATE OF n
"""
_READ = """
UPDATE notification SET read_at = %(read_at)s
WHERE space_id = %(space)s AND notification_id = ANY(%(chosen)s)
  AND (read_at IS NULL) <> (%(read_at)s::timestamptz IS NULL)
"""
_DELETE = """
UPDATE notification SET deleted_at = %(at)s WHERE space_id = %(space)s AND notification_id = ANY(%(chosen)s)
"""


async def mark_notification(
    *, actor: Actor, space: SpaceId, notification: UUID, read: bool = True, at: datetime
) -> None:
    """Mark one line as read (or unread). Raises NotFound (absent, hidden, removed) or Refused (not the person)."""
    await _mark(actor, space, notification, at, read=read)


async def mark_all_read(*, actor: Actor, space: SpaceId, at: datetime) -> None:
    """Mark every line the person can see as read; what is hidden stays as it was. Raises Refused."""
    await _mark(actor, space, None, at, read=True)


async def mark_accesses_known(*, actor: Actor, space: SpaceId, rpps: str, at: datetime) -> None:
    """Mark every line about this professional's accesses as read: the person knows them. Raises Refused."""
    await _mark(actor, space, None, at, read=True, grantee=rpps)


async def delete_notification(*, actor: Actor, space: SpaceId, notification: UUID, at: datetime) -> None:
    """Remove one line from the list, for everyone who shares it (mes.md §3.4). Raises as `mark_notification`."""
    async with work(space=space, at=at) as w:
        chosen, decision = await _choose(w, actor, notification)
        await record(w, Act.DELETE_NOTIFICATION, decision, actor=actor)
        if decision.allowed:
            await w.execute(_DELETE, {"space": space, "chosen": chosen, "at": at})
    _raise_if_refused(decision)


async def _mark(
    actor: Actor, space: SpaceId, notification: UUID | None, at: datetime, *, read: bool, grantee: str | None = None
) -> None:
    async with work(space=space, at=at) as w:
        chosen, decision = await _choose(w, actor, notification, grantee)
        changed = 0
        if decision.allowed:
            changed = await w.execute(_READ, {"space": space, "chosen": chosen, "read_at": at if read else None})
        if changed or not decision.allowed:
            details: dict[str, object] = {"read": read, "count": changed} if decision.allowed else {}
            await record(w, Act.READ_NOTIFICATION, decision, actor=actor, details=details)
    _raise_if_refused(decision)


async def _choose(w: Work, actor: Actor, one: UUID | None, grantee: str | None = None) -> tuple[list[UUID], Decision]:
    """Lock the lines meant: one, those about a professional, or all. One that is absent or hidden is refused."""
    decision = decide_on_notices(await look_in(w, actor=actor))
    if not decision.allowed:
        return [], decision
    rows = await w.rows(_CHOSEN, shown_to(actor, space=w.space_id, at=w.at) | {"one": one, "grantee": grantee})
    if one is not None and not rows:
        return [], refuse(Reason.HIDDEN)
    return [row[0] for row in rows], decision


def _raise_if_refused(decision: Decision) -> None:
    if decision.reason is Reason.HIDDEN:
        raise NotFound
    decision.raise_if_refused()
