"""The operator has the words of documents taken out that have none: from before search, or since tesseract is there."""

from datetime import datetime

import msgspec

from carnet.formats.recognition import recogniser
from carnet.formats.searching.words import VERSION
from carnet.infra.db import Database, system_work, work
from carnet.infra.jobs.outbox import publish
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow
from carnet.records.events import TextWanted

AT_ONCE = 5000

_LACKING = """
SELECT d.space_id, d.document_id FROM document d
LEFT JOIN document_text t ON t.space_id = d.space_id AND t.document_id = d.document_id
WHERE d.status <> 'deleted'
  AND (t.document_id IS NULL OR t.analysis <> %(version)s OR (t.state = 'recognising' AND %(able)s))
ORDER BY d.space_id, d.document_id LIMIT %(limit)s
"""
_STATES = "SELECT state, count(*) FROM document_text GROUP BY state ORDER BY state"


class Texts(msgspec.Struct, frozen=True, kw_only=True):
    """able: tesseract with French is on this machine. states: documents by state; wanted: jobs made now."""

    able: bool
    states: dict[str, int]
    wanted: int


async def want_texts(*, actor: Actor, batch: Database, take: bool, at: datetime) -> Texts:
    """Say where texts stand; take: also make a job for each document without words, at most AT_ONCE of them.

    batch: the database as carnet_batch, which sees ids and states. The look is journalled.
    """
    able = recogniser() is not None
    async with work(space=None, at=at, database_=batch) as w:
        states = {str(state): int(count) for state, count in await w.rows(_STATES)}
        params = {"version": VERSION, "able": able, "limit": AT_ONCE}
        lacking = await w.rows(_LACKING, params) if take else []
        await record(w, Act.READ_TEXTS, allow(Ground.DUTY), actor=actor, details={"wanted": len(lacking)})
    async with system_work(at=at) as w:
        for space, document in lacking:
            await publish(w, TextWanted(space=space, document=document), patient=True)
    return Texts(able=able, states=states, wanted=len(lacking))
