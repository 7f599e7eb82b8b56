"""The first time an authorised professional opens a space, the person hears of it (mes.md P2)."""

from datetime import datetime

from carnet.access.events import FirstAccess
from carnet.infra.db import work
from carnet.infra.jobs.outbox import publish
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow
from carnet.kernel.ids import SpaceId

_FIRST = """
UPDATE authorisation SET first_used_at = %(at)s
WHERE space_id = %(space)s AND effect = 'permit' AND ended_at IS NULL AND first_used_at IS NULL
  AND (rpps = %(rpps)s OR finess = %(finess)s)
"""


async def note_first_access(*, actor: Actor, space: SpaceId, at: datetime) -> None:
    """Mark the authorisation as used and publish the notice, once; doing it twice changes nothing."""
    async with work(space=space, at=at) as w:
        params = {"at": at, "space": space, "rpps": actor.rpps, "finess": actor.organisation}
        if await w.execute(_FIRST, params):
            await record(w, Act.FIRST_ACCESS, allow(Ground.AUTHORISED_PROFESSIONAL), actor=actor)
            await publish(w, FirstAccess(space=space, rpps=actor.identifier, at=at))
