"""The operator gives an event that was given up another chance."""

from datetime import datetime

from carnet.infra.db import system_work
from carnet.infra.jobs.actions.requeue import requeue
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow
from carnet.kernel.errors import NotFound


async def retry_dead_letter(*, actor: Actor, job: int, at: datetime) -> None:
    """Queue the dead letter `job` (number as `list_dead_letters` gives it) again. Raises NotFound."""
    async with system_work(at=at) as w:
        if not await requeue(w, job):
            raise NotFound
        await record(w, Act.RETRY_DEAD_LETTER, allow(Ground.DUTY), actor=actor, details={"job": job})
