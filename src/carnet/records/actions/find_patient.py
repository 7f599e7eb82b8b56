"""Does this person have a space that this professional is not kept out of, and how do they stand there? With a trace.

Unknown, closed, erased and blocked are one answer after the same work: facts are read of a made-up space when there is
none, and every question is journalled, in the space or in the security journal (decision 0070).
"""

from datetime import datetime

import msgspec

from carnet.access.api import Look, Mode, Need, emergency_professions, look
from carnet.identity.api import Ins
from carnet.infra import randomness
from carnet.journal.api import Act, Trace, record_durably
from carnet.kernel.actors import Actor
from carnet.kernel.ids import SpaceId
from carnet.records.actions.nearness import near
from carnet.records.actions.refusing import refuse_unknown
from carnet.spaces.api import find_space


class FoundPatient(msgspec.Struct, frozen=True, kw_only=True):
    """How a professional stands in a space they may know of. authorised: by the person's list, whatever the mode.

    code_needed: the person asks for a one-time code with each consent. modes: the emergencies they could declare here.
    mode: in force for this very session, until mode_ends_at.
    """

    space: SpaceId
    authorised: bool
    code_needed: bool
    modes: tuple[Mode, ...]
    mode: Mode
    mode_ends_at: datetime | None


async def find_patient(*, actor: Actor, ins: Ins, at: datetime) -> FoundPatient | None:
    """Return the space of `ins` when `actor` could ask its person for consent there, else None, whatever the reason.

    The question is journalled: in the space when there is one, else in the security journal. Source: DMP TD0.2.
    """
    space = await find_space(ins)
    seen = await look(actor=actor, space=space or SpaceId(randomness.uuid4()), at=at)
    if space is None:
        await refuse_unknown(actor=actor, act=Act.FIND_PATIENT, ins=ins, at=at)
        return None
    decision = seen.decide(Need.RECORD_CONSENT)
    details = near(actor, ins, at=at)
    trace = Trace(act=Act.FIND_PATIENT, actor=actor, decision=decision, at=at, space=space, details=details)
    await record_durably(trace)
    return _standing(seen) if decision.allowed else None


def _standing(seen: Look) -> FoundPatient:
    calm = msgspec.structs.replace(seen, facts=msgspec.structs.replace(seen.facts, emergency=None))
    needs = {Mode.BRIS_DE_GLACE: Need.BREAK_GLASS, Mode.CENTRE_15: Need.REGULATE}
    return FoundPatient(
        space=seen.facts.space,
        authorised=calm.decide(Need.LIST).allowed,
        code_needed=seen.facts.strong_consent,
        modes=tuple(
            mode
            for mode, need in needs.items()
            if seen.decide(need).allowed and seen.actor.profession in emergency_professions(mode)
        ),
        mode=seen.mode,
        mode_ends_at=seen.mode_ends_at,
    )
