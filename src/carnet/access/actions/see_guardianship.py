"""Agents look at the requests about guardians. Each look at one is in the protected person's journal; nothing of their
space is in any of it but the names the judgment gives.
"""

from datetime import datetime
from uuid import UUID

from carnet.access.queries.guardianship import (
    GuardianshipRequest,
    guardianship_in,
    judgment_in,
    open_guardianships,
)
from carnet.infra.db import Work, system_work
from carnet.journal.api import Act, Trace, append, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow
from carnet.kernel.errors import NotFound
from carnet.spaces.api import agent_only


async def list_guardianships(*, actor: Actor, at: datetime) -> tuple[GuardianshipRequest, ...]:
    """Return what waits for an answer. Raises Refused for whoever is not an agent."""
    decision = agent_only(actor)
    async with system_work(at=at) as w:
        await record(w, Act.LIST_CASES, decision, actor=actor, details={"kind": "guardianship"})
        found = await open_guardianships(w) if decision.allowed else ()
    decision.raise_if_refused()
    return found


async def see_guardianship(*, actor: Actor, request: UUID, at: datetime) -> GuardianshipRequest:
    """Return one, for an agent. Raises NotFound, Refused."""
    agent_only(actor).raise_if_refused()
    async with system_work(at=at) as w:
        return await _traced(w, request, actor)


async def see_judgment(*, actor: Actor, request: UUID, at: datetime) -> tuple[str, bytes]:
    """Return the media type and bytes of what was scanned, for an agent. Raises NotFound (let go), Refused."""
    agent_only(actor).raise_if_refused()
    async with system_work(at=at) as w:
        scanned = await judgment_in(w, request)
        if scanned is None:
            raise NotFound
        await _traced(w, request, actor, proof=True)
    return scanned


async def _traced(w: Work, request: UUID, actor: Actor, *, proof: bool = False) -> GuardianshipRequest:
    found = await guardianship_in(w, request)
    if found is None:
        raise NotFound
    told: dict[str, object] = {"request": request.hex} | ({"proof": True} if proof else {})
    trace = Trace(
        act=Act.SEE_GUARDIANSHIP, actor=actor, decision=allow(Ground.DUTY), at=w.at, space=found.place, details=told
    )
    await append(w, trace)
    return found
