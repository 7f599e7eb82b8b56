"""A professional opens a space in an emergency: why, for whom, in which session, how often; who is told, who reviews.

Everything is one transaction: grant, budget, review case, trace and the events that tell the person and their attending
doctor (threats T20, T23). Past the budget nothing is granted until a second professional of the organisation agrees.
Sources: L1111-17 I, R1111-48 CSP; mes.md P7, P8, §3.2; decision 0030.
"""

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from carnet.access.actions.alike import alike
from carnet.access.actions.change_list import AccessList
from carnet.access.data import Mode, Need
from carnet.access.events import AttendingDoctorToTell, EmergencyOpened
from carnet.access.gate import Look, trace_in
from carnet.access.own_data import emergency_professions
from carnet.infra import randomness
from carnet.infra.db import Work, work
from carnet.infra.installation import current
from carnet.infra.jobs.outbox import publish
from carnet.journal.api import Act
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Decision, Reason, refuse
from carnet.kernel.errors import Invalid, Problem
from carnet.kernel.ids import SpaceId, routable

MODES = {Mode.BRIS_DE_GLACE: Need.BREAK_GLASS, Mode.CENTRE_15: Need.REGULATE}
SHORTEST, LONGEST = 10, 500
REASON_NEEDED = Problem(
    code="emergency-reason",
    fr="Dites pourquoi cet accès est nécessaire (10 à 500 caractères).",
    en="Say why this access is needed (10 to 500 characters).",
    path="reason",
)
NO_SESSION = Problem(
    code="emergency-session",
    fr="Un accès en urgence tient à une session ; celle-ci n'en a pas.",
    en="An emergency access belongs to a session; this one has none.",
)
DAY = timedelta(days=1)
WAITING = "emergency_waiting"
HANDLE = re.compile(r"[A-Za-z0-9_-]{32}", re.ASCII)
"""24 random bytes."""

# ## One row a professional: whoever holds it counts alone, whatever the space ##
_HOLD_BUDGET = """
INSERT INTO emergency_budget AS b (rpps) VALUES (%(rpps)s) ON CONFLICT (rpps) DO UPDATE
SET uses = ARRAY(SELECT u FROM unnest(b.uses) AS u WHERE u > %(since)s)
RETURNING cardinality(b.uses)
"""
_SPEND = "UPDATE emergency_budget SET uses = uses || %(at)s::timestamptz WHERE rpps = %(rpps)s"
_END_BEFORE = """
UPDATE emergency_access SET ended_at = %(at)s
WHERE space_id = %(space)s AND rpps = %(rpps)s AND session = %(session)s AND ended_at IS NULL AND granted_at IS NOT NULL
"""
_ADD = """
INSERT INTO emergency_access (space_id, emergency_id, mode, rpps, session, finess, reason_enc, asked_at, handle)
VALUES (%(space)s, %(id)s, %(mode)s, %(rpps)s, %(session)s, %(finess)s, %(reason)s, %(at)s, %(handle)s)
"""
# ## Whoever asks again asks once ##
_ASKED_BEFORE = """
UPDATE emergency_access SET ended_at = %(at)s
WHERE space_id = %(space)s AND rpps = %(rpps)s AND granted_at IS NULL AND ended_at IS NULL RETURNING handle
"""
_WAITS_NO_LONGER = "DELETE FROM emergency_waiting WHERE handle = ANY(%s)"
_GRANT = """
UPDATE emergency_access SET granted_at = %(at)s, ends_at = %(ends_at)s, approved_by = %(by)s
WHERE space_id = %(space)s AND emergency_id = %(id)s
"""
_UNTIL = """
UPDATE authz SET emergency_until = greatest(emergency_until, %(ends_at)s), epoch = epoch + 1 WHERE space_id = %(space)s
"""
_WAIT = """
INSERT INTO emergency_waiting (handle, place_enc, finess, rpps, asked_at, expires_at)
VALUES (%(handle)s, %(place)s, %(finess)s, %(rpps)s, %(at)s, %(expires_at)s)
"""
_CASE = """
INSERT INTO review_case (case_id, kind, place, rpps, finess, opened_at, due_at)
VALUES (%(id)s, 'emergency', %(place)s, %(rpps)s, %(finess)s, %(at)s, %(due_at)s)
"""
_DOCTOR = "SELECT rpps FROM attending_doctor WHERE space_id = %s"


class EmergencyAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the request. ends_at: None while it waits for a second professional, who is given `handle`.

    handle: random, so that it says nothing of whose space it is; None once granted, or when nobody could approve.
    """

    emergency: UUID
    handle: str | None
    ends_at: datetime | None

    @property
    def granted(self) -> bool:
        """Whether the space is open now."""
        return self.ends_at is not None


class Granting(msgspec.Struct, frozen=True, kw_only=True):
    """An emergency about to be granted."""

    emergency: UUID
    mode: Mode
    rpps: str
    finess: str | None
    session: str


async def open_emergency(*, actor: Actor, space: SpaceId, mode: Mode, reason: str, at: datetime) -> EmergencyAnswer:
    """Open the space in an emergency for this session, or ask for a second professional when the budget is spent.

    reason: 10 to 500 characters, sealed with the space's key. Raises Invalid (reason, no session), Refused (switch
    off, blocked, profession, not of a regulation centre).
    """
    words = " ".join(reason.split())
    if mode not in MODES or not SHORTEST <= len(words) <= LONGEST:
        raise Invalid(REASON_NEEDED)
    if actor.session is None or actor.rpps is None:
        raise Invalid(NO_SESSION)
    one = Granting(
        emergency=randomness.uuid4(), mode=mode, rpps=actor.rpps, finess=actor.organisation, session=actor.session
    )
    ends_at = handle = None
    async with work(space=space, at=at) as w:
        lines = AccessList(w, actor=actor)
        seen, decision = await lines.weigh(MODES[mode])
        if decision.allowed and actor.profession not in emergency_professions(mode):
            decision = refuse(Reason.NOT_IN_EMERGENCY)
        waits = decision.allowed and not await _within_budget(w, one.rpps)
        act = Act.ASK_EMERGENCY if waits else Act.OPEN_EMERGENCY
        said = {"mode": str(mode)} | (await alike(w, seen, actor=actor) if decision.allowed else {})
        await trace_in(w, seen, act, decision, details=said)
        if decision.allowed:
            handle = randomness.token_urlsafe(24) if waits and one.finess is not None else None
            await _keep(w, seen, one, words, handle)
            ends_at = None if waits else await grant(w, one, by=decision, actor=actor)
            if handle is not None:
                await _wait(w, one, handle)
    decision.raise_if_refused()
    return EmergencyAnswer(emergency=one.emergency, handle=handle, ends_at=ends_at)


async def grant(w: Work, one: Granting, *, by: Decision, actor: Actor) -> datetime:
    """Let it begin now; return when it ends. Spends the budget, opens the review, tells the person and their doctor.

    `actor` lets it in: the professional themselves, or the colleague who approved. The caller leaves the trace of `by`.
    """
    by.raise_if_refused()
    limits = current().limits.access
    ends_at = w.at + timedelta(minutes=limits.emergency_minutes)
    approved_by = actor.rpps if actor.rpps != one.rpps else None
    params: dict[str, Any] = {"space": w.space_id, "at": w.at, "rpps": one.rpps, "session": one.session}
    await w.execute(_END_BEFORE, params)
    granted = params | {"id": one.emergency, "ends_at": ends_at, "by": approved_by}
    await w.execute(_GRANT, granted)
    await w.execute(_UNTIL, granted)
    await w.execute(_SPEND, params)
    case = {"id": one.emergency, "place": w.space_id.hex, "rpps": one.rpps, "finess": one.finess, "at": w.at}
    await w.execute(_CASE, case | {"due_at": w.at + timedelta(days=limits.review_days)})
    opened = EmergencyOpened(space=w.space_id, emergency=one.emergency, rpps=one.rpps, mode=str(one.mode), at=w.at)
    await publish(w, opened)
    doctor = await w.row(_DOCTOR, (w.space_id,))
    if doctor is not None and doctor[0] != one.rpps:
        await publish(w, AttendingDoctorToTell(space=w.space_id, emergency=one.emergency, rpps=doctor[0], at=w.at))
    return ends_at


async def _within_budget(w: Work, rpps: str) -> bool:
    row = await w.row(_HOLD_BUDGET, {"rpps": rpps, "since": w.at - DAY})
    return row is not None and row[0] < current().limits.access.emergency_budget


async def _keep(w: Work, seen: Look, one: Granting, words: str, handle: str | None) -> None:
    before = await w.rows(_ASKED_BEFORE, {"space": w.space_id, "rpps": one.rpps, "at": w.at})
    await w.execute(_WAITS_NO_LONGER, ([found for (found,) in before],))
    sealed = seen.opened_keys.seal(
        table="emergency_access", column="reason_enc", row=one.emergency.hex, plaintext=words.encode()
    )
    values = {
        "space": w.space_id,
        "id": one.emergency,
        "mode": one.mode,
        "rpps": one.rpps,
        "session": one.session,
        "finess": one.finess,
        "reason": sealed,
        "at": w.at,
        "handle": handle,
    }
    await w.execute(_ADD, values)


async def _wait(w: Work, one: Granting, handle: str) -> None:
    place = routable(w.space_id, one.emergency).encode()
    values = {
        "handle": handle,
        "place": current().house_key.seal(table=WAITING, column="place_enc", row=handle, plaintext=place),
        "finess": one.finess,
        "rpps": one.rpps,
        "at": w.at,
        "expires_at": w.at + timedelta(minutes=current().limits.access.approval_minutes),
    }
    await w.execute(_WAIT, values)
