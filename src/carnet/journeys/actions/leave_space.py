"""A space is suspended, closed, reopened; its erasure asked, cancelled; its holder dies: one table moves it, here.

Crosses spaces (the state), access (rights end), identity (sessions end). One transaction holds the rights row from the
first look to the last effect: two at once have one winner, the other finds it done. Every effect of the table has its
place in `_EFFECTS`, so that none can be forgotten. Source: R1111-36, L1111-18 CSP; mes.md §3.3. Ignored: the erasure
itself (`erase_spaces`), and how fresh the proof of whoever asks must be (the doors ask for it).
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

import msgspec

from carnet.access.api import end_all_rights, end_heirs, look_in
from carnet.identity.api import end_sessions_of
from carnet.infra.db import Work, work
from carnet.infra.installation import current
from carnet.infra.jobs.outbox import publish
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Decision, Ground, Reason, allow, refuse
from carnet.kernel.errors import Conflict, Problem
from carnet.kernel.ids import SpaceId
from carnet.kernel.legal_day import legal_day
from carnet.spaces.api import Effect, Event, Life, LifeChanged, Motive, hold_life, live_on, store_life

NOT_NOW = Problem(
    "not-in-this-state",
    "Ce n'est pas possible pour cet espace dans l'état où il est.",
    "This is not possible for this space as it stands.",
)
_DESK = frozenset({ActorKind.OPERATOR, ActorKind.SYSTEM})
_HOLDER = frozenset({ActorKind.PERSON})
_AGENTS = frozenset({ActorKind.AGENT})
_PARENTS = frozenset({ActorKind.REPRESENTATIVE})
_MAY: dict[Event, frozenset[ActorKind]] = {
    Event.CLOSE: _HOLDER | _PARENTS | _AGENTS | _DESK,
    Event.REOPEN: _HOLDER | _PARENTS,
    Event.ASK_DELETION: _HOLDER | _DESK,
    Event.CANCEL_DELETION: _HOLDER | _DESK,
    Event.SUSPEND: _DESK,
    Event.LIFT_SUSPENSION: _DESK,
    Event.CLOSE_SUSPENDED: _DESK,
    Event.DIE: _DESK,
    Event.TAKE_BACK_DEATH: _AGENTS,
}
_ACTS = {
    Event.CLOSE: Act.CLOSE_SPACE,
    Event.CLOSE_SUSPENDED: Act.CLOSE_SPACE,
    Event.REOPEN: Act.REOPEN_SPACE,
    Event.ASK_DELETION: Act.ASK_DELETION,
    Event.CANCEL_DELETION: Act.CANCEL_DELETION,
    Event.SUSPEND: Act.SUSPEND_SPACE,
    Event.LIFT_SUSPENSION: Act.LIFT_SUSPENSION,
    Event.DIE: Act.RECORD_DEATH,
    Event.TAKE_BACK_DEATH: Act.TAKE_BACK_DEATH,
}


class Moving(msgspec.Struct, frozen=True, kw_only=True):
    """What happens to a space. motive: why, for what is suspended; session: the one that asks, which goes on."""

    event: Event
    motive: Motive | None = None
    session: UUID | None = None


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a space. decision: a refusal, if there was one; impossible: its state does not allow it."""

    life: Life
    decision: Decision = allow(Ground.DUTY)
    impossible: bool = False

    @property
    def stands(self) -> bool:
        """True when nothing was refused."""
        return self.decision.allowed

    def life_or_raise(self) -> Life:
        """Return where the space stands now. Raises Conflict, Refused. After the commit: a refusal has its trace."""
        if self.impossible:
            raise Conflict(NOT_NOW)
        self.decision.raise_if_refused()
        return self.life


async def close_space(
    *, actor: Actor, space: SpaceId, session: UUID | None = None, erase: bool = False, at: datetime
) -> Life:
    """Close it: rights and other sessions end, the archive begins; erase: its erasure is asked in the same breath.

    session: the public id of the session that asks, which goes on. Doing it twice changes nothing. Raises Refused (not
    theirs), Conflict (suspended, erased). Source: R1111-36 CSP.
    """
    return await _move(actor, space, closing(session=session, erase=erase), at)


def closing(*, session: UUID | None, erase: bool) -> tuple[Moving, ...]:
    """Return what a holder's closing is made of (see `close_space`)."""
    asked = (Moving(event=Event.ASK_DELETION, motive=Motive.HOLDER),) if erase else ()
    return (Moving(event=Event.CLOSE, motive=Motive.HOLDER, session=session), *asked)


async def reopen_space(*, actor: Actor, space: SpaceId, at: datetime) -> Life:
    """The holder comes back, or a child's representative for them: what was archived is theirs again; nobody else's
    right is. Raises Refused, Conflict.
    """
    return await _move(actor, space, (Moving(event=Event.REOPEN),), at)


