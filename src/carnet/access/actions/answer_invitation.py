"""The invited says yes or no, and either side ends it: in the space and on the delegate's side at once.

Who answers was proved before: `me` is the holder of the session as their own space knows them. Source: mes.md A10, A11.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

import msgspec

from carnet.access.data import NO_SPACE, Need
from carnet.access.gate import look_in
from carnet.access.queries.delegation_list import Delegations
from carnet.access.queries.delegations import DelegationLine, Standing
from carnet.access.queries.places import side_of
from carnet.access.rules.decide import OPEN_STATES
from carnet.access.rules.delegating import HELPS_ENOUGH, TWO_PARENTS
from carnet.infra.db import Work, work
from carnet.infra.installation import current
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Decision, Ground, Reason, allow, refuse
from carnet.kernel.errors import Invalid, NotFound
from carnet.kernel.ids import SpaceId
from carnet.spaces.api import Delegate, Place, view_in

Beside = Callable[[Work, DelegationLine, str], Awaitable[None]]
"""What else is one thing with the answer or the end: given the transaction, the line, the name of who is helped."""

_ENDED_BY = {ActorKind.PERSON: "person", ActorKind.REPRESENTATIVE: "delegate", ActorKind.CARER: "delegate"}


async def answer_invitation(
    *,
    actor: Actor,
    space: SpaceId,
    me: Delegate,
    delegation: UUID,
    accepted: bool,
    beside: Beside | None = None,
    at: datetime,
) -> DelegationLine:
    """Accept or refuse; return the line as it was. actor: who answers, as they would act there.

    beside: done with a yes, in its transaction: both or neither.
    Raises NotFound (not theirs, answered, over), Invalid (helps enough people already, two parents are there).
    """
    async with work(space=space, at=at) as w:
        held = await Delegations.held(w)
        line = await _theirs(held, me, delegation)
        if line.standing(at) is not Standing.WAITING:
            raise NotFound
        decision = await _on_open(w, actor)
        await record(w, Act.ANSWER_INVITATION, decision, actor=actor, details={"accepted": accepted})
        if decision.allowed:
            side = await side_of(w, me.ins)
            if accepted and line.kind == "carer" and await side.helped() >= current().limits.family.helped_by_one:
                raise Invalid(HELPS_ENOUGH)
            if accepted and line.kind == "representative" and await held.has_both_parents():
                raise Invalid(TWO_PARENTS)
            await held.answer(line, accepted=accepted, me=me)
            if accepted:
                name = (await view_in(w)).person.display_name
                await side.put(delegation.bytes, _place(line, space, name=name), taken=True, until=line.ends_at)
                if beside is not None:
                    await beside(w, msgspec.structs.replace(line, delegate=me), name)
            else:
                await side.drop(delegation.bytes)
    decision.raise_if_refused()
    return line


async def end_delegation(
    *,
    actor: Actor,
    space: SpaceId,
    delegation: UUID,
    me: Delegate | None = None,
    beside: Beside | None = None,
    at: datetime,
) -> DelegationLine:
    """End a carer's delegation, by the person or (`me`) by the carer; return the line as it was.

    beside: done in the same transaction, where somebody's help ends that had begun: both or neither.
    Legal representatives are ended by the law, the desk or a judge, never by a button. Raises NotFound, Refused.
    """
    async with work(space=space, at=at) as w:
        held = await Delegations.held(w)
        if me is None:
            decision = (await look_in(w, actor=actor, changing=True)).decide(Need.MANAGE_CARERS)
            line = await held.line(delegation) if decision.allowed else None
        else:
            decision, line = allow(Ground.REPRESENTED), await _theirs(held, me, delegation)
        if decision.allowed:
            ended = {Standing.OVER, Standing.REFUSED}
            if line is None or line.kind != "carer" or line.standing(at) in ended:
                raise NotFound
            await held.end(line, by=_ENDED_BY[actor.kind])
            if beside is not None and line.accepted_at is not None:
                await beside(w, line, (await view_in(w)).person.display_name)
        await record(w, Act.END_DELEGATION, decision, actor=actor, details={"delegation": delegation.hex})
    decision.raise_if_refused()
    if line is None:
        raise NotFound
    return line


async def _theirs(held: Delegations, me: Delegate, delegation: UUID) -> DelegationLine:
    line = await held.line(delegation)
    if line is None or line.delegate.ins != me.ins:
        raise NotFound
    return line


async def _on_open(w: Work, actor: Actor) -> Decision:
    facts = (await look_in(w, actor=actor, changing=True)).facts
    if facts.state == NO_SPACE or facts.state not in OPEN_STATES:
        return refuse(Reason.SPACE_NOT_OPEN)
    return allow(Ground.REPRESENTED)


def _place(line: DelegationLine, space: SpaceId, *, name: str) -> Place:
    return Place(
        space=space,
        delegation=line.delegation_id,
        name=name,
        kind=line.kind,
        basis=line.basis,
        purpose=line.purpose,
        starts_at=line.starts_at,
    )
