"""What the person keeps out of the simple session: topics they choose, documents they mark. Shown after a fresh proof.

For somebody whose telephone is looked into, whose partner knows the password, whose parents have a delegation: what is
kept apart is absent from everything until a second factor was given, and never reaches representatives or carers.
Adding is always possible; taking something out of it asks for that fresh proof.
"""

from datetime import datetime
from uuid import UUID

from carnet.access.actions.change_list import AccessList
from carnet.access.data import Need
from carnet.access.events import AccessChanged
from carnet.access.gate import reader
from carnet.access.own_data import safeguard_topics
from carnet.access.queries.visibility import READER, VISIBLE
from carnet.access.rules.decide import stepped_up
from carnet.infra.db import work
from carnet.infra.jobs.outbox import publish
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Reason, refuse
from carnet.kernel.errors import Invalid, NotFound, Problem
from carnet.kernel.ids import SpaceId

BAD_TOPIC = Problem(code="topic", fr="Ce sujet n'existe pas.", en="This topic does not exist.", path="topics")
_BEFORE = "SELECT safeguarded FROM authz WHERE space_id = %s"
_GUARDED = """
guarded = cardinality(%(topics)s::text[]) > 0
  OR EXISTS (SELECT FROM safeguarded_document g WHERE g.space_id = authz.space_id)
"""
_TOPICS = f"UPDATE authz SET epoch = epoch + 1, safeguarded = %(topics)s, {_GUARDED} WHERE space_id = %(space)s"
_RECOUNT = _TOPICS.replace("%(topics)s", "safeguarded")
# ## Every version of a document the person may know of ##
_LOGICAL = f"""
WITH {READER} SELECT d.logical_id FROM document d, reader
WHERE d.space_id = %(space)s AND d.document_id = %(document)s AND {VISIBLE}
"""
_MARK = """
INSERT INTO safeguarded_document (space_id, logical_id, marked_at) VALUES (%(space)s, %(logical)s, %(at)s)
ON CONFLICT DO NOTHING
"""
_UNMARK = "DELETE FROM safeguarded_document WHERE space_id = %(space)s AND logical_id = %(logical)s"


async def keep_apart(
    *, actor: Actor, space: SpaceId, topics: tuple[str, ...], adding: bool = False, at: datetime
) -> None:
    """Choose the topics kept out of the simple session, all at once; `adding` drops none of those chosen before.

    Raises Invalid (no such topic) or Refused (not the person; WEAK_AUTHENTICATION when a topic is dropped without a
    fresh proof).
    """
    chosen = set(topics)
    if not chosen <= set(safeguard_topics()):
        raise Invalid(BAD_TOPIC)
    async with work(space=space, at=at) as w:
        _, decision = await AccessList(w, actor=actor).weigh(Need.OWN_RULES)
        row = await w.row(_BEFORE, (space,))
        before = set(row[0]) if row is not None else set()
        if adding:
            chosen |= before
        if decision.allowed and not before <= chosen and not stepped_up(actor, at=at):
            decision = refuse(Reason.WEAK_AUTHENTICATION)
        await record(w, Act.SAFEGUARD, decision, actor=actor)
        if decision.allowed:
            await w.execute(_TOPICS, {"space": space, "topics": sorted(chosen)})
            await publish(w, AccessChanged(space=space, effect="safeguard"))
    decision.raise_if_refused()


async def mark_apart(*, actor: Actor, space: SpaceId, document: UUID, apart: bool, at: datetime) -> None:
    """Keep one document (every version, to come too) out of the simple session, or no longer. Raises NotFound, Refused.

    No longer: only a session that may see it can name it, so the fresh proof is there already.
    """
    async with work(space=space, at=at) as w:
        _, decision = await AccessList(w, actor=actor).weigh(Need.OWN_RULES)
        await record(w, Act.SAFEGUARD, decision, actor=actor)
        if decision.allowed:
            params = reader(actor, at=at).params() | {"space": space, "at": at, "document": document}
            row = await w.row(_LOGICAL, params)
            if row is None:
                raise NotFound
            await w.execute(_MARK if apart else _UNMARK, {"space": space, "logical": row[0], "at": at})
            await w.execute(_RECOUNT, {"space": space})
            await publish(w, AccessChanged(space=space, effect="safeguard"))
    decision.raise_if_refused()
