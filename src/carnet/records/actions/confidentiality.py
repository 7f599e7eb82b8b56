"""Mask and reveal: the person (or an administrator, or the depositor) hides a document from professionals or shows it.

Confidentiality belongs to the logical document: every version changes together (threats T16), except one that waits to
be announced after one the person had in sight: the two codes exclude each other, and it is masked when it is released.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from carnet.access.api import DocumentFacts, Look, Need, look_in
from carnet.infra.db import Work, work
from carnet.infra.jobs.outbox import publish
from carnet.infra.vault import SpaceKeys
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Decision, Reason, refuse
from carnet.kernel.errors import NotFound
from carnet.kernel.ids import SpaceId, routable
from carnet.records.data import DocumentEntry
from carnet.records.events import DocumentChanged
from carnet.records.queries.listing_statements import NOBODY, STORED_COLUMNS, to_entry
from carnet.records.queries.reading import facts_of
from carnet.records.queries.sealed import open_metadata, open_resource, seal_resource
from carnet.records.rules.confidentiality import labels_of
from carnet.records.rules.document_reference import document_reference

_VERSIONS = f"""
SELECT {STORED_COLUMNS} FROM document d
WHERE d.space_id = %(space)s AND d.logical_id = (
  SELECT one.logical_id FROM document one WHERE one.space_id = %(space)s AND one.document_id = %(document)s)
ORDER BY d.version FOR UPDATE
"""
_SET = """
UPDATE document SET masque_ps = %(masque_ps)s, invisible_patient = %(invisible_patient)s,
  invisible_representants = %(invisible_representants)s, changed_at = %(at)s, touched_at = NULL,
  resource_version = resource_version + 1,
  resource_enc = %(resource)s
WHERE space_id = %(space)s AND document_id = %(document)s
"""


async def mask_document(*, actor: Actor, space: SpaceId, document: UUID, at: datetime) -> None:
    """Hide every version of a document from professionals (its depositor and administrators excepted).

    Raises NotFound (absent, hidden), Refused (codes exclude each other, not allowed). Source: R1111-49 CSP.
    """
    await _change(actor, space, document, at, masked=True)


async def reveal_document(*, actor: Actor, space: SpaceId, document: UUID, at: datetime) -> None:
    """Show every version of a masked document to professionals again. Raises as `mask_document`."""
    await _change(actor, space, document, at, masked=False)


async def _change(actor: Actor, space: SpaceId, document: UUID, at: datetime, *, masked: bool) -> None:
    act = Act.MASK_DOCUMENT if masked else Act.REVEAL_DOCUMENT
    async with work(space=space, at=at) as w:
        seen, versions = await lock_versions(w, actor=actor, document=document)
        asked = next((entry for entry in versions if entry.document_id == document), None)
        decision = _decide(seen, asked, masked=masked)
        await record(w, act, decision, actor=actor, on=(document,) if asked else ())
        if decision.allowed:
            relabelling = Relabelling(w, seen.opened_keys)
            for entry in versions:
                if not entry.invisible_patient:
                    await relabelling.put(entry, masque_ps=masked)
            event = DocumentChanged(space=space, document=document, at=at, by_person=actor.kind is ActorKind.PERSON)
            await publish(w, event)
    if decision.reason in {Reason.CODES_EXCLUDE_EACH_OTHER, Reason.NOT_AUTHOR, Reason.NO_AUTHORISATION}:
        decision.raise_if_refused()
    if not decision.allowed:
        raise NotFound


async def lock_versions(w: Work, *, actor: Actor, document: UUID) -> tuple[Look, list[DocumentEntry]]:
    """Lock every version of a document and the rights row; return them with the facts."""
    seen = await look_in(w, actor=actor)
    rows = await w.rows(_VERSIONS, {"space": w.space_id, "document": document, "account": NOBODY})
    return seen, [to_entry(row) for row in rows]


def _decide(seen: Look, asked: DocumentEntry | None, *, masked: bool) -> Decision:
    if asked is None:
        decision = seen.decide(Need.MASK)
        return refuse(Reason.HIDDEN) if decision.allowed else decision
    facts: DocumentFacts = facts_of(asked)
    visible = seen.decide(Need.READ, facts)
    if not visible.allowed:
        return visible
    decision = seen.decide(Need.MASK, facts)
    if decision.allowed and masked and asked.invisible_patient:
        return refuse(Reason.CODES_EXCLUDE_EACH_OTHER)
    return decision


class Relabelling:
    """Puts other confidentiality codes on the versions of a document, in the columns and in the sealed resource."""

    def __init__(self, w: Work, keys: SpaceKeys) -> None:
        self._w = w
        self._keys = keys

    async def put(
        self,
        entry: DocumentEntry,
        *,
        masque_ps: bool | None = None,
        invisible_patient: bool | None = None,
        invisible_representants: bool | None = None,
    ) -> None:
        """Rewrite one version, None: as it was. Whoever calls holds it locked and leaves the trace."""
        asked = {
            "masque_ps": masque_ps,
            "invisible_patient": invisible_patient,
            "invisible_representants": invisible_representants,
        }
        changed = msgspec.structs.replace(entry, **{name: value for name, value in asked.items() if value is not None})
        params = {
            "masque_ps": changed.masque_ps,
            "invisible_patient": changed.invisible_patient,
            "invisible_representants": changed.invisible_representants,
            "at": self._w.at,
            "resource": self._resource(changed),
            "space": self._w.space_id,
            "document": entry.document_id,
        }
        await self._w.execute(_SET, params)

    def _resource(self, entry: DocumentEntry) -> bytes:
        stored: dict[str, Any] = msgspec.json.decode(open_resource(entry, keys=self._keys))
        related = stored.get("relatesTo", [])
        replaces = related[0]["target"]["reference"].removeprefix("DocumentReference/") if related else None
        metadata = open_metadata(entry, keys=self._keys)
        resource = document_reference(
            metadata,
            fhir_id=routable(self._w.space_id, entry.document_id),
            patient_id=self._w.space_id.hex,
            status=entry.status,
            codes=labels_of(entry.codes, level=metadata.level),
            version=entry.resource_version + 1,
            received_at=entry.received_at,
            changed_at=self._w.at,
            replaces=replaces,
            by_patient=entry.author_kind == "PATIENT",
        )
        return seal_resource(resource, document=entry.document_id.hex, keys=self._keys)
