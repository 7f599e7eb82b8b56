"""Whose spaces somebody may go into, going in, and coming back.

Crosses identity (the session), spaces (who I am, whose space this is) and access (what lets me in). The session only
remembers which space is asked for; each act in it reads the delegation again, so that its end has effect at once.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from carnet.access.api import (
    Need,
    Side,
    attach_representative,
    look_in,
    side_of,
)
from carnet.identity.api import Acting, SignedIn, go_into
from carnet.infra.db import rows_in_one_trip, system_work, work
from carnet.journal.api import Act, record
from carnet.kernel.actors import ActorKind
from carnet.kernel.decisions import Reason, problem_of
from carnet.kernel.errors import NotFound, Refused
from carnet.spaces.api import (
    Delegate,
    Place,
    delegate_of,
    find_by_digest,
    keyset_statement,
    open_keys,
    person_statement,
    to_view,
)


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """A space somebody may go into, or is asked to (waiting). kind: "representative" or "carer"."""

    delegation: UUID
    name: str
    kind: str
    basis: str
    purpose: str
    starts_at: datetime
    until: datetime
    waiting: bool = False


async def whoever(signed_in: SignedIn) -> Delegate:
    """Return the holder of the session as somebody who may act for others. Raises Refused without a space."""
    space = signed_in.session.holder.space
    if space is None:
        raise Refused(problem_of(Reason.OTHER_SPACE))
    rows = await rows_in_one_trip([person_statement(space), keyset_statement(space)], space=space)
    keys = await open_keys(rows[1], space=space)
    if keys is None or not rows[0]:
        raise NotFound
    person = to_view(rows[0][0], keys=keys, space=space).person
    return delegate_of(person.ins, person.traits)


async def profiles(*, signed_in: SignedIn, at: datetime) -> tuple[Profile, ...]:
    """Return the spaces the holder of the session may go into, those the insurer names attached on the way."""
    me = await whoever(signed_in)
    await _attach_named(me, at)
    async with system_work(at=at) as w:
        held = await (await side_of(w, me.ins)).places()
    return tuple(
        Profile(
            delegation=one.place.delegation,
            name=one.place.name,
            kind=one.place.kind,
            basis=one.place.basis,
            purpose=one.place.purpose,
            starts_at=one.place.starts_at or at,
            until=one.until,
            waiting=not one.taken,
        )
        for one in held
        if one.place.delegation is not None and (one.taken or is_meant(me, one.place))
    )


def is_meant(me: Delegate, place: Place) -> bool:
    """Tell whether whoever invites named this very person; anybody else never hears of it."""
    return place.claim is not None and place.claim.fits(me)


async def act_for(*, signed_in: SignedIn, delegation: UUID, at: datetime) -> Acting:
    """Let the session act in the space of a delegation of its holder's. Raises NotFound, Refused (over, closed)."""
    me = await whoever(signed_in)
    async with system_work(at=at) as w:
        held = await (await side_of(w, me.ins)).places()
    place = next((one.place for one in held if one.taken and one.place.delegation == delegation), None)
    if place is None or place.space is None:
        raise NotFound
    acting = Acting(space=place.space, delegation=delegation, kind=ActorKind(place.kind), name=place.name)
    actor = acting.actor(signed_in.session.holder)
    async with work(space=place.space, at=at) as w:
        decision = (await look_in(w, actor=actor)).decide(Need.LIST)
        await record(w, Act.ACT_FOR, decision, actor=actor)
        if decision.allowed:
            await go_into(w, session=signed_in.session, acting=acting)
    decision.raise_if_refused()
    return acting


async def act_for_oneself(*, signed_in: SignedIn, at: datetime) -> None:
    """Bring the session back to its holder's own space."""
    async with system_work(at=at) as w:
        await go_into(w, session=signed_in.session, acting=None)


async def _attach_named(me: Delegate, at: datetime) -> None:
    async with system_work(at=at) as w:
        side: Side = await side_of(w, me.ins)
        named = [one for one in await side.places() if one.place.child]
    for one in named:
        space = await find_by_digest(one.place.child)
        if space is None:  # not open yet, or never: asked again next time
            continue
        await attach_representative(space=space, delegate=me, at=at)
        async with system_work(at=at) as w:
            await (await side_of(w, me.ins)).drop(one.place_id)
