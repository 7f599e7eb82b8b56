"""Whose spaces somebody may go into, going in, and coming back.

Crosses identity (the session), spaces (who I am, whose space this is) and access (what lets me in). The session only
remembers which space is asked for; each act in it reads the delegation again, so that its end has effect at once.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from carnet.access.api import (
    OPEN_STATES,
    Need,
    Side,
    attach_representative,
    look_in,
    side_of,
)
from carnet.identity.api import Acting, SignedIn, go_into
from carnet.infra.db import rows_in_one_trip, system_work, work
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Reason, problem_of
from carnet.kernel.errors import NotFound, Refused
from carnet.kernel.ids import SpaceId
from carnet.spaces.api import (
    Delegate,
    Place,
    State,
    delegate_of,
    find_by_digest,
    keyset_statement,
    open_keys,
    person_statement,
    to_view,
)


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """A space somebody may go into, or is asked to (waiting). kind: "representative" or "carer".

    closed: nobody goes in, until it is opened again; may_reopen: they may do that.
    """

    delegation: UUID
    name: str
    kind: str
    basis: str
    purpose: str
    starts_at: datetime
    until: datetime
    waiting: bool = False
    closed: bool = False
    may_reopen: bool = False


async def stay_there(*, renewed: SignedIn | None, session: UUID, at: datetime) -> None:
    """Let a new session be where the one it renews was: a fresh proof changes nothing about whom one acts for."""
    if renewed is not None and renewed.session.acting is not None:
        async with system_work(at=at) as w:
            await go_into(w, session=session, acting=renewed.session.acting)


async def whoever(signed_in: SignedIn) -> Delegate:
    """Return the holder of the session as somebody who may act for others. Raises Refused without an open space."""
    space = signed_in.session.holder.space
    if space is None:
        raise Refused(problem_of(Reason.OTHER_SPACE))
    rows = await rows_in_one_trip([person_statement(space), keyset_statement(space)], space=space)
    keys = await open_keys(rows[1], space=space)
    if keys is None or not rows[0]:
        raise NotFound
    view = to_view(rows[0][0], keys=keys, space=space)
    if view.state not in OPEN_STATES:  # suspended or left: one page is left to them, and it is their own
        raise Refused(problem_of(Reason.SPACE_NOT_OPEN))
    return delegate_of(view.person.ins, view.person.traits)


async def profiles(*, signed_in: SignedIn, at: datetime) -> tuple[Profile, ...]:
    """Return the spaces the holder of the session may go into, those the insurer names attached on the way."""
    me = await whoever(signed_in)
    await attach_named(me, at)
    found = await profiles_of(me, at=at)
    places = {one.delegation: one for one in await places_of(me, at=at)}
    return tuple([await _as_it_stands(one, places.get(one.delegation), signed_in, at) for one in found])


async def places_of(me: Delegate, *, at: datetime) -> tuple[Place, ...]:
    """Return where somebody acts."""
    async with system_work(at=at) as w:
        return tuple(one.place for one in await (await side_of(w, me.ins)).places() if one.taken)


async def profiles_of(me: Delegate, *, at: datetime) -> tuple[Profile, ...]:
    """Return the spaces somebody may go into, or is asked to, as they stand."""
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
        seen = await look_in(w, actor=actor)
        decision = seen.decide_on_entering()
        await record(w, Act.ACT_FOR, decision, actor=actor)
        if decision.allowed:
            acting = msgspec.structs.replace(acting, agenda_only=not seen.decide(Need.LIST).allowed)
            await go_into(w, session=signed_in.session.public_id, acting=acting)
    decision.raise_if_refused()
    return acting


async def act_for_oneself(*, signed_in: SignedIn, at: datetime) -> None:
    """Bring the session back to its holder's own space."""
    async with system_work(at=at) as w:
        await go_into(w, session=signed_in.session.public_id, acting=None)


def actor_space(actor: Actor) -> SpaceId:
    """Return the space somebody acts in. Raises NotFound when they act for nobody."""
    if actor.acts_for is None:
        raise NotFound
    return actor.acts_for


def acting_in(signed_in: SignedIn, place: Place) -> Actor:
    """Return the holder of a session as they act in a place of theirs. Raises NotFound when it is none yet."""
    if place.space is None or place.delegation is None:
        raise NotFound
    acting = Acting(space=place.space, delegation=place.delegation, kind=ActorKind(place.kind), name=place.name)
    return acting.actor(signed_in.session.holder)


async def _as_it_stands(one: Profile, place: Place | None, signed_in: SignedIn, at: datetime) -> Profile:
    """Return a profile with whether the space is closed, and whether they may open it again."""
    if place is None or place.kind != ActorKind.REPRESENTATIVE:
        return one
    actor = acting_in(signed_in, place)
    async with work(space=actor_space(actor), at=at) as w:
        seen = await look_in(w, actor=actor)
    closed = seen.facts.state == State.CLOSED
    may = closed and seen.decide_for_child().allowed
    return msgspec.structs.replace(one, closed=closed, may_reopen=may)


async def place_of(me: Delegate, signed_in: SignedIn, delegation: UUID, at: datetime) -> tuple[Place, Actor]:
    """Return a place of somebody's, and them as they act there. Raises NotFound."""
    async with system_work(at=at) as w:
        held = await (await side_of(w, me.ins)).places()
    found = next((one for one in held if one.place.delegation == delegation), None)
    if found is None or not (found.taken or is_meant(me, found.place)):
        raise NotFound
    return found.place, acting_in(signed_in, found.place)


async def attach_named(me: Delegate, at: datetime) -> None:
    """Write the delegations of the children the insurer says somebody represents, as far as their spaces are open."""
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
