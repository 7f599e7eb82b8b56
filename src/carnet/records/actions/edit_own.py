"""The person changes what is said about a document of their own: title, category, date. The bytes stay as they are."""

from datetime import datetime
from uuid import UUID

import msgspec

from carnet.access.api import Look, Need
from carnet.infra.db import Work, work
from carnet.infra.jobs.outbox import publish
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Reason, refuse
from carnet.kernel.errors import NotFound
from carnet.kernel.ids import SpaceId, routable
from carnet.kernel.legal_day import legal_day
from carnet.records.actions.confidentiality import lock_versions
from carnet.records.data import DocumentEntry
from carnet.records.events import DocumentChanged
from carnet.records.queries.reading import facts_of
from carnet.records.queries.sealed import open_metadata, seal_metadata, seal_resource
from carnet.records.rules.confidentiality import labels_of
from carnet.records.rules.document_reference import document_reference
from carnet.records.rules.findings import Findings
from carnet.records.rules.own_document import Described, OwnDescription, describe

_EDIT = """
UPDATE document SET type_code = %(type)s, class_code = %(class)s, category = %(category)s, document_date = %(date)s,
  changed_at = %(at)s, touched_at = NULL, resource_version = resource_version + 1, resource_enc = %(resource)s,
  summary_enc = %(summary)s
WHERE space_id = %(space)s AND document_id = %(document)s
"""


async def edit_own_document(
    *, actor: Actor, space: SpaceId, document: UUID, said: OwnDescription, at: datetime
) -> None:
    """Change the description of a document the person added.

    Raises Invalid (fields of the form as paths), NotFound (absent, hidden) or Refused (not theirs).
    """
    findings = Findings(path="titre")
    described = describe(said, today=legal_day(at), findings=findings)
    async with work(space=space, at=at) as w:
        seen, versions = await lock_versions(w, actor=actor, document=document)
        asked = next((entry for entry in versions if entry.document_id == document), None)
        decision = refuse(Reason.HIDDEN) if asked is None else seen.decide(Need.EDIT, facts_of(asked))
        if decision.allowed and described is None:
            decision = refuse(Reason.INVALID_INPUT)
        await record(w, Act.EDIT_DOCUMENT, decision, actor=actor, on=(document,) if asked else ())
        if decision.allowed and asked is not None and described is not None:
            await _write(w, seen, asked, described)
            await publish(
                w, DocumentChanged(space=space, document=document, at=at, by_person=actor.kind is ActorKind.PERSON)
            )
    if decision.reason is Reason.INVALID_INPUT:
        findings.raise_if_any()
    if decision.reason is Reason.NOT_YOURS:
        decision.raise_if_refused()
    if not decision.allowed:
        raise NotFound


async def _write(w: Work, seen: Look, entry: DocumentEntry, described: Described) -> None:
    metadata = msgspec.structs.replace(
        open_metadata(entry, keys=seen.opened_keys),
        title=described.title,
        type=described.type,
        category=described.document_class,
        creation=described.creation,
    )
    resource = document_reference(
        metadata,
        fhir_id=routable(w.space_id, entry.document_id),
        patient_id=w.space_id.hex,
        status=entry.status,
        codes=labels_of(entry.codes, level=metadata.level),
        version=entry.resource_version + 1,
        received_at=entry.received_at,
        changed_at=w.at,
        replaces=None,
        by_patient=True,
    )
    params = {
        "type": described.type.code,
        "class": described.document_class.code,
        "category": described.category,
        "date": described.creation,
        "at": w.at,
        "resource": seal_resource(resource, document=entry.document_id.hex, keys=seen.opened_keys),
        "summary": seal_metadata(metadata, document=entry.document_id.hex, keys=seen.opened_keys),
        "space": w.space_id,
        "document": entry.document_id,
    }
    await w.execute(_EDIT, params)
