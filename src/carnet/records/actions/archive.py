"""Filing a document away, and taking it out again: DMP TD3.3d (mes.md D18), by the organisation it came from.

It is said of the document and hides it from nobody: whoever could see it sees it still, with the word. What filed it
away is the author's own view of what is of use; another version that comes later is not filed away.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from carnet.access.api import Need
from carnet.infra.db import Work, work
from carnet.infra.jobs.outbox import publish
from carnet.infra.vault import SpaceKeys
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Reason, refuse
from carnet.kernel.errors import Conflict, NotFound
from carnet.kernel.ids import SpaceId
from carnet.records.actions.confidentiality import lock_versions
from carnet.records.actions.delete import STALE
from carnet.records.data import DocumentEntry
from carnet.records.events import DocumentChanged
from carnet.records.queries.reading import facts_of
from carnet.records.queries.sealed import open_metadata, open_resource, seal_metadata, seal_resource
from carnet.records.rules.document_reference import archived_reference

_SET = """
UPDATE document SET changed_at = %(at)s, touched_at = NULL, resource_version = resource_version + 1,
  resource_enc = %(resource)s, summary_enc = %(summary)s
WHERE space_id = %(space)s AND document_id = %(document)s
"""


async def archive_document(*, actor: Actor, space: SpaceId, document: UUID, archived: bool, at: datetime) -> None:
    """File a document away, or take it out again; asked twice, nothing changes. The person is told of a change.

    Raises NotFound (absent, hidden), Refused (known, and another's), Conflict (no longer the current version).
    """
    async with work(space=space, at=at) as w:
        seen, versions = await lock_versions(w, actor=actor, document=document)
        asked = next((entry for entry in versions if entry.document_id == document), None)
        decision = refuse(Reason.HIDDEN) if asked is None else seen.decide(Need.DELETE, facts_of(asked))
        act = Act.ARCHIVE_DOCUMENT if archived else Act.UNARCHIVE_DOCUMENT
        await record(w, act, decision, actor=actor, on=(document,) if asked else ())
        if decision.allowed and asked is not None and await _put(w, asked, seen.opened_keys, archived=archived):
            by_person = actor.kind is ActorKind.PERSON
            await publish(w, DocumentChanged(space=space, document=document, at=at, by_person=by_person))
    if decision.reason is Reason.NOT_CURRENT:
        raise Conflict(STALE)
    # who may not know of the document is not told that it has another author
    known = asked is not None and seen.decide(Need.LIST, facts_of(asked)).allowed
    if decision.reason is Reason.SUSPENDED or (known and decision.reason in {Reason.NOT_AUTHOR, Reason.NOT_YOURS}):
        decision.raise_if_refused()
    if not decision.allowed:
        raise NotFound


async def _put(w: Work, entry: DocumentEntry, keys: SpaceKeys, *, archived: bool) -> bool:
    """Write it into both sealed texts; False when they said so already."""
    metadata = open_metadata(entry, keys=keys)
    if metadata.archived is archived:
        return False
    resource = archived_reference(
        open_resource(entry, keys=keys), archived=archived, version=entry.resource_version + 1, changed_at=w.at
    )
    changed = msgspec.structs.replace(metadata, archived=archived)
    params = {
        "at": w.at,
        "resource": seal_resource(resource, document=entry.document_id.hex, keys=keys),
        "summary": seal_metadata(changed, document=entry.document_id.hex, keys=keys),
        "space": w.space_id,
        "document": entry.document_id,
    }
    await w.execute(_SET, params)
    return True
