"""The person lets in, ends, blocks and unblocks; a professional records a consent. Each one locks the rights row.

Whatever changes rights takes the space's `authz` row FOR UPDATE and adds one to its epoch: once acknowledged, no read
that begins later can still rest on the old state (DESIGN §4).
"""

from datetime import datetime
from uuid import UUID

from carnet.access.data import Effect, Need
from carnet.access.events import AccessChanged, ConsentRecorded
from carnet.access.gate import look_in
from carnet.infra import randomness
from carnet.infra.db import Work, work
from carnet.infra.jobs.outbox import publish
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Decision
from carnet.kernel.errors import Invalid, NotFound, Problem
from carnet.kernel.ids import SpaceId

NOT_IN_DIRECTORY = Problem(
    code="not-in-directory",
    fr="Cette personne ou structure n'est pas dans l'annuaire de santé.",
    en="This person or organisation is not in the health directory.",
    path="grantee",
)
BLOCKED_FIRST = Problem(
    code="blocked-first",
    fr="Ce destinataire est bloqué. Débloquez-le d'abord.",
    en="This grantee is blocked. Unblock them first.",
    path="grantee",
)
BAD_END = Problem(
    code="end-in-the-past",
    fr="La date de fin doit être à venir.",
    en="The end date must be in the future.",
    path="ends_at",
)

_LOCK = "UPDATE authz SET epoch = epoch + 1 WHERE space_id = %s"
_KNOWN = """
SELECT EXISTS (SELECT FROM professional WHERE rpps = %(rpps)s AND status = 'active')
    OR EXISTS (SELECT FROM care_organisation WHERE finess = %(finess)s)
"""
_ADD = """
INSERT INTO authorisation (space_id, authorisation_id, effect, rpps, finess, origin, recorded_by, starts_at, ends_at,
                           is_administrator)
VALUES (%(space)s, %(id)s, %(effect)s, %(rpps)s, %(finess)s, %(origin)s, %(by)s, %(at)s, %(ends_at)s, %(administrator)s)
ON CONFLICT (space_id, effect, coalesce(rpps, ''), coalesce(finess, '')) WHERE ended_at IS NULL
DO UPDATE SET ends_at = excluded.ends_at, is_administrator = excluded.is_administrator
"""
_END = """
UPDATE authorisation SET ended_at = %(at)s
WHERE space_id = %(space)s AND ended_at IS NULL AND effect = %(effect)s
  AND (rpps = %(rpps)s OR finess = %(finess)s)
"""
_END_ONE = """
UPDATE authorisation SET ended_at = %(at)s
WHERE space_id = %(space)s AND authorisation_id = %(id)s AND ended_at IS NULL AND effect = %(effect)s
RETURNING coalesce(rpps, finess)
"""


async def authorise(
    *,
    actor: Actor,
    space: SpaceId,
    rpps: str | None = None,
    finess: str | None = None,
    ends_at: datetime | None = None,
    administrator: bool = False,
    at: datetime,
) -> None:
    """The person lets a professional or an organisation in ahead of time. Exactly one of rpps and finess.

    Raises Refused (not the person), Invalid (not in the directory, blocked, end in the past). Source: R1111-46 CSP.
    """
    async with work(space=space, at=at) as w:
        decision = await _decide(w, actor, Need.MANAGE_ACCESS)
        grantee = {"grantee": rpps or finess, "administrator": administrator}
        await record(w, Act.AUTHORISE, decision, actor=actor, details=grantee)
        if decision.allowed:
            await _lock(w)
            if await _is_blocked(w, rpps=rpps, finess=finess):
                raise Invalid(BLOCKED_FIRST)
            await _add(w, Effect.PERMIT, actor, rpps, finess, "person", ends_at, administrator=administrator)
            await publish(w, AccessChanged(space=space, effect="permit"))
    decision.raise_if_refused()


