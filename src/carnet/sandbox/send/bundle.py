"""The ITI-65 transaction of one parcel: submission set, document reference, binary.

Shapes: IHE MHD 4.2 comprehensive metadata and the French PDSm. The person and the author travel as contained
resources, because the sender knows no logical id of the receiver.
"""

import base64
import hashlib
import uuid
from datetime import datetime
from typing import Any

from carnet.sandbox.send.parcels import Coded, Parcel, Whom, Writer
from carnet.terminology import api as terminology

Json = dict[str, Any]

MHD = "https://profiles.ihe.net/ITI/MHD"
PDSM = "https://interop.esante.gouv.fr/ig/fhir/pdsm/StructureDefinition"
IDENTIFIER_TYPES = "https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0203"
VISIBILITY_OID = "1.2.250.1.213.1.1.4.13"
NORMAL_OID = "2.16.840.1.113883.5.25"
CLASS_OID = "1.2.250.1.213.1.1.4.1"
PS_OID, PLACE_OID = "1.2.250.1.71.4.2.1", "1.2.250.1.71.4.2.2"
RPPS_ID, FINESS_ID = 12, 10  # lengths of the national identifiers, their prefix digit included
_SEXES = {"F": "female", "M": "male"}


def transaction(parcel: Parcel, *, sent: datetime, source_oid: str, replaced: str | None = None) -> Json:
    """The Bundle to POST. source_oid: identifies the sending software; replaced: the receiver's reference of the
    document this one replaces, when the sender remembers it.
    """
    reference, binary, submission = (_urn(parcel, part) for part in ("reference", "binary", "submission"))
    return {
        "resourceType": "Bundle",
        "meta": {"profile": [f"{MHD}/StructureDefinition/IHE.MHD.Comprehensive.ProvideBundle"]},
        "type": "transaction",
        "entry": [
            _entry(submission, "List", _submission_set(parcel, sent, source_oid, submission, reference)),
            _entry(reference, "DocumentReference", _document_reference(parcel, binary, replaced)),
            _entry(
                binary,
                "Binary",
                {
                    "resourceType": "Binary",
                    "contentType": parcel.media_type,
                    "data": base64.b64encode(parcel.content).decode(),
                },
            ),
        ],
    }


def _entry(urn: str, resource_type: str, resource: Json) -> Json:
    return {"fullUrl": urn, "resource": resource, "request": {"method": "POST", "url": resource_type}}


