"""A line is added to the person's list, once for each fact, only about what they may know of.

What they keep apart has its line too, for sessions that may read it; `shown` hides it from the others and from mail.
Not a trace: the act it tells of has its own, and the line itself is the record of having told.
"""

from datetime import datetime
from uuid import UUID

from carnet.access.api import look_in
from carnet.infra import randomness
from carnet.infra.db import Work, work
from carnet.infra.jobs.outbox import publish
from carnet.kernel.actors import Actor
from carnet.kernel.ids import SpaceId
from carnet.notifications.data import PROVED, News, holder_of
from carnet.notifications.events import NotificationAdded
from carnet.notifications.queries.listing import decide_on_notices
from carnet.notifications.queries.shown import LINES, SHOWN, WITH_READER, shown_to
from carnet.notifications.rules.channels import EMAIL, PORTAL, is_told
from carnet.spaces.api import SpaceSettings, view_in

_ADD = """
INSERT INTO notification (space_id, notification_id, code, document_id, grantee, created_at, deleted_at, event_key)
VALUES (%(space)s, %(id)s, %(code)s, %(document)s, %(grantee)s, %(created_at)s, %(deleted_at)s, %(key)s)
ON CONFLICT (space_id, event_key) DO NOTHING
"""
# ## Would a line about this document be shown? It stands in for a line that is not there yet ##
_WOULD_BE_SHOWN = f"""
{WITH_READER}, notification AS (SELECT %(space)s::uuid AS space_id, %(document)s::uuid AS document_id)
SELECT EXISTS (SELECT FROM {LINES} WHERE {SHOWN})
"""


async def add_notification(*, actor: Actor, space: SpaceId, news: News, at: datetime) -> UUID | None:
    """Add `news` to the list of `space` and return its id, or None when there is nothing to tell.

    Nothing to tell: told already, the space is not open, the person may not know of the document, or they silenced
    every channel for this code. `actor` is whoever runs the notifications; nobody is told what they do themselves.
    """
    if actor.space == space:
        return None
    async with work(space=space, at=at) as w:
        holder = holder_of(space, proved_until=at + PROVED)
        seen = await look_in(w, actor=holder)
        if seen.keys is None or not decide_on_notices(seen).allowed or not await _may_know(w, holder, news):
            return None
        settings = (await view_in(w)).settings
        if not any(is_told(news.code, settings, channel=channel) for channel in (PORTAL, EMAIL)):
            return None
        return await _insert(w, news, settings)


async def _insert(w: Work, news: News, settings: SpaceSettings) -> UUID | None:
    notification = randomness.uuid4()
    params = {
        "space": w.space_id,
        "id": notification,
        "code": news.code,
        "document": news.document,
        "grantee": news.grantee,
        "created_at": news.happened_at or w.at,
        # told by e-mail only: the line is kept for telling once, and is not in the list
        "deleted_at": None if is_told(news.code, settings, channel=PORTAL) else w.at,
        "key": news.key,
    }
    if not await w.execute(_ADD, params):
        return None
    await publish(w, NotificationAdded(space=w.space_id, notification=notification))
    return notification


async def _may_know(w: Work, holder: Actor, news: News) -> bool:
    params = shown_to(holder, space=w.space_id, at=w.at) | {"document": news.document}
    row = await w.row(_WOULD_BE_SHOWN, params)
    return row is not None and bool(row[0])
