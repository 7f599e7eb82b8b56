"""The second professional: who waits in my organisation, I approve; and the end of an emergency before its time."""

from datetime import datetime
from uuid import UUID

import msgspec

from carnet.access.actions.change_list import AccessList, Grantee
from carnet.access.actions.emergency import HANDLE, MODES, WAITING, Granting, grant
from carnet.access.data import Mode, Need
from carnet.access.gate import Look, trace_in
from carnet.access.own_data import emergency_professions
from carnet.infra.db import Work, system_work, work
from carnet.infra.installation import current
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Decision, Ground, Reason, allow, refuse
from carnet.kernel.errors import NotFound
from carnet.kernel.ids import SpaceId, parse_routable

# ## Requests of colleagues still waiting, oldest first, with the name the directory gives them ##
_WAITING = """
SELECT q.handle, q.rpps, p.given_name || ' ' || p.family_name, p.profession, q.asked_at, q.expires_at
FROM emergency_waiting q JOIN professional p USING (rpps)
WHERE q.finess = %(finess)s AND q.rpps <> %(rpps)s AND q.expires_at > %(at)s ORDER BY q.asked_at, q.handle
"""
_PLACE = "SELECT place_enc FROM emergency_waiting WHERE handle = %s"
_WAITS = """
SELECT 1 FROM emergency_waiting
WHERE handle = %(handle)s AND finess = %(finess)s AND rpps <> %(rpps)s AND expires_at > %(at)s
"""
_NO_LONGER = "DELETE FROM emergency_waiting WHERE handle = %s"
_ASKED = """
SELECT mode, rpps, finess, session FROM emergency_access
WHERE space_id = %(space)s AND emergency_id = %(id)s AND granted_at IS NULL AND ended_at IS NULL FOR UPDATE
"""
_HELD = "SELECT 1 FROM emergency_budget WHERE rpps = %s FOR UPDATE"
_END = """
UPDATE emergency_access SET ended_at = %(at)s
WHERE space_id = %(space)s AND rpps = %(rpps)s AND session = %(session)s AND ended_at IS NULL
  AND granted_at IS NOT NULL
"""


class WaitingEmergency(msgspec.Struct, frozen=True):
    """A colleague who waits for a second professional. Nothing of the patient: the colleague says who it is."""

    handle: str
    rpps: str
    name: str
    profession: str
    asked_at: datetime
    expires_at: datetime


async def waiting_emergencies(*, actor: Actor, at: datetime) -> tuple[WaitingEmergency, ...]:
    """Return the requests that a professional may approve: of their organisation, by others. Raises Refused."""
    decision = _colleague(actor)
    async with system_work(at=at) as w:
        await record(w, Act.LIST_CASES, decision, actor=actor, details={"kind": "emergency-waiting"})
        params = {"finess": actor.organisation, "rpps": actor.rpps, "at": at}
        rows = await w.rows(_WAITING, params) if decision.allowed else []
    decision.raise_if_refused()
    return tuple(WaitingEmergency(*row) for row in rows)


async def approve_emergency(*, actor: Actor, handle: str, at: datetime) -> None:
    """Let a colleague's request begin, for their session. Raises NotFound (gone, expired, own, elsewhere), Refused.

    The person's switch and blocks are read again, for the one who asked and for the one who approves. A colleague who
    may not leaves the request as it was, for another.
    """
    decision = _colleague(actor)
    if not decision.allowed:
        async with system_work(at=at) as w:
            await record(w, Act.APPROVE_EMERGENCY, decision, actor=actor)
    decision.raise_if_refused()
    space, emergency = await _place_of(handle, at)
    async with work(space=space, at=at) as w:
        lines = AccessList(w, actor=actor)
        seen, _ = await lines.weigh(Need.LIST)
        one = await _asked(w, actor, handle, emergency)
        if one is None:
            raise NotFound
        decision = await _weigh(lines, seen, one)
        await record(w, Act.APPROVE_EMERGENCY, decision, actor=actor, details={"for": one.rpps})
        if decision.allowed:
            await w.execute(_NO_LONGER, (handle,))
            await w.row(_HELD, (one.rpps,))
            await grant(w, one, by=decision, actor=actor)
    decision.raise_if_refused()


async def end_emergency(*, actor: Actor, space: SpaceId, at: datetime) -> None:
    """The professional ends their own emergency access before its time; nothing happens when there is none.

    Raises Refused where they may not even ask for consent (closed, blocked, launched for somebody else): asked with a
    number, this tells no more than a search.
    """
    async with work(space=space, at=at) as w:
        lines = AccessList(w, actor=actor)
        seen, decision = await lines.weigh(Need.RECORD_CONSENT)
        params = {"at": at, "space": space, "rpps": actor.rpps, "session": actor.session}
        if not decision.allowed:
            await trace_in(w, seen, Act.END_EMERGENCY, decision)
        elif await w.execute(_END, params):
            await lines.bump()
            await record(w, Act.END_EMERGENCY, allow(Ground.DUTY), actor=actor)
    decision.raise_if_refused()


def _colleague(actor: Actor) -> Decision:
    if actor.kind is not ActorKind.PROFESSIONAL or actor.organisation is None:
        return refuse(Reason.NOT_A_READER)
    if not actor.strong:
        return refuse(Reason.WEAK_AUTHENTICATION)
    if actor.profession not in emergency_professions(Mode.BRIS_DE_GLACE):
        return refuse(Reason.NOT_IN_EMERGENCY)
    return allow(Ground.DUTY)


async def _place_of(handle: str, at: datetime) -> tuple[SpaceId, UUID]:
    """What a handle stands for is sealed: who waits may be told, whose space it is may not."""
    if not HANDLE.fullmatch(handle):
        raise NotFound
    async with system_work(at=at) as w:
        row = await w.row(_PLACE, (handle,))
    if row is None:
        raise NotFound
    plain = current().house_key.open(table=WAITING, column="place_enc", row=handle, sealed=bytes(row[0]))
    place = parse_routable(plain.decode())
    if place is None:
        raise NotFound
    return place


async def _asked(w: Work, actor: Actor, handle: str, emergency: UUID) -> Granting | None:
    params = {"handle": handle, "finess": actor.organisation, "rpps": actor.rpps, "at": w.at}
    if await w.row(_WAITS, params) is None:
        return None
    row = await w.row(_ASKED, {"space": w.space_id, "id": emergency})
    if row is None:
        return None
    mode, rpps, finess, session = row
    return Granting(emergency=emergency, mode=Mode(mode), rpps=rpps, finess=finess, session=session)


async def _weigh(lines: AccessList, seen: Look, one: Granting) -> Decision:
    """As if the approver asked themselves; and the one who asked must not have been blocked since."""
    decision = seen.decide(MODES[one.mode])
    blocked = await lines.is_blocked(Grantee(rpps=one.rpps, finess=one.finess))
    return refuse(Reason.BLOCKED) if blocked else decision