def _urn(parcel: Parcel, part: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{parcel.unique_id}#{part}").urn


def _submission_set(parcel: Parcel, sent: datetime, source_oid: str, urn: str, reference: str) -> Json:
    return {
        "resourceType": "List",
        "meta": {"profile": [f"{MHD}/StructureDefinition/IHE.MHD.Comprehensive.SubmissionSet"]},
        "contained": [_patient(parcel.whom), *_author(parcel.author)],
        "extension": [
            {"url": f"{MHD}/StructureDefinition/ihe-sourceId", "valueIdentifier": {"value": f"urn:oid:{source_oid}"}},
            {
                "url": f"{MHD}/StructureDefinition/ihe-designationType",
                "valueCodeableConcept": _concept(parcel.type),
            },
        ],
        "identifier": [
            {
                "use": "usual",
                "type": _identifier_type("uniqueId"),
                "system": "urn:ietf:rfc:3986",
                "value": f"urn:oid:2.25.{uuid.UUID(urn).int}",
            },
            {
                "use": "official",
                "type": _identifier_type("entryUUID"),
                "system": "urn:ietf:rfc:3986",
                "value": urn,
            },
        ],
        "status": "current",
        "mode": "working",
        "title": parcel.title,
        "code": {"coding": [{"system": f"{MHD}/CodeSystem/MHDlistTypes", "code": "submissionset"}]},
        "subject": _subject(parcel.whom),
        "date": sent.isoformat(timespec="seconds"),
        "source": {"reference": "#author"},
        "entry": [{"item": {"reference": reference}}],
    }


def _document_reference(parcel: Parcel, binary: str, replaced: str | None) -> Json:
    resource = {
        "resourceType": "DocumentReference",
        "meta": {
            "profile": [
                f"{PDSM}/pdsm-comprehensive-document-reference",
                f"{MHD}/StructureDefinition/IHE.MHD.Comprehensive.DocumentReference",
            ]
        },
        "contained": [_patient(parcel.whom), *_author(parcel.author)],
        "masterIdentifier": {
            "type": _identifier_type("uniqueId"),
            "system": "urn:ietf:rfc:3986",
            "value": parcel.unique_id,
        },
        "status": "current",
        "type": _concept(parcel.type),
        "category": [_concept(_class_of(parcel.type))],
        "subject": _subject(parcel.whom),
        "date": parcel.date.isoformat(timespec="seconds"),
        "author": [{"reference": "#author"}],
        "authenticator": {"reference": "#author"},
        "custodian": {"reference": "#organisation"},
        "description": parcel.title,
        "securityLabel": _security_labels(parcel.confidentiality),
        "content": [{"attachment": _attachment(parcel, binary), "format": _format(parcel.format_code)}],
        "context": {
            "period": _period(parcel),
            "facilityType": _concept(parcel.facility),
            "practiceSetting": _concept(parcel.setting),
            "sourcePatientInfo": {"reference": "#patient"},
        },
    }
    if parcel.replaces:
        target: Json = {"identifier": {"system": "urn:ietf:rfc:3986", "value": parcel.replaces}}
        resource["relatesTo"] = [{"code": "replaces", "target": target | ({"reference": replaced} if replaced else {})}]
    return resource


def _attachment(parcel: Parcel, binary: str) -> Json:
    return {
        "contentType": parcel.media_type,
        "language": parcel.language,
        "url": binary,
        "size": len(parcel.content),
        "hash": base64.b64encode(hashlib.sha1(parcel.content, usedforsecurity=False).digest()).decode(),
        "title": parcel.title,
        "creation": parcel.date.isoformat(timespec="seconds"),
    }


def _period(parcel: Parcel) -> Json:
    start, end = parcel.period
    found = {"start": start, "end": end}
    return {name: when.isoformat(timespec="seconds") for name, when in found.items() if when} or {
        "start": parcel.date.isoformat(timespec="seconds")
    }


def _subject(whom: Whom) -> Json:
    return {"reference": "#patient", "identifier": {"system": f"urn:oid:{whom.oid}", "value": whom.matricule}}


def _patient(whom: Whom) -> Json:
    identifier = {
        "use": "official",
        "type": {"coding": [{"system": IDENTIFIER_TYPES, "code": _ins_type(whom.oid)}]},
        "system": f"urn:oid:{whom.oid}",
        "value": whom.matricule,
    }
    given = whom.first_given or whom.given_names.split(" ")[0]
    name: Json = {"use": "official", "family": whom.birth_name, "given": [given]}
    if whom.given_names:
        name["extension"] = [
            {
                "url": "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-patient-birth-list-given-name",
                "valueString": whom.given_names,
            }
        ]
    patient: Json = {
        "resourceType": "Patient",
        "id": "patient",
        "identifier": [identifier],
        "name": [name],
    }
    if whom.sex in _SEXES:
        patient["gender"] = _SEXES[whom.sex]
    if whom.birth_date:
        patient["birthDate"] = whom.birth_date.isoformat()
    if whom.birth_place:
        patient["extension"] = [_birth_place(whom.birth_place)]
    return patient


def _birth_place(insee: str) -> Json:
    code = {
        "url": "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-address-insee-code",
        "valueCoding": {
            "system": "https://mos.esante.gouv.fr/NOS/TRE_R13-CommuneOM/FHIR/TRE-R13-CommuneOM",
            "code": insee,
        },
    }
    return {
        "url": "http://hl7.org/fhir/StructureDefinition/patient-birthPlace",
        "valueAddress": {"extension": [code]},
    }


def _author(writer: Writer) -> list[Json]:
    organisation: Json = {"resourceType": "Organization", "id": "organisation"}
    if writer.organisation_id:
        finess = writer.organisation_id[1:] if len(writer.organisation_id) == FINESS_ID else ""
        organisation["identifier"] = [
            _identifier("IDNST", f"urn:oid:{PLACE_OID}", writer.organisation_id),
            *([_identifier("FINEG", "https://finess.esante.gouv.fr", finess)] if finess else []),
        ]
    organisation["name"] = writer.organisation or "Organisation inconnue"
    practitioner: Json = {"resourceType": "Practitioner", "id": "practitioner"}
    if writer.id:
        rpps = writer.id[1:] if writer.id.startswith("8") and len(writer.id) == RPPS_ID else ""
        practitioner["identifier"] = [
            _identifier("IDNPS", f"urn:oid:{PS_OID}", writer.id),
            *([_identifier("RPPS", "https://rpps.esante.gouv.fr", rpps)] if rpps else []),
        ]
    if writer.family:
        practitioner["name"] = [{"family": writer.family} | ({"given": [writer.given]} if writer.given else {})]
    role: Json = {
        "resourceType": "PractitionerRole",
        "id": "author",
        "practitioner": {"reference": "#practitioner"},
        "organization": {"reference": "#organisation"},
    }
    if not (writer.id or writer.family):
        organisation["id"] = "author"
        return [organisation, {"resourceType": "Organization", "id": "organisation", "name": organisation["name"]}]
    if writer.role:
        role["code"] = [_concept(writer.role)]
    return [role, practitioner, organisation]


def _identifier(kind: str, system: str, value: str) -> Json:
    return {"type": {"coding": [{"system": IDENTIFIER_TYPES, "code": kind}]}, "system": system, "value": value}


def _security_labels(extra: tuple[str, ...]) -> list[Json]:
    labels = [Coded("N", NORMAL_OID, "Normal")]
    labels += [Coded(code, VISIBILITY_OID, terminology.label(VISIBILITY_OID, code) or "") for code in extra]
    return [_concept(label) for label in labels]


def _class_of(kind: Coded) -> Coded:
    code = terminology.class_of(kind.code) or "10"
    return Coded(code, CLASS_OID, terminology.label(CLASS_OID, code) or "")


def _format(code: str) -> Json:
    found = next((one for one in terminology.values(terminology.ValueSet.FORMAT) if one.code == code), None)
    coding = {"code": code}
    if found:
        coding |= {"system": terminology.system_uri(found.system), "display": found.label_fr}
    return coding


def _concept(coded: Coded) -> Json:
    coding = {"system": terminology.system_uri(coded.system), "code": coded.code}
    if coded.label:
        coding["display"] = coded.label
    return {"coding": [coding]}


def _identifier_type(code: str) -> Json:
    return {"coding": [{"system": f"{MHD}/CodeSystem/IHE.MHD.MHDIdentifierType", "code": code}]}


def _ins_type(oid: str) -> str:
    kinds = {"8": "INS-NIR", "9": "INS-NIA", "10": "INS-NIR-TEST", "11": "INS-NIR-DEMO"}
    return kinds.get(oid.rsplit(".", 1)[-1], "INS-NIR")
