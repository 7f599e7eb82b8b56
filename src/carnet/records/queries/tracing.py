"""The trace of a list: written before the list is given, the same whether it was listed, searched or put together."""

import asyncio
from uuid import UUID

from carnet.access.api import Look, Need, note_first_access
from carnet.journal.api import Act, Trace, record_durably
from carnet.kernel.decisions import Decision
from carnet.records.queries.receipts import receipt_of


async def trace_list(
    seen: Look,
    decision: Decision,
    *,
    act: Act,
    documents: tuple[UUID, ...],
    besides: tuple[tuple[Act, Need], ...] = (),
) -> None:
    """Record who was shown `documents`, in their order, with the receipt; then raise when it was refused.

    besides: what else was read for the same page, each recorded as well, refused or not, in the same commit. A refused
    look names no document; a space that is not there has no journal.
    """
    others = [(one, seen.decide(need)) for one, need in besides]
    if seen.facts.state != "NONE":
        trace = Trace(
            act=act,
            actor=seen.actor,
            decision=decision,
            at=seen.at,
            space=seen.facts.space,
            documents=documents if decision.allowed else (),
            details=receipt_of(seen, documents) if decision.allowed else {},
        )
        more = [
            Trace(act=one, actor=seen.actor, decision=decided, at=seen.at, space=seen.facts.space)
            for one, decided in others
        ]
        await asyncio.gather(*map(record_durably, [trace, *more]))
    for one in (decision, *(decided for _, decided in others)):
        one.raise_if_refused()
    if decision.is_first_access:
        await note_first_access(actor=seen.actor, space=seen.facts.space, at=seen.at)
