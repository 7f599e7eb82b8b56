"""What would this professional see in my space, and why not the rest? Asked by the person, answered by the decision.

One round trip: the viewer's facts and the person's documents travel with the person's own facts. A document the person
may not know of is not in the answer. A representative is answered from what they may know: as though there were no
secret consent and no wish of the child's own.
"""

from datetime import datetime

import msgspec

from carnet.access.data import NO_SPACE, Need
from carnet.access.gate import current_matrix, look, reader
from carnet.access.queries.document_facts import documents_statement, to_documents
from carnet.access.queries.facts import facts_statement, to_facts
from carnet.access.queries.lines import known_facts
from carnet.access.rules.decide import decide
from carnet.access.rules.explaining import Explained, Viewer, explain
from carnet.journal.api import Act, Trace, record_durably
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Decision
from carnet.kernel.ids import SpaceId


class SeenAs(msgspec.Struct, frozen=True, kw_only=True):
    """door: may the viewer look into the space at all, and why. documents: one by one, newest first."""

    viewer: Viewer
    door: Decision
    documents: tuple[Explained, ...]


async def see_as(*, actor: Actor, space: SpaceId, viewer: Viewer, at: datetime) -> SeenAs:
    """Return what `viewer` would see now, as far as who asks may know. Raises Refused; the asking is traced."""
    other = viewer.actor()
    params = reader(actor, at=at).params() | {"space": space, "at": at}
    statements = [facts_statement(other, space=space), documents_statement(params)]
    seen = await look(actor=actor, space=space, at=at, statements=statements)
    decision = seen.decide(Need.MANAGE_ACCESS)
    if seen.facts.state != NO_SPACE:
        details = {"grantee": viewer.rpps}
        trace = Trace(act=Act.SEE_AS, actor=actor, decision=decision, at=at, space=space, details=details)
        await record_durably(trace)
    decision.raise_if_refused()
    facts = known_facts(actor, to_facts(seen.rows[0][0], actor=other, space=space))
    documents = to_documents(seen.rows[1])
    matrix = current_matrix()
    return SeenAs(
        viewer=viewer,
        door=decide(other, Need.LIST, facts, matrix=matrix, at=at),
        documents=explain(facts=facts, documents=documents, viewer=viewer, matrix=matrix, at=at),
    )
