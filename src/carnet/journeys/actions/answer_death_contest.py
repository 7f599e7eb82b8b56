"""A second agent answers somebody noted as dead who says they live: the death is taken back, or stands for a reason.

Crosses the request (`spaces`), the state and what follows (`leave_space`). Taken back, the space stands where it stood;
what the death ended of others' rights stays ended, as after a closing. Source: art. 5.1.d, 16 GDPR; decision 0235.
"""

from datetime import datetime
from uuid import UUID

from carnet.infra.db import Work, system_work, work
from carnet.journeys.actions.leave_space import Moving, bring_about
from carnet.kernel.actors import Actor
from carnet.kernel.errors import Conflict, Invalid, NotFound
from carnet.spaces.api import (
    CONTEST_ANSWERED,
    CONTEST_FOUR_EYES,
    DeathContest,
    Event,
    NotTakenBack,
    agent_only,
    contest_in,
    find_by_digest,
    store_answer,
    take_back_enrolled,
)


async def answer_death_contest(*, actor: Actor, contest: UUID, refusal: NotTakenBack | None, at: datetime) -> None:
    """Take the death back, or refuse to. refusal: why it stands; None to take it back.

    Raises NotFound, Refused (not an agent), Invalid (the one who recorded it), Conflict (answered; space erased).
    """
    agent_only(actor).raise_if_refused()
    async with system_work(at=at) as w:
        found = await contest_in(w, contest)
    if found is None:
        raise NotFound
    async with work(space=await find_by_digest(found.digest), at=at) as w:
        held = await contest_in(w, contest, held=True)
        if held is None:
            raise NotFound
        if held.taken_back is not None:
            raise Conflict(CONTEST_ANSWERED)
        theirs = await store_answer(w, held, actor=actor, refusal=refusal)
        if theirs and refusal is None:
            await _take_back(w, held, actor)
    if not theirs:
        raise Invalid(CONTEST_FOUR_EYES)


async def _take_back(w: Work, held: DeathContest, actor: Actor) -> None:
    if w.space is None:
        await take_back_enrolled(w, held.digest, actor=actor)
    else:
        moved = await bring_about(w, actor=actor, movings=(Moving(event=Event.TAKE_BACK_DEATH),))
        moved.life_or_raise()
