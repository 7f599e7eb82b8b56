"""The bin empties itself: a conversation its person put there long enough ago is deleted for good.

The delay is a setting, told on the page (storage no longer than needed, article 5(1)(e) GDPR; the person's own wish,
L1111-13-1 CSP). What a carer put there stays: they delete nothing for good. A space that is not open keeps what it has.
What has not left yet leaves first.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from carnet.infra.db import Database, work
from carnet.infra.installation import current
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow
from carnet.kernel.ids import SpaceId
from carnet.messaging.actions.forget_messages import forget_messages

MOST: Final = 500
# ## Some of what is due, after the last one seen: what stays (spaces that are not open) holds up nothing behind it ##
_DUE: Final = """
SELECT space_id, conversation_id, binned_at FROM conversation
WHERE place = 'bin' AND deleted_at IS NULL AND binned_at < %(before)s
  AND (binned_at, conversation_id) > (%(since)s::timestamptz, %(after)s)
ORDER BY binned_at, conversation_id LIMIT %(most)s
"""
_DELETE: Final = """
UPDATE conversation SET deleted_at = %(at)s, head_enc = NULL, unread = 0
WHERE space_id = %(space)s AND conversation_id = %(conversation)s AND deleted_at IS NULL AND place = 'bin'
  AND binned_at < %(before)s
  AND NOT EXISTS (SELECT FROM message m JOIN outgoing_mail o USING (space_id, message_id)
    WHERE m.space_id = %(space)s AND m.conversation_id = %(conversation)s AND o.state = 'queued')
  AND EXISTS (SELECT FROM authz WHERE space_id = %(space)s AND state IN ('OPEN', 'ACTIVE'))
"""


async def empty_bins(*, actor: Actor, batch: Database, at: datetime) -> int:
    """Delete what lay in bins for the delay; return how many. batch: the database as carnet_batch."""
    before = at - timedelta(days=current().limits.mail.bin_days)
    asked: dict[str, object] = {"before": before, "most": MOST, "since": "-infinity", "after": UUID(int=0)}
    gone = 0
    while due := await _due(batch, asked, at):
        for space, conversation, _ in due:
            gone += await _delete(actor, SpaceId(space), conversation, before, at)
        asked |= {"since": due[-1][2], "after": due[-1][1]}
    return gone


async def _due(batch: Database, asked: dict[str, object], at: datetime) -> list[tuple[UUID, UUID, datetime]]:
    async with work(space=None, at=at, database_=batch) as w:
        return [(row[0], row[1], row[2]) for row in await w.rows(_DUE, asked)]


async def _delete(actor: Actor, space: SpaceId, conversation: UUID, before: datetime, at: datetime) -> bool:
    params = {"space": space, "conversation": conversation, "at": at, "before": before}
    async with work(space=space, at=at) as w:
        gone = bool(await w.execute(_DELETE, params))
        if gone:
            await forget_messages(w, conversation)
            told: dict[str, object] = {"from": "bin"}
            await record(w, Act.DELETE_CONVERSATION, allow(Ground.DUTY), actor=actor, details=told)
    return gone
