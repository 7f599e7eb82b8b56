"""A contact of the desk under way: its agent's only, for an hour, and not before the identity was checked.

Ignored here: what is done in it (actions). Nothing here opens a key of a space.
"""

from datetime import datetime, timedelta
from uuid import UUID

from carnet.infra.db import Work, system_work
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Decision, Ground, Reason, allow, refuse
from carnet.kernel.errors import NotFound, Refused
from carnet.kernel.ids import SpaceId
from carnet.spaces.queries.desk import DeskContact, DeskStanding, contact_in, has_contact, standing_of
from carnet.spaces.rules.desk import NOT_CHECKED, Asker

LASTS = timedelta(hours=1)
"""How long a contact stays open: a conversation, not a day."""


async def see_contact(*, actor: Actor, contact: UUID, at: datetime) -> tuple[DeskContact, DeskStanding]:
    """Return a contact under way and where the person's space stands. Raises NotFound, Refused.

    The search that began it is the trace: until it ends it shows no more than that search did.
    """
    async with system_work(at=at) as w:
        held = await held_contact(w, actor=actor, contact=contact)
    return held, await standing_of(held.digest)


async def held_contact(w: Work, *, actor: Actor, contact: UUID, checked: bool = False) -> DeskContact:
    """Return the contact, held; only its own agent's, and only while it lasts. Raises NotFound, Refused.

    checked: an act follows, so the identity must have been checked.
    """
    agent_only(actor).raise_if_refused()
    held = await contact_in(w, contact=contact, agent=actor.identifier, since=w.at - LASTS)
    if held is None:
        raise NotFound
    if checked and held.checked_at is None:
        raise Refused(NOT_CHECKED)
    return held


async def is_heard(w: Work, *, actor: Actor, space: SpaceId, themselves: bool) -> bool:
    """Tell whether an agent is in contact with the person of `space` now, identity checked: what they say is theirs.

    themselves: who represents them does not speak for them here.
    """
    askers = (Asker.PERSON,) if themselves else (Asker.PERSON, Asker.REPRESENTATIVE)
    return await has_contact(w, agent=actor.identifier, space=space, since=w.at - LASTS, askers=askers)


def agent_only(actor: Actor) -> Decision:
    """Return whether an actor is an agent of the desk: not the operator, not a pilot."""
    allowed = actor.kind is ActorKind.AGENT and actor.strong
    return allow(Ground.DUTY) if allowed else refuse(Reason.NOT_A_READER)
