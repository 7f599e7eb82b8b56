"""Closing one's own space, and deciding in the same breath what becomes of those of the children one represents.

One transaction over all of them: each space is held, first one's own, then the children's by their ids; who may no
longer decide for a child, or would leave it to nobody, finds nothing done anywhere. The choice made for a child is in
the child's journal, and closing is the only one that changes the child's space. Never an erasure: what is closed for a
child is kept until they may ask for it themselves. Source: mes.md §2.2 A9, §3.3; art. 371-1, 372 code civil.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from carnet.access.api import OPEN_STATES, Delegations, look_in
from carnet.infra.db import Work, work
from carnet.journal.api import Act, record
from carnet.journeys.actions.leave_space import NOT_NOW, Moving, bring_about, closing
from carnet.journeys.children import ChildChoice, other_representatives
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Decision, Ground, Reason, allow, refuse
from carnet.kernel.errors import Conflict, NotFound
from carnet.kernel.ids import SpaceId
from carnet.spaces.api import Event, Life, Motive, hold_life, keys_in

_ACTS = {
    ChildChoice.KEEP: Act.LEAVE_OPEN,
    ChildChoice.HAND_OVER: Act.END_DELEGATION,
    ChildChoice.CLOSE: Act.CLOSE_SPACE,
}


class ForChild(msgspec.Struct, frozen=True, kw_only=True):
    """What was chosen for a child. actor: who leaves, as they act in the child's space."""

    space: SpaceId
    delegation: UUID
    actor: Actor
    choice: ChildChoice


async def close_with_children(
    *,
    actor: Actor,
    space: SpaceId,
    session: UUID | None = None,
    erase: bool = False,
    children: tuple[ForChild, ...] = (),
    at: datetime,
) -> Life:
    """Close one's own space (see `close_space`) and do what was chosen for each child; all of it or nothing.

    Raises Refused, Conflict (a choice that is none any more: their representation ended, nobody else is there).
    """
    held = tuple(sorted(children, key=lambda one: one.space))
    async with work(space=space, at=at) as w:
        await hold_life(w)
        refused = await _refused(w, held)
        if refused is None:
            moved = await bring_about(w, actor=actor, movings=closing(session=session, erase=erase))
            if moved.stands:
                await _carry_out(w, held)
    if refused is not None:
        raise Conflict(NOT_NOW)
    return moved.life_or_raise()


async def _refused(w: Work, children: tuple[ForChild, ...]) -> Decision | None:
    """Hold every child's rights still; return the first refusal, its trace left in that child's journal."""
    for one in children:
        async with w.beside(one.space) as child:
            seen = await look_in(child, actor=one.actor, changing=True)
            decision = seen.decide_for_child()
            if decision.allowed and seen.facts.state not in OPEN_STATES:
                decision = refuse(Reason.SPACE_NOT_OPEN)
            if decision.allowed and one.choice is ChildChoice.HAND_OVER:
                others = await other_representatives(child, but=one.delegation)
                decision = decision if others else refuse(Reason.DELEGATION_OVER)
            if not decision.allowed:
                await record(child, _ACTS[one.choice], decision, actor=one.actor)
                return decision
    return None


async def _carry_out(w: Work, children: tuple[ForChild, ...]) -> None:
    for one in children:
        async with w.beside(one.space) as child:
            if one.choice is ChildChoice.CLOSE:
                moving = Moving(event=Event.CLOSE, motive=Motive.HOLDER)
                (await bring_about(child, actor=one.actor, movings=(moving,))).life_or_raise()
            elif one.choice is ChildChoice.HAND_OVER:
                await _hand_over(child, one)
            else:
                await record(child, Act.LEAVE_OPEN, allow(Ground.REPRESENTED), actor=one.actor)


async def _hand_over(child: Work, one: ForChild) -> None:
    held = Delegations(child, keys=await keys_in(child))
    line = await held.line(one.delegation)
    if line is None:
        raise NotFound
    details = {"delegation": one.delegation.hex}
    await record(child, Act.END_DELEGATION, allow(Ground.REPRESENTED), actor=one.actor, details=details)
    await held.end(line, by="delegate")
