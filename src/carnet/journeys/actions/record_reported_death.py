"""A death the insurer's file tells of somebody who has a space: the same act as the one noted by hand.

Crosses spaces (whose it is) and the end of the space (`leave_space`). Who died is known by the digests of the file, and
must be whom the space is of: a death is noted for nobody by a number alone. Source: L1111-18 CSP; mes.md §3.3.
"""

from datetime import datetime

from carnet.infra.db import work
from carnet.infra.installation import current
from carnet.infra.vault import Unopenable
from carnet.journeys.actions.leave_space import Moving, bring_about
from carnet.kernel.actors import Actor
from carnet.kernel.errors import Invalid, NotFound
from carnet.spaces.api import (
    CONTRADICTS,
    DEATH_CONTESTED,
    SPACE_OPEN,
    Event,
    Motive,
    State,
    find_by_digest,
    life_in,
    traits_mac,
    view_in,
    was_taken_back,
)


async def record_reported_death(*, actor: Actor, digest: bytes, identity: bytes, at: datetime) -> bool:
    """Note the death of whoever has this INS, and return whether they have a space; noted before, nothing changes.

    digest: of the INS; identity: `traits_mac` of who died. Raises Invalid: another birth name, sex or birth date; a
    space that does not open or is erased; somebody of whom a death was taken back before, whom a human must look at.
    """
    space = await find_by_digest(digest)
    if space is None:
        return False
    try:
        async with work(space=space, at=at) as w:
            known = (await view_in(w)).person.traits
            if traits_mac(current().house_key, known) != identity:
                raise Invalid(CONTRADICTS)
            life = await life_in(w)
            if life.state is not State.DECEASED and (life.alive_at is not None or await was_taken_back(w, digest)):
                raise Invalid(DEATH_CONTESTED)
            moved = await bring_about(w, actor=actor, movings=(Moving(event=Event.DIE, motive=Motive.DEATH),))
    except (NotFound, Unopenable):
        raise Invalid(SPACE_OPEN) from None
    if not moved.stands:
        raise Invalid(SPACE_OPEN)
    return True
