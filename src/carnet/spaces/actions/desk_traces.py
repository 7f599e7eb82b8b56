"""The trace of what the desk does for somebody: in their journal when they have a space, else in the house's."""

from typing import Any

from carnet.infra.db import Work
from carnet.journal.api import Act, Trace, append
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow
from carnet.kernel.ids import SpaceId

_PLACE = "SELECT space_id FROM ins_index WHERE ins_digest = %s"


async def trace_for(w: Work, digest: bytes, act: Act, *, actor: Actor, details: dict[str, Any]) -> None:
    """Leave the trace of an act for who has this digest, in the transaction of the act."""
    place = await w.row(_PLACE, (digest,))
    space = SpaceId(place[0]) if place else None
    trace = Trace(act=act, actor=actor, decision=allow(Ground.DUTY), at=w.at, space=space, details=details)
    await append(w, trace)
