"""The first time an authorised professional opens a space, the person hears of it (mes.md P2).

Each professional counts: that a colleague of the same organisation or care team came before changes nothing. Of two
first accesses at once one waits for the other and finds that it was told.
"""

from datetime import datetime

from carnet.access.actions.alike import alike
from carnet.access.actions.change_list import AccessList
from carnet.access.data import Need
from carnet.access.events import FirstAccess
from carnet.access.rules.lines import standing
from carnet.infra.db import work
from carnet.infra.jobs.outbox import publish
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.ids import SpaceId

# ## The line itself, when it names them or was never used; and their own first use of a line that names more ##
_FIRST = """
UPDATE authorisation SET first_used_at = %(at)s
WHERE space_id = %(space)s AND authorisation_id = ANY(%(lines)s) AND first_used_at IS NULL
"""
_OWN = """
INSERT INTO authorisation_use (space_id, authorisation_id, rpps, first_used_at)
SELECT %(space)s, id, %(rpps)s, %(at)s FROM unnest(%(lines)s::uuid[]) id ON CONFLICT DO NOTHING
"""


async def note_first_access(*, actor: Actor, space: SpaceId, at: datetime) -> None:
    """Mark the authorisations as used and publish the notice, once; doing it twice changes nothing."""
    async with work(space=space, at=at) as w:
        seen, decision = await AccessList(w, actor=actor).weigh(Need.LIST)
        if not decision.is_first_access:
            return
        permits = standing(actor, seen.facts, at=at).permits
        permits = tuple(line for line in permits if line.secret) or permits  # a line parents know says nothing of it
        params = {"at": at, "space": space, "rpps": actor.rpps}
        await w.execute(_FIRST, params | {"lines": [line.authorisation_id for line in permits]})
        shared = [line.authorisation_id for line in permits if line.rpps != actor.rpps]
        await w.execute(_OWN, params | {"lines": shared})
        await record(w, Act.FIRST_ACCESS, decision, actor=actor, details=await alike(w, seen, actor=actor))
        await publish(w, FirstAccess(space=space, rpps=actor.identifier, at=at))
