"""Looking at heirs' requests: agents at all that is open, the heir at their own. Each look at one is in the deceased's
journal; nothing of the deceased's space is in any of it but a name the heir gave.
"""

from datetime import datetime
from uuid import UUID

from carnet.access.queries.heirs import HeirsRequest, open_requests, proof_in, request_in, requests_of
from carnet.infra.db import Work, system_work
from carnet.journal.api import Act, Trace, append, record
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Decision, Ground, Reason, allow, refuse
from carnet.kernel.errors import NotFound
from carnet.spaces.api import Claim, Delegate, agent_only, index_digest, person_digest


async def list_heirs_requests(*, actor: Actor, at: datetime) -> tuple[HeirsRequest, ...]:
    """Return what waits for an answer and what is read by. Raises Refused for whoever is not an agent."""
    decision = agent_only(actor)
    async with system_work(at=at) as w:
        await record(w, Act.LIST_CASES, decision, actor=actor, details={"kind": "heirs"})
        found = await open_requests(w) if decision.allowed else ()
    decision.raise_if_refused()
    return found


async def see_heirs_request(*, actor: Actor, request: UUID, at: datetime) -> HeirsRequest:
    """Return one, for an agent. Raises NotFound, Refused."""
    agent_only(actor).raise_if_refused()
    async with system_work(at=at) as w:
        found = await request_in(w, request)
        if found is None:
            raise NotFound
        await _trace(w, found, actor, allow(Ground.DUTY))
    return found


async def see_heirs_proof(*, actor: Actor, request: UUID, at: datetime) -> tuple[str, bytes]:
    """Return the media type and bytes of what was scanned, for an agent. Raises NotFound (let go), Refused."""
    agent_only(actor).raise_if_refused()
    async with system_work(at=at) as w:
        found, proof = await request_in(w, request), await proof_in(w, request)
        if found is None or proof is None:
            raise NotFound
        await _trace(w, found, actor, allow(Ground.DUTY), proof=True)
    return proof


async def own_heirs_requests(*, actor: Actor, me: Delegate, at: datetime) -> tuple[HeirsRequest, ...]:
    """Return the requests of the person signed in: found by their number, and their name and birth date must agree.

    me: the holder of the session as their own space knows them. Raises Refused for anybody else.
    """
    mine = actor.kind is ActorKind.PERSON and actor.strong and actor.acts_for is None
    decision = allow(Ground.OWN_SPACE) if mine else refuse(Reason.NOT_A_READER)
    decision.raise_if_refused()
    async with system_work(at=at) as w:
        asked = await requests_of(w, index_digest(person_digest(me.ins)))
        found = tuple(one for one in asked if _claim(one.file.heir).fits(me))
        for one in found:
            await _trace(w, one, actor, decision)
    return found


def _claim(heir: Delegate) -> Claim:
    return Claim(birth_name=heir.birth_name, given_name=heir.given_name, birth_date=heir.birth_date)


async def _trace(w: Work, seen: HeirsRequest, actor: Actor, decision: Decision, *, proof: bool = False) -> None:
    details: dict[str, object] = {"request": seen.request.hex} | ({"proof": True} if proof else {})
    told = Trace(act=Act.SEE_HEIR_REQUEST, actor=actor, decision=decision, at=w.at, space=seen.place, details=details)
    await append(w, told)
