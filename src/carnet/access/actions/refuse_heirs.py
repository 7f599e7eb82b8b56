"""The person says that nobody is to know of their health once they died, or leaves it to the law again.

Theirs alone: no representative and no carer says it for them. Source: L1110-4 V CSP ("sauf volonté contraire").
"""

from datetime import datetime

from carnet.access.actions.change_list import AccessList
from carnet.access.data import Need
from carnet.infra.db import work
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.ids import SpaceId

_SET = "UPDATE authz SET epoch = epoch + 1, refuses_heirs = %(refused)s WHERE space_id = %(space)s"


async def refuse_heirs(*, actor: Actor, space: SpaceId, refused: bool, at: datetime) -> None:
    """Write what the person wants. Raises Refused (anybody else)."""
    async with work(space=space, at=at) as w:
        _, decision = await AccessList(w, actor=actor).weigh(Need.OWN_RULES)
        await record(w, Act.REFUSE_HEIRS, decision, actor=actor, details={"refused": refused})
        if decision.allowed:
            await w.execute(_SET, {"space": space, "refused": refused})
    decision.raise_if_refused()
