"""A document's metadata as a FHIR R4 DocumentReference (IHE MHD 4.2 comprehensive, PDSm), made once and stored sealed.

Written only when the metadata changes, served as stored: a list of twenty costs no serialisation. Built from typed
metadata, never from what the sender sent, so no unknown property can travel through (threats T06).
"""

import base64
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from carnet.kernel.ids import SpaceId, routable
from carnet.records.data import NORMAL, Amended, Author, Coding, DocumentMetadata
from carnet.records.rules.confidentiality import labels_of

CONFIDENTIALITY_SYSTEM = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
CISIS_CONFIDENTIALITY = (
    "https://mos.esante.gouv.fr/NOS/TRE_A07-StatusVisibiliteDocument/FHIR/TRE-A07-StatusVisibiliteDocument"
)
HL7_CODES = frozenset({"N", "R", "V"})
STATUSES = {"current": "current", "superseded": "superseded", "deleted": "entered-in-error"}
RPPS_SYSTEM = "https://rpps.esante.gouv.fr"
FINESS_SYSTEM = "https://finess.esante.gouv.fr"
PROFILE = "https://profiles.ihe.net/ITI/MHD/StructureDefinition/IHE.MHD.Comprehensive.DocumentReference"
IS_ARCHIVED = "https://interop.esante.gouv.fr/ig/fhir/pdsm/StructureDefinition/pdsm-ext-is-archived"
"""PDSm: the document is filed away; its `status` says nothing of it."""

_CONTAINERS = frozenset({dict, list})

_ARCHIVED = [{"url": IS_ARCHIVED, "valueBoolean": True}]
_encoder = msgspec.json.Encoder()


def document_reference(
    metadata: DocumentMetadata,
    *,
    fhir_id: str,
    patient_id: str,
    status: str,
    codes: frozenset[str],
    version: int,
    received_at: datetime,
    changed_at: datetime,
    replaces: str | None,
    by_patient: bool = False,
) -> bytes:
    """Return the DocumentReference as JSON bytes. Attachment URLs are relative to the FHIR base (`Binary/…`)."""
    resource: dict[str, Any] = {
        "resourceType": "DocumentReference",
        "id": fhir_id,
        "meta": _meta(version, changed_at, by_patient=by_patient),
        "contained": [],
        "extension": _ARCHIVED if metadata.archived else None,
        "masterIdentifier": {"system": "urn:ietf:rfc:3986", "value": metadata.unique_id},
        "identifier": [{"system": "urn:ietf:rfc:3986", "value": value} for value in metadata.identifiers] or None,
        "status": STATUSES[status],
        "type": _concept(metadata.type),
        "category": [_concept(metadata.category)],
        "subject": {"reference": f"Patient/{patient_id}"},
        "date": _instant(received_at),
        "description": metadata.description,
        "securityLabel": [_label(code) for code in sorted(codes)],
        "content": [{"attachment": _attachment(metadata, fhir_id), "format": _coding(metadata.format)}],
    }
    contained: list[dict[str, Any]] = resource["contained"]
    resource["author"] = [_reference(author, f"author{i}", contained) for i, author in enumerate(metadata.authors)]
    if metadata.authenticator:
        resource["authenticator"] = _reference(metadata.authenticator, "authenticator", contained)
    if metadata.custodian:
        resource["custodian"] = _reference(metadata.custodian, "custodian", contained)
    if replaces:
        resource["relatesTo"] = [{"code": "replaces", "target": {"reference": f"DocumentReference/{replaces}"}}]
    resource["context"] = _context(metadata, patient_id)
    return _encoder.encode(_without_empty(resource))


def superseded_reference(resource: bytes, *, codes: frozenset[str], version: int, changed_at: datetime) -> bytes:
    """Return a stored DocumentReference once another replaced it. codes: what hides it from now on."""
    tree = _changed(resource, STATUSES["superseded"], version, changed_at)
    shown = [one["coding"][0]["code"] for one in tree["securityLabel"]]
    level = next((code for code in shown if code in HL7_CODES), NORMAL)
    tree["securityLabel"] = [_label(code) for code in sorted(labels_of(codes, level=level))]
    return _encoder.encode(tree)


def reference_as_known(resource: bytes, known: Amended) -> bytes:
    """Return a stored DocumentReference as if the versions its reader may not know of had never come."""
    tree = _changed(resource, STATUSES[known.status], known.version, known.changed_at)
    if known.replaces is None:
        tree.pop("relatesTo", None)
    elif "relatesTo" in tree:
        target = routable(SpaceId(UUID(hex=tree["subject"]["reference"].removeprefix("Patient/"))), known.replaces)
        tree["relatesTo"][0]["target"] = {"reference": f"DocumentReference/{target}"}
    return _encoder.encode(tree)


def deleted_reference(resource: bytes, *, version: int, changed_at: datetime) -> bytes:
    """Return a stored DocumentReference once it was deleted."""
    return _encoder.encode(_changed(resource, STATUSES["deleted"], version, changed_at))


