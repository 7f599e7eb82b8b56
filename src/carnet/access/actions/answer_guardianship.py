"""A second agent answers a request about a guardian: it is carried out, or refused for a reason. Never who recorded it.

Granted, the guardian is written or ended as the operator's command does (`record_guardian`), in the transaction of the
answer: both, or neither. Source: art. 425, 442, 459, 494-1 code civil; decision 0247.
"""

from datetime import datetime
from uuid import UUID

from carnet.access.actions.record_guardian import BAD_END, Guardian, check_guardian, end_guardian, write_guardian
from carnet.access.queries.guardianship import GuardianshipRequest, guardianship_in
from carnet.access.rules.guardianship import (
    GUARDIANSHIP_ANSWERED,
    GUARDIANSHIP_FOUR_EYES,
    NOT_A_GUARDIAN,
    Measure,
    NotRecorded,
)
from carnet.infra.db import Work, system_work, work
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, Reason, allow, refuse
from carnet.kernel.errors import Conflict, Invalid, NotFound
from carnet.spaces.api import NOT_OFFERED, agent_only, find_by_digest

_HOLD = "SELECT true FROM authz WHERE space_id = %s FOR UPDATE"
_ANSWER = """
UPDATE guardianship_request SET answer = %(answer)s, reason = %(reason)s, answered_by = %(by)s, answered_at = %(at)s
WHERE request_id = %(request)s AND answer IS NULL
"""


async def answer_guardianship(*, actor: Actor, request: UUID, refusal: NotRecorded | None, at: datetime) -> None:
    """Carry a request out, or refuse it. refusal: why; None to carry it out.

    Raises NotFound, Refused (not an agent), Invalid (the one who recorded it, a measure that is over, a space left
    meanwhile, nobody's guardian any more), Conflict (answered, or a guardian already).
    """
    agent_only(actor).raise_if_refused()
    async with system_work(at=at) as w:
        found = await guardianship_in(w, request)
    space = await find_by_digest(found.digest) if found else None
    if space is None:
        raise NotFound
    async with work(space=space, at=at) as w:
        there = await w.row(_HOLD, (space,))
        held = await guardianship_in(w, request, held=True)
        if held is None or there is None:
            raise NotFound
        if held.granted is not None:
            raise Conflict(GUARDIANSHIP_ANSWERED)
        own = held.asked_by == actor.identifier
        told: dict[str, object] = {"request": request.hex, "answer": "refused" if refusal else "granted"}
        told |= {"why": str(refusal)} if refusal else {"measure": str(held.measure)}
        decision = refuse(Reason.NOT_A_READER) if own else allow(Ground.DUTY)
        await record(w, Act.ANSWER_GUARDIANSHIP, decision, actor=actor, details=told)
        if not own:
            await _answer(w, held, actor=actor, refusal=refusal)
    if own:
        raise Invalid(GUARDIANSHIP_FOUR_EYES)


async def _answer(w: Work, held: GuardianshipRequest, *, actor: Actor, refusal: NotRecorded | None) -> None:
    params = {
        "request": held.request,
        "answer": "refused" if refusal else "granted",
        "reason": str(refusal) if refusal else None,
        "by": actor.identifier,
        "at": w.at,
    }
    await w.execute(_ANSWER, params)
    if refusal is not None:
        return
    if held.measure is Measure.OVER:
        if not await end_guardian(w, held.file.guardian.ins, actor=actor):
            raise Invalid(NOT_A_GUARDIAN)
        return
    written, _ = await write_guardian(w, _guardian(held, w.at), actor=actor, may=allow(Ground.DUTY))
    if not written.allowed:  # the space was left meanwhile
        raise Invalid(NOT_OFFERED)


def _guardian(held: GuardianshipRequest, at: datetime) -> Guardian:
    """Return whom to record, by which measure. Raises Invalid: the measure ended while the request waited."""
    ends_at = held.file.ends_at
    if ends_at is None:
        raise Invalid(BAD_END)
    told = Guardian(who=held.file.guardian, measure=str(held.measure), proof=held.file.seen, ends_at=ends_at)
    check_guardian(told, at=at)
    return told
