"""The person saw the three choices of the first visit: they are not asked again, and find them in their settings."""

from datetime import datetime

from carnet.infra.db import work
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, Reason, allow, refuse
from carnet.kernel.ids import SpaceId

_NOTE = "UPDATE space SET welcomed_at = %s WHERE space_id = %s AND welcomed_at IS NULL"


async def note_welcome(*, actor: Actor, space: SpaceId, at: datetime) -> None:
    """Remember it; again changes nothing. Raises Refused to anyone but the person."""
    decision = allow(Ground.OWN_SPACE) if actor.space == space and actor.strong else refuse(Reason.OTHER_SPACE)
    async with work(space=space, at=at) as w:
        if not decision.allowed or await w.execute(_NOTE, (at, space)):
            await record(w, Act.CHANGE_SETTINGS, decision, actor=actor, details={"what": "welcome"})
    decision.raise_if_refused()
