"""Does this person have a space that this professional is not kept out of? Asked with a trace, answered yes or no."""

from datetime import datetime

from carnet.access.api import Need, look
from carnet.identity.api import Ins
from carnet.journal.api import Act, Trace, record_durably
from carnet.kernel.actors import Actor
from carnet.kernel.ids import SpaceId
from carnet.records.actions.refusing import refuse_unknown
from carnet.spaces.api import find_space


async def find_patient(*, actor: Actor, ins: Ins, at: datetime) -> SpaceId | None:
    """Return the space of `ins` when `actor` could ask its person for consent there, else None, whatever the reason.

    The question is journalled: in the space when there is one, else in the security journal.
    """
    space = await find_space(ins)
    if space is None:
        await refuse_unknown(actor=actor, act=Act.FIND_PATIENT, at=at)
        return None
    seen = await look(actor=actor, space=space, at=at)
    decision = seen.decide(Need.RECORD_CONSENT)
    await record_durably(Trace(act=Act.FIND_PATIENT, actor=actor, decision=decision, at=at, space=space))
    return space if decision.allowed else None
