"""The trace of a list: written before the list is given, the same whether it was listed, searched or put together."""

from uuid import UUID

from carnet.access.api import Look, note_first_access
from carnet.journal.api import Act, Trace, record_durably
from carnet.kernel.decisions import Decision
from carnet.records.queries.receipts import receipt_of


async def trace_list(seen: Look, decision: Decision, *, act: Act, documents: tuple[UUID, ...]) -> None:
    """Record who was shown `documents`, in their order, with the receipt; then raise when it was refused.

    A refused look names no document; a space that is not there has no journal.
    """
    if seen.facts.state != "NONE":
        await record_durably(
            Trace(
                act=act,
                actor=seen.actor,
                decision=decision,
                at=seen.at,
                space=seen.facts.space,
                documents=documents if decision.allowed else (),
                details=receipt_of(seen, documents) if decision.allowed else {},
            )
        )
    decision.raise_if_refused()
    if decision.is_first_access:
        await note_first_access(actor=seen.actor, space=seen.facts.space, at=seen.at)
