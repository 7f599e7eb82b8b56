"""Whom somebody represents, as the page that closes one's own space speaks of them: of children it asks, of an adult
under a measure it says what becomes of them.

Read space by space, nothing locked: what is chosen is decided again when it is done (`leave_family`).
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from carnet.access.api import OPEN_STATES, Standing, delegations, look_in
from carnet.identity.api import SignedIn
from carnet.infra.db import Work, work
from carnet.infra.installation import current
from carnet.journeys.acting import acting_in, actor_space, attach_named, places_of, whoever
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.errors import NotFound
from carnet.kernel.ids import SpaceId
from carnet.spaces.api import Place, archive_day, hold_life, keys_in


class ChildChoice(StrEnum):
    """What becomes of a child's space when somebody who represents them leaves theirs."""

    KEEP = "keep"
    HAND_OVER = "hand-over"
    CLOSE = "close"


class Child(msgspec.Struct, frozen=True, kw_only=True):
    """Whom somebody represents. actor: they, as they act there; choices: empty when it is the person's own word.

    basis: "parental", or an adult's measure. shared: another representative acts there too. kept_until: when what is
    closed now is erased by itself.
    """

    delegation: UUID
    space: SpaceId
    name: str
    basis: str
    actor: Actor
    choices: tuple[ChildChoice, ...]
    shared: bool
    kept_until: datetime


async def children_of(*, signed_in: SignedIn, at: datetime) -> tuple[Child, ...]:
    """Return whom the holder of the session represents whose spaces are open, those the insurer names too."""
    me = await whoever(signed_in)
    await attach_named(me, at)
    found = []
    for place in await places_of(me, at=at):
        if place.kind == ActorKind.REPRESENTATIVE:
            child = await _child(signed_in, place, at)
            if child is not None:
                found.append(child)
    return tuple(sorted(found, key=lambda one: one.name))


async def other_representatives(w: Work, *, but: UUID | None) -> int:
    """Return how many others represent the person of the transaction's space now. After a decision."""
    lines = await delegations(w, keys=await keys_in(w))
    return sum(
        one.kind == ActorKind.REPRESENTATIVE and one.standing(w.at) is Standing.ACTIVE and one.delegation_id != but
        for one in lines
    )


async def _child(signed_in: SignedIn, place: Place, at: datetime) -> Child | None:
    actor, delegation = acting_in(signed_in, place), place.delegation
    if delegation is None:
        return None
    try:
        async with work(space=actor_space(actor), at=at) as w:
            seen = await look_in(w, actor=actor)
            if seen.facts.state not in OPEN_STATES:
                return None
            theirs = seen.decide_for_child().allowed
            shared = theirs and await other_representatives(w, but=delegation) > 0
            zone = (await hold_life(w)).zone
    except NotFound:  # erased meanwhile
        return None
    choices = (ChildChoice.KEEP, *((ChildChoice.HAND_OVER,) if shared else ()), ChildChoice.CLOSE) if theirs else ()
    return Child(
        delegation=delegation,
        space=actor_space(actor),
        name=place.name,
        basis=place.basis,
        actor=actor,
        choices=choices,
        shared=shared,
        kept_until=archive_day(delays=current().limits.life, zone=zone, at=at),
    )
