"""Families: a child whose representative the insurer names, a carer who accepted."""

import datetime as dt
from uuid import UUID

import msgspec

from carnet.access.api import Wanted, answer_invitation, attach_representative, invite_carer, record_guardian
from carnet.infra import clock
from carnet.kernel.actors import Actor, ActorKind
from carnet.spaces.api import Delegate, delegate_of, open_space
from factories.people import make_traits
from factories.world import OPERATOR, Someone, fresh_ins


def as_delegate(someone: Someone) -> Delegate:
    """Somebody as those they act for know them."""
    return delegate_of(someone.ins, someone.traits)


async def make_child(
    *, born: str = "2019-03-04", name: str = "Lison", email: str | None = None, at: dt.datetime | None = None
) -> Someone:
    """Open the space of a child."""
    ins = fresh_ins()
    traits = msgspec.structs.replace(make_traits(7), given_names=(name,), birth_date=born)
    space = await open_space(actor=OPERATOR, ins=ins, traits=traits, email=email, active=True, at=at or clock.now())
    actor = Actor(kind=ActorKind.PERSON, identifier="", name=name, space=space, strong=True, session="s1")
    return Someone(ins=ins, traits=traits, space=space, actor=actor)


async def stand_for(
    whom: Someone, guardian: Someone, *, measure: str = "tutelle", at: dt.datetime | None = None
) -> UUID:
    """Let the desk record a guardian of an adult; return the delegation."""
    at = at or clock.now()
    return await record_guardian(
        actor=OPERATOR,
        space=whom.space,
        guardian=as_delegate(guardian),
        measure=measure,
        proof="Tribunal judiciaire, décision du 4 mai 2026",
        ends_at=at + dt.timedelta(days=365),
        at=at,
    )


async def help_with(
    whom: Someone,
    carer: Someone,
    *,
    withheld: tuple[str, ...] = ("DEPISTAG",),
    messages: bool = False,
    agenda: bool = False,
    at: dt.datetime | None = None,
) -> UUID:
    """Let somebody invite a carer, who accepts; return the delegation."""
    at = at or clock.now()
    ends_at = at + dt.timedelta(days=14)
    wanted = Wanted(
        starts_at=at, ends_at=ends_at, purpose="hospital", withheld=withheld, messages=messages, agenda=agenda
    )
    me = as_delegate(carer)
    row = await invite_carer(actor=whom.actor, space=whom.space, invited=me, wanted=wanted, at=at)
    actor = acting(carer, whom, row, kind=ActorKind.CARER)
    await answer_invitation(actor=actor, space=whom.space, me=me, delegation=row, accepted=True, at=at)
    return row


async def attach(child: Someone, parent: Someone, *, at: dt.datetime | None = None) -> Actor:
    """Let a parent act in a child's space; return them as they act there."""
    row = await attach_representative(space=child.space, delegate=as_delegate(parent), at=at or clock.now())
    assert row is not None
    return acting(parent, child, row, kind=ActorKind.REPRESENTATIVE)


def acting(someone: Someone, whom: Someone, delegation, *, kind: ActorKind) -> Actor:
    """Somebody in the space of whom they act for."""
    return msgspec.structs.replace(
        someone.actor, kind=kind, space=None, acts_for=whom.space, delegation=delegation, stepped_up_until=None
    )