def archived_reference(resource: bytes, *, archived: bool, version: int, changed_at: datetime) -> bytes:
    """Return a stored DocumentReference once it was filed away, or taken out again."""
    tree: dict[str, Any] = msgspec.json.decode(resource)
    tree["meta"] |= {"versionId": str(version), "lastUpdated": _instant(changed_at)}
    tree.pop("extension", None)
    return _encoder.encode(tree | ({"extension": _ARCHIVED} if archived else {}))


def _changed(resource: bytes, status: str, version: int, changed_at: datetime) -> dict[str, Any]:
    tree: dict[str, Any] = msgspec.json.decode(resource)
    tree["status"] = status
    tree["meta"]["versionId"] = str(version)
    tree["meta"]["lastUpdated"] = _instant(changed_at)
    return tree


def _meta(version: int, changed_at: datetime, *, by_patient: bool) -> dict[str, Any]:
    meta: dict[str, Any] = {"versionId": str(version), "lastUpdated": _instant(changed_at), "profile": [PROFILE]}
    if by_patient:
        # HL7 Europe: what people add themselves stays recognisable everywhere (EHDS art. 5)
        meta["security"] = [{"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "PATRPT"}]
    return meta


def _attachment(metadata: DocumentMetadata, fhir_id: str) -> dict[str, Any]:
    return {
        "contentType": metadata.content_type,
        "language": metadata.language,
        "url": f"Binary/{fhir_id}",
        "size": metadata.size,
        "hash": base64.b64encode(bytes.fromhex(metadata.sha1)).decode(),
        "title": metadata.title,
        "creation": _instant(metadata.creation),
    }


def _context(metadata: DocumentMetadata, patient_id: str) -> dict[str, Any]:
    period = {}
    if metadata.period_start:
        period["start"] = _instant(metadata.period_start)
    if metadata.period_end:
        period["end"] = _instant(metadata.period_end)
    return {
        "event": [_concept(event) for event in metadata.events],
        "period": period,
        "facilityType": _concept(metadata.facility_type),
        "practiceSetting": _concept(metadata.practice_setting),
        "sourcePatientInfo": {"reference": f"Patient/{patient_id}", "display": metadata.patient_display},
    }


def _reference(author: Author, name: str, contained: list[dict[str, Any]]) -> dict[str, Any]:
    if author.kind == "patient":
        return {"display": author.display or "Patient"}
    resource: dict[str, Any] = {"resourceType": "Organization", "id": name}
    if author.kind == "practitioner":
        resource["resourceType"] = "Practitioner"
        resource["identifier"] = [{"system": RPPS_SYSTEM, "value": author.rpps}] if author.rpps else None
        given = [author.given_name] if author.given_name else None
        # a name in one piece is given as such: nobody knows which word is the family's (FHIR R4 HumanName)
        resource["name"] = [{"family": author.family_name, "given": given} if given else {"text": author.family_name}]
        if author.finess or author.organisation_name or author.role or author.specialty:
            return _role(author, name, resource, contained)
    elif author.kind == "device":
        resource = {"resourceType": "Device", "id": name, "deviceName": [{"name": author.display, "type": "other"}]}
    else:
        resource["identifier"] = [{"system": FINESS_SYSTEM, "value": author.finess}] if author.finess else None
        resource["name"] = author.organisation_name
    contained.append(resource)
    return {"reference": f"#{name}", "display": author.display}


def _role(author: Author, name: str, practitioner: dict[str, Any], contained: list[dict[str, Any]]) -> dict[str, Any]:
    practitioner["id"] = f"{name}-person"
    organisation = {
        "resourceType": "Organization",
        "id": f"{name}-organisation",
        "identifier": [{"system": FINESS_SYSTEM, "value": author.finess}] if author.finess else None,
        "name": author.organisation_name,
    }
    role = {
        "resourceType": "PractitionerRole",
        "id": name,
        "practitioner": {"reference": f"#{name}-person"},
        "organization": {"reference": f"#{name}-organisation"} if author.finess or author.organisation_name else None,
        "code": [_concept(author.role)] if author.role else None,
        "specialty": [_concept(author.specialty)] if author.specialty else None,
    }
    contained.append(practitioner)
    if role["organization"]:
        contained.append(organisation)
    contained.append(role)
    return {"reference": f"#{name}", "display": author.display}


def _label(code: str) -> dict[str, Any]:
    system = CONFIDENTIALITY_SYSTEM if code in HL7_CODES else CISIS_CONFIDENTIALITY
    return {"coding": [{"system": system, "code": code}]}


def _concept(coding: Coding | None) -> dict[str, Any] | None:
    return {"coding": [_coding(coding)]} if coding else None


def _coding(coding: Coding | None) -> dict[str, Any] | None:
    return {"system": coding.system, "code": coding.code, "display": coding.display} if coding else None


def _instant(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _without_empty(value: Any) -> Any:
    """Return `value` without null and empty elements, which FHIR forbids; None when nothing is left."""
    if type(value) is dict:
        kept = {}
        for key, one in value.items():
            left = _without_empty(one) if type(one) in _CONTAINERS else one
            if left is not None:
                kept[key] = left
        return kept or None
    if type(value) is list:
        return [inner for one in value if (inner := _without_empty(one)) is not None] or None
    return value
