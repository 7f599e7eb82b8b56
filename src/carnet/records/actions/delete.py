"""Deleting: logical by the author's organisation (the person is told), definitive by the person for their own.

Logical deletion keeps the row as a tombstone the person can see and nobody can open. What the person added themselves
goes away with its bytes: that was their right (mes.md D6, D8, D17).
"""

from datetime import datetime
from uuid import UUID

from carnet.access.api import Need
from carnet.infra.db import work
from carnet.infra.jobs.outbox import publish
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Decision, Reason, refuse
from carnet.kernel.errors import Conflict, NotFound, Problem
from carnet.kernel.ids import SpaceId
from carnet.records.actions.confidentiality import lock_versions
from carnet.records.actions.release import END_HOLD
from carnet.records.events import DocumentDeleted
from carnet.records.queries.reading import facts_of
from carnet.records.queries.sealed import open_resource, seal_resource
from carnet.records.rules.document_reference import deleted_reference

STALE = Problem(
    code="not-current",
    fr="Cette version n'est plus la version en cours.",
    en="This version is no longer the current one.",
)
_DELETE = """
UPDATE document SET status = 'deleted', changed_at = %(at)s, touched_at = NULL, resource_version = resource_version + 1,
  resource_enc = %(resource)s
WHERE space_id = %(space)s AND document_id = %(document)s
"""


async def delete_document(*, actor: Actor, space: SpaceId, document: UUID, at: datetime) -> None:
    """Delete a document; deleting twice changes nothing.

    Raises NotFound (absent, hidden), Refused (not the author), Conflict (superseded version).
    """
    async with work(space=space, at=at) as w:
        seen, versions = await lock_versions(w, actor=actor, document=document)
        asked = next((entry for entry in versions if entry.document_id == document), None)
        decision: Decision = refuse(Reason.HIDDEN) if asked is None else seen.decide(Need.DELETE, facts_of(asked))
        await record(w, Act.DELETE_DOCUMENT, decision, actor=actor, on=(document,) if asked else ())
        if decision.allowed and asked is not None:
            deleted = deleted_reference(
                open_resource(asked, keys=seen.opened_keys), version=asked.resource_version + 1, changed_at=at
            )
            sealed = seal_resource(deleted, document=document.hex, keys=seen.opened_keys)
            await w.execute(_DELETE, {"at": at, "resource": sealed, "space": space, "document": document})
            # nobody explains what is no more: the person is not kept waiting for it
            await w.execute(END_HOLD, {"at": at, "space": space, "logical": asked.logical_id})
            by_person = actor.kind is ActorKind.PERSON
            await publish(w, DocumentDeleted(space=space, document=document, at=at, by_person=by_person))
    if decision.reason is Reason.NOT_CURRENT and asked is not None and asked.status == "deleted":
        return  # asked again by the same organisation: done already
    if decision.reason is Reason.NOT_CURRENT:
        raise Conflict(STALE)
    # who may not know of the document is not told that it has another author
    known = asked is not None and seen.decide(Need.LIST, facts_of(asked)).allowed
    if decision.reason is Reason.SUSPENDED or (known and decision.reason in {Reason.NOT_AUTHOR, Reason.NOT_YOURS}):
        decision.raise_if_refused()
    if not decision.allowed:
        raise NotFound
