"""The person lets in, ends, blocks and unblocks; an administrator they chose may block too."""

from datetime import datetime
from uuid import UUID

from carnet.access.actions.change_list import BLOCKED_FIRST, OWN_ACCESS, SECRET_FIRST, AccessList, Grantee, NewLine
from carnet.access.data import Effect, Need
from carnet.access.events import AccessBlocked, AccessChanged
from carnet.access.gate import trace_in
from carnet.access.rules.decide import DELEGATES
from carnet.infra.db import work
from carnet.infra.jobs.outbox import publish
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.errors import Invalid, NotFound
from carnet.kernel.ids import SpaceId

_END_ONE = """
UPDATE authorisation SET ended_at = %(at)s
WHERE space_id = %(space)s AND authorisation_id = %(id)s AND ended_at IS NULL AND effect = %(effect)s
  AND NOT (%(delegate)s AND effect = 'block' AND origin = 'person' AND NOT by_delegate)
RETURNING coalesce(rpps, finess)
"""


async def authorise(
    *,
    actor: Actor,
    space: SpaceId,
    rpps: str | None = None,
    finess: str | None = None,
    team: UUID | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    administrator: bool = False,
    at: datetime,
) -> None:
    """The person lets in, ahead of time, exactly one of: a professional, an organisation, a care team they recorded.

    administrator: a doctor who also sees masked documents and may block others (mes.md P5). Raises Refused (not the
    person), Invalid (not in the directory, blocked, not a doctor, end in the past; a minor about a professional they
    see in secret: whoever acts for them would see this line). Source: R1111-46 CSP.
    """
    grantee = Grantee(rpps=rpps, finess=finess, team=team)
    async with work(space=space, at=at) as w:
        lines = AccessList(w, actor=actor)
        _, decision = await lines.weigh(Need.MANAGE_ACCESS)
        details = {"grantee": grantee.said, "administrator": administrator}
        await record(w, Act.AUTHORISE, decision, actor=actor, details=details)
        if decision.allowed:
            await lines.bump()
            if await lines.is_blocked(grantee):
                raise Invalid(BLOCKED_FIRST)
            if actor.kind not in DELEGATES and await lines.is_only_secret(grantee):
                raise Invalid(SECRET_FIRST)
            if administrator:
                await lines.check_doctor(rpps)
            line = NewLine(
                effect=Effect.PERMIT,
                grantee=grantee,
                origin="person",
                starts_at=max(starts_at, at) if starts_at else None,
                ends_at=ends_at,
                administrator=administrator,
            )
            await lines.add(line)
            await publish(w, AccessChanged(space=space, effect="permit"))
    decision.raise_if_refused()


async def end_authorisation(*, actor: Actor, space: SpaceId, authorisation: UUID, at: datetime) -> None:
    """The person ends one authorisation; NotFound when it is not one of theirs in force."""
    await _end_one(actor, space, authorisation, Effect.PERMIT, Act.END_AUTHORISATION, at)


async def unblock(*, actor: Actor, space: SpaceId, authorisation: UUID, at: datetime) -> None:
    """The person lifts a block. It does not let anybody in: consent must be given again (mes.md P2).

    Who represents them lifts none the person wrote themselves: NotFound, as for one that never was.
    """
    await _end_one(actor, space, authorisation, Effect.BLOCK, Act.UNBLOCK, at)


async def block(
    *, actor: Actor, space: SpaceId, rpps: str | None = None, finess: str | None = None, at: datetime
) -> None:
    """Keep a professional or organisation from reading, their own deposits included; feeding goes on (mes.md P3).

    By the person, or by an administrator they chose (P5). What a blocked professional recorded for their team ends
    with it, and what a blocked organisation inherited: the person knows nothing of that consent any more. They leave
    the person's care teams, and an emergency of theirs ends. Only the person lifts a block: a professional who names
    themselves, or the organisation they act for, is stopped (Invalid). The person hears of what an administrator did;
    what was blocked already stays as whoever blocked it left it. Whoever represents the person is told of no block the
    person wrote themselves: theirs is a line beside it, and whom they let in stays out as long as it lasts.
    """
    need = Need.BLOCK_OTHERS if actor.kind is ActorKind.PROFESSIONAL else Need.MANAGE_ACCESS
    grantee = Grantee(rpps=rpps, finess=finess)
    async with work(space=space, at=at) as w:
        lines = AccessList(w, actor=actor)
        seen, decision = await lines.weigh(need)
        await trace_in(w, seen, Act.BLOCK, decision, details={"grantee": grantee.said})
        if decision.allowed:
            if actor.kind is ActorKind.PROFESSIONAL and grantee.said in {actor.rpps, actor.organisation}:
                raise Invalid(OWN_ACCESS)
            await lines.bump()
            already = await lines.is_blocked(grantee)
            await lines.shut_out(grantee)
            if actor.kind is not ActorKind.PROFESSIONAL:
                await lines.add(NewLine(effect=Effect.BLOCK, grantee=grantee, origin="person"))
                await publish(w, AccessChanged(space=space, effect="block"))
            elif not already:
                line = await lines.add(NewLine(effect=Effect.BLOCK, grantee=grantee, origin="professional"))
                await publish(w, AccessBlocked(space=space, line=line, rpps=actor.identifier))
    decision.raise_if_refused()


async def _end_one(actor: Actor, space: SpaceId, authorisation: UUID, effect: Effect, act: Act, at: datetime) -> None:
    async with work(space=space, at=at) as w:
        lines = AccessList(w, actor=actor)
        _, decision = await lines.weigh(Need.MANAGE_ACCESS)
        grantee = None
        if decision.allowed:
            await lines.bump()
            named = {"space": space, "id": authorisation, "effect": effect, "delegate": actor.kind in DELEGATES}
            row = await w.row(_END_ONE, named | {"at": at})
            if row is None:
                raise NotFound
            grantee = row[0]
            await publish(w, AccessChanged(space=space, effect=f"end-{effect}"))
        await record(w, act, decision, actor=actor, details={"grantee": grantee} if grantee else {})
    decision.raise_if_refused()
