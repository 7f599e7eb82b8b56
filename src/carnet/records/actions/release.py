"""What was not to be seen before an announcement becomes visible: by its author's hand, or by the calendar.

Once, never early, never twice (threats T18): the calendar is the database's clock alone, every release locks the
versions and looks again, and the one event leaves with it in the same transaction. Sources: mes.md P14
(`REMISE_VISIBILITE_AUTO`), TD3.3b; decision 0030.
"""

import logging
from datetime import datetime
from uuid import UUID

from carnet.access.api import Need, look_in
from carnet.infra import clock
from carnet.infra.db import Database, Work, work
from carnet.infra.installation import current
from carnet.infra.jobs.outbox import publish
from carnet.infra.vault import SpaceKeys
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, Reason, allow, refuse
from carnet.kernel.errors import CarnetError, NotFound, Unavailable
from carnet.kernel.ids import SpaceId
from carnet.records.actions.confidentiality import Relabelling, lock_versions
from carnet.records.data import DocumentEntry
from carnet.records.events import DocumentReleased
from carnet.records.queries.reading import facts_of

END_HOLD = """
UPDATE document_hold SET released_at = %(at)s
WHERE space_id = %(space)s AND logical_id = %(logical)s AND released_at IS NULL
"""
# ## Is it due, by this server's clock? A hold says its own date; without one the delay since it was kept away counts.
# Two questions, because each has its index. The version in force speaks for all: once it is deleted, none is due. ##
_BY_HOLD = """
FROM document_hold h JOIN document d ON d.space_id = h.space_id AND d.logical_id = h.logical_id
WHERE h.released_at IS NULL AND h.due_at <= now() AND d.invisible_patient AND d.status = 'current'
"""
_BY_DELAY = """
FROM document d
WHERE d.invisible_patient AND d.status = 'current' AND d.withheld_at <= now() - make_interval(days => %(days)s)
  AND NOT EXISTS (SELECT FROM document_hold h
                  WHERE h.space_id = d.space_id AND h.logical_id = d.logical_id AND h.released_at IS NULL)
"""
_ALL_DUE = f"""
SELECT space_id, document_id FROM (
  SELECT d.space_id, d.document_id {_BY_HOLD} UNION SELECT d.space_id, d.document_id {_BY_DELAY}) due
WHERE (space_id, document_id) > (%(space)s, %(document)s) ORDER BY space_id, document_id LIMIT %(most)s
"""
_ONE = "AND d.space_id = %(space)s AND d.document_id = %(document)s"
_STILL_DUE = f"SELECT 1 {_BY_HOLD} {_ONE} UNION SELECT 1 {_BY_DELAY} {_ONE}"
_FIRST = UUID(int=0)
MOST_AT_ONCE = 500

logger = logging.getLogger(__name__)


async def release_document(*, actor: Actor, space: SpaceId, document: UUID, at: datetime) -> None:
    """Show the person every version of a document that was kept from them. By the organisation it came from.

    Already visible: nothing happens. Raises NotFound (absent, another's), Refused (not the current version).
    """
    async with work(space=space, at=at) as w:
        seen, versions = await lock_versions(w, actor=actor, document=document)
        asked = next((entry for entry in versions if entry.document_id == document), None)
        decision = seen.decide(Need.RELEASE, facts_of(asked)) if asked else refuse(Reason.HIDDEN)
        await record(w, Act.RELEASE_DOCUMENT, decision, actor=actor, on=(document,) if asked else ())
        if decision.allowed:
            await _release(w, seen.opened_keys, versions)
    if decision.reason is Reason.NOT_CURRENT:
        decision.raise_if_refused()
    if not decision.allowed:
        raise NotFound


async def release_due(*, actor: Actor, batch: Database, at: datetime) -> int:
    """Release everything that is due by the database's clock; return how many. May run twice, or be killed.

    One that cannot be released (its space's key is gone) stops no other: it is logged, and asked again the next time.
    """
    days = current().limits.access.release_days
    asked = {"days": days, "most": MOST_AT_ONCE, "space": _FIRST, "document": _FIRST}
    released = 0
    while True:
        async with work(space=None, at=at, database_=batch) as w:
            due = await w.rows(_ALL_DUE, asked)
        for space, document in due:
            try:
                released += await _release_one(actor, SpaceId(space), document, days, clock.now())  # a run may last
            except Unavailable:  # the database is gone or full: all the others as well
                raise
            except CarnetError as error:
                logger.warning("a document that is due was not released: %s", type(error).__name__)
        if len(due) < MOST_AT_ONCE:
            return released
        asked |= {"space": due[-1][0], "document": due[-1][1]}


async def _release_one(actor: Actor, space: SpaceId, document: UUID, days: int, at: datetime) -> bool:
    async with work(space=space, at=at) as w:
        _, versions = await lock_versions(w, actor=actor, document=document)
        due = await w.row(_STILL_DUE, {"space": space, "document": document, "days": days})
        keys = (await look_in(w, actor=actor)).keys
        if due is None or keys is None:
            return False
        latest = versions[-1].document_id
        await record(w, Act.RELEASE_DOCUMENT, allow(Ground.DUTY), actor=actor, on=(latest,))
        return await _release(w, keys, versions)


async def _release(w: Work, keys: SpaceKeys, versions: list[DocumentEntry]) -> bool:
    hidden = [entry for entry in versions if entry.invisible_patient]
    if not hidden:
        return False
    relabelling = Relabelling(w, keys)
    masked = any(entry.masque_ps for entry in versions)  # meanwhile, those the person had in sight
    for entry in hidden:
        await relabelling.put(entry, masque_ps=masked, invisible_patient=False)
    latest = versions[-1]
    await w.execute(END_HOLD, {"space": w.space_id, "logical": latest.logical_id, "at": w.at})
    await publish(w, DocumentReleased(space=w.space_id, document=latest.document_id, at=w.at))
    return True
