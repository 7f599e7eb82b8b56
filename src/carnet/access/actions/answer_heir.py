"""A second agent answers an heir's request, and any agent ends the reading it let in. Never the one who recorded it.

Granted, the physician the heir named reads the deceased's space for thirty days: a row of that space, which every
decision reads again. Refused, the heir hears why. Source: L1110-4 V, L1111-7, R1111-7 CSP; decision 0199.
"""

from datetime import datetime
from uuid import UUID

from carnet.access.queries.heirs import HeirsRequest, may_be_named, request_in
from carnet.access.rules.heirs_requests import (
    ANSWERED,
    CHOSEN,
    FOUR_EYES,
    NO_REASON,
    NOT_THIS_PHYSICIAN,
    READS_FOR,
    Refusal,
)
from carnet.infra.db import Work, system_work, work
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, Reason, allow, refuse
from carnet.kernel.errors import Conflict, Invalid, NotFound
from carnet.spaces.api import State, agent_only

_HOLD = "SELECT state FROM authz WHERE space_id = %s FOR UPDATE"
_BUMP = "UPDATE authz SET epoch = epoch + 1 WHERE space_id = %s"
_ANSWER = """
UPDATE heirs_request SET answer = %(answer)s, reason = %(reason)s, answered_by = %(by)s, answered_at = %(at)s,
  until = %(until)s
WHERE request_id = %(request)s AND answer IS NULL
"""
_READ = """
INSERT INTO heirs_reading (space_id, request_id, rpps, capacity, motive, withheld, granted_at, ends_at)
VALUES (%(space)s, %(request)s, %(rpps)s, %(capacity)s, %(motive)s, %(withheld)s, %(at)s, %(until)s)
"""
_END = "UPDATE heirs_request SET ended_at = %(at)s WHERE request_id = %(request)s AND ended_at IS NULL"
_END_READING = """
UPDATE heirs_reading SET ended_at = %(at)s
WHERE space_id = %(space)s AND request_id = %(request)s AND ended_at IS NULL
"""


async def answer_heir(*, actor: Actor, request: UUID, refusal: Refusal | None, at: datetime) -> None:
    """Grant a request, or refuse it. refusal: one of `CHOSEN`, None to grant.

    Raises NotFound, Refused (not an agent), Invalid (the one who recorded it, a physician who may not be named any
    more, a reason that is not theirs to choose), Conflict (answered).
    """
    if refusal is not None and refusal not in CHOSEN:
        raise Invalid(NO_REASON)
    place = (await _found(actor, request, at)).place
    async with work(space=place, at=at) as w:
        state = await w.row(_HOLD, (place,))
        held = await request_in(w, request, held=True)
        if held is None or state is None or state[0] != State.DECEASED:
            raise NotFound
        if held.granted is not None:
            raise Conflict(ANSWERED)
        own = held.asked_by == actor.identifier
        told = {"request": request.hex, "answer": "granted" if refusal is None else "refused"}
        told |= {"why": str(refusal)} if refusal else {"physician": held.rpps}
        await record(
            w, Act.ANSWER_HEIR, refuse(Reason.NOT_A_READER) if own else allow(Ground.DUTY), actor=actor, details=told
        )
        if not own:
            await _answer(w, held, actor=actor, refusal=refusal)
    if own:
        raise Invalid(FOUR_EYES)


async def end_heir_reading(*, actor: Actor, request: UUID, at: datetime) -> None:
    """End the reading of a request granted: from then on nothing is shown. Raises NotFound, Refused (not an agent)."""
    place = (await _found(actor, request, at)).place
    async with work(space=place, at=at) as w:
        await w.row(_HOLD, (place,))
        held = await request_in(w, request, held=True)
        if held is None or not held.reads(at):
            raise NotFound
        params = {"at": at, "request": request, "space": place}
        await w.execute(_END, params)
        await w.execute(_END_READING, params)
        await w.execute(_BUMP, (place,))
        told = {"request": request.hex, "physician": held.rpps}
        await record(w, Act.END_HEIR_READING, allow(Ground.DUTY), actor=actor, details=told)


async def _answer(w: Work, held: HeirsRequest, *, actor: Actor, refusal: Refusal | None) -> None:
    """Write the answer, and the row its physician reads by."""
    until = w.at + READS_FOR if refusal is None else None
    params = {
        "request": held.request,
        "space": w.space_id,
        "answer": "granted" if refusal is None else "refused",
        "reason": str(refusal) if refusal else None,
        "by": actor.identifier,
        "at": w.at,
        "until": until,
        "rpps": held.rpps,
        "capacity": str(held.capacity),
        "motive": str(held.motive) if held.motive else None,
        "withheld": list(held.withheld),
    }
    await w.execute(_ANSWER, params)
    if refusal is None:
        if not await may_be_named(w, held.rpps):
            raise Invalid(NOT_THIS_PHYSICIAN)
        await w.execute(_READ, params)
        await w.execute(_BUMP, (w.space_id,))


async def _found(actor: Actor, request: UUID, at: datetime) -> HeirsRequest:
    """Return a request, for an agent. Raises NotFound, Refused."""
    agent_only(actor).raise_if_refused()
    async with system_work(at=at) as w:
        found = await request_in(w, request)
    if found is None:
        raise NotFound
    return found