async def ask_deletion(*, actor: Actor, space: SpaceId, at: datetime) -> Life:
    """Ask for the erasure of a closed space; `due_at` of the answer is the day. Raises Refused, Conflict."""
    return await _move(actor, space, (Moving(event=Event.ASK_DELETION, motive=Motive.HOLDER),), at)


async def cancel_deletion(*, actor: Actor, space: SpaceId, at: datetime) -> Life:
    """Take the request back, as long as it was not carried out. Raises Refused, Conflict."""
    return await _move(actor, space, (Moving(event=Event.CANCEL_DELETION),), at)


async def suspend_space(*, actor: Actor, space: SpaceId, motive: Motive, at: datetime) -> Life:
    """The operator suspends it; `due_at` of the answer is when it closes unless its holder objects."""
    return await _move(actor, space, (Moving(event=Event.SUSPEND, motive=motive),), at)


async def lift_suspension(*, actor: Actor, space: SpaceId, at: datetime) -> Life:
    """The holder objected to the closing, or the incident is solved."""
    return await _move(actor, space, (Moving(event=Event.LIFT_SUSPENSION),), at)


async def close_suspended(*, actor: Actor, space: SpaceId, at: datetime) -> Life:
    """Nobody objected in time. Raises Conflict before that."""
    return await _move(actor, space, (Moving(event=Event.CLOSE_SUSPENDED),), at)


async def record_death(*, actor: Actor, space: SpaceId, at: datetime) -> Life:
    """The holder died: nobody signs in any more, rights end, the archive begins (L1111-18 CSP)."""
    return await _move(actor, space, (Moving(event=Event.DIE, motive=Motive.DEATH),), at)


async def bring_about(w: Work, *, actor: Actor, movings: tuple[Moving, ...]) -> Moved:
    """Bring each about in the open transaction, all or none; what was done before leaves no second trace.

    A step of others' acts: whoever calls it commits, then raises what the answer refuses.
    """
    life, at = await hold_life(w), w.at
    for moving in movings:
        decision = await _may(w, actor, moving.event)
        outcome, moved = live_on(life, moving.event, delays=current().limits.life, motive=moving.motive, at=at)
        impossible = decision.allowed and outcome.refusal is not None
        if impossible or not decision.allowed:
            refusal = refuse(Reason.SPACE_NOT_OPEN) if impossible else decision
            await record(w, _ACTS[moving.event], refusal, actor=actor)
            return Moved(life=life, decision=refusal, impossible=impossible)
        if outcome.changed:
            await record(w, _ACTS[moving.event], decision, actor=actor, details=_said(moved))
            await store_life(w, moved)
            for effect in outcome.effects:
                await _EFFECTS[effect](w, moving)
            life = moved
    return Moved(life=life)


async def _move(actor: Actor, space: SpaceId, movings: tuple[Moving, ...], at: datetime) -> Life:
    async with work(space=space, at=at) as w:
        moved = await bring_about(w, actor=actor, movings=movings)
    return moved.life_or_raise()


async def _may(w: Work, actor: Actor, event: Event) -> Decision:
    if actor.kind not in _MAY[event]:
        return refuse(Reason.NOT_A_READER)
    if actor.kind is ActorKind.REPRESENTATIVE:
        return (await look_in(w, actor=actor, changing=True)).decide_for_child()
    if actor.kind is not ActorKind.PERSON:
        return allow(Ground.DUTY)
    if actor.space != w.space_id:
        return refuse(Reason.OTHER_SPACE)
    return allow(Ground.OWN_SPACE) if actor.strong else refuse(Reason.WEAK_AUTHENTICATION)


def _said(life: Life) -> dict[str, object]:
    """The state, why, and the day of what follows by itself."""
    told: dict[str, object] = {"state": str(life.state), "motive": str(life.motive)}
    return told | ({"due": legal_day(life.due_at).isoformat()} if life.due_at else {})


async def _end_rights(w: Work, moving: Moving) -> None:
    await end_all_rights(w)
    await end_sessions_of(w, but=moving.session)


async def _block_sign_in(w: Work, _: Moving) -> None:
    """The state refuses every new session; those there are end."""
    await end_sessions_of(w)


async def _end_heirs(w: Work, _: Moving) -> None:
    await end_heirs(w)


async def _inform(w: Work, moving: Moving) -> None:
    await publish(w, LifeChanged(space=w.space_id, event=str(moving.event), moment=w.at))


async def _is_in_the_state(_: Work, __: Moving) -> None:
    """`store_life` wrote the state and its dates, and nothing more follows."""


_EFFECTS: dict[Effect, Callable[[Work, Moving], Awaitable[None]]] = {
    Effect.END_RIGHTS: _end_rights,
    Effect.STOP_MAILBOX: _is_in_the_state,
    Effect.START_ARCHIVE: _is_in_the_state,
    Effect.RESTORE_ARCHIVE: _is_in_the_state,
    Effect.ACCEPT_TERMS: _is_in_the_state,
    Effect.BLOCK_SIGN_IN: _block_sign_in,
    Effect.END_HEIRS: _end_heirs,
    Effect.INFORM_HOLDER: _inform,
}