async def record_consent(*, actor: Actor, space: SpaceId, ends_at: datetime | None = None, at: datetime) -> None:
    """A professional records, by an explicit act, that the person was informed and agrees. Refused when blocked.

    The person is told at once (threats T04). Source: R1111-46 CSP; mes.md P2, P16.
    """
    async with work(space=space, at=at) as w:
        decision = await _decide(w, actor, Need.RECORD_CONSENT)
        await record(w, Act.RECORD_CONSENT, decision, actor=actor)
        if decision.allowed:
            await _lock(w)
            await _add(w, Effect.PERMIT, actor, actor.rpps, None, "professional", ends_at, administrator=False)
            await publish(w, ConsentRecorded(space=space, rpps=actor.identifier, at=at))
    decision.raise_if_refused()


async def end_authorisation(*, actor: Actor, space: SpaceId, authorisation: UUID, at: datetime) -> None:
    """The person ends one authorisation; NotFound when it is not one of theirs in force."""
    await _end_one(actor, space, authorisation, Effect.PERMIT, Act.END_AUTHORISATION, at)


async def unblock(*, actor: Actor, space: SpaceId, authorisation: UUID, at: datetime) -> None:
    """The person lifts a block. It does not let anybody in: consent must be given again (mes.md P2)."""
    await _end_one(actor, space, authorisation, Effect.BLOCK, Act.UNBLOCK, at)


async def block(
    *, actor: Actor, space: SpaceId, rpps: str | None = None, finess: str | None = None, at: datetime
) -> None:
    """The person keeps a professional or organisation from reading, their own deposits included; feeding goes on."""
    async with work(space=space, at=at) as w:
        decision = await _decide(w, actor, Need.MANAGE_ACCESS)
        await record(w, Act.BLOCK, decision, actor=actor, details={"grantee": rpps or finess})
        if decision.allowed:
            await _lock(w)
            await w.execute(_END, {"at": at, "space": space, "effect": Effect.PERMIT, "rpps": rpps, "finess": finess})
            await _add(w, Effect.BLOCK, actor, rpps, finess, "person", None, administrator=False)
            await publish(w, AccessChanged(space=space, effect="block"))
    decision.raise_if_refused()


async def _decide(w: Work, actor: Actor, need: Need) -> Decision:
    return (await look_in(w, actor=actor)).decide(need)


async def _lock(w: Work) -> None:
    await w.execute(_LOCK, (w.space_id,))


async def _is_blocked(w: Work, *, rpps: str | None, finess: str | None) -> bool:
    sql = """SELECT 1 FROM authorisation WHERE space_id = %(space)s AND effect = 'block' AND ended_at IS NULL
             AND (rpps = %(rpps)s OR finess = %(finess)s)"""
    return await w.row(sql, {"space": w.space_id, "rpps": rpps, "finess": finess}) is not None


async def _add(
    w: Work,
    effect: Effect,
    actor: Actor,
    rpps: str | None,
    finess: str | None,
    origin: str,
    ends_at: datetime | None,
    *,
    administrator: bool,
) -> None:
    if ends_at is not None and ends_at <= w.at:
        raise Invalid(BAD_END)
    known = await w.row(_KNOWN, {"rpps": rpps, "finess": finess})
    if known is None or not known[0]:
        raise Invalid(NOT_IN_DIRECTORY)
    await w.execute(
        _ADD,
        {
            "space": w.space_id,
            "id": randomness.uuid4(),
            "effect": effect,
            "rpps": rpps,
            "finess": finess,
            "origin": origin,
            "by": actor.identifier,
            "at": w.at,
            "ends_at": ends_at,
            "administrator": administrator,
        },
    )


async def _end_one(actor: Actor, space: SpaceId, authorisation: UUID, effect: Effect, act: Act, at: datetime) -> None:
    async with work(space=space, at=at) as w:
        decision = await _decide(w, actor, Need.MANAGE_ACCESS)
        grantee = None
        if decision.allowed:
            await _lock(w)
            row = await w.row(_END_ONE, {"at": at, "space": space, "id": authorisation, "effect": effect})
            if row is None:
                raise NotFound
            grantee = row[0]
            await publish(w, AccessChanged(space=space, effect=f"end-{effect}"))
        await record(w, act, decision, actor=actor, details={"grantee": grantee} if grantee else {})
    decision.raise_if_refused()
