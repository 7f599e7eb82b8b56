"""The patient summary of the copy, shaped as the International Patient Summary (HL7 IPS 1.1, FHIR R4).

A document Bundle: Composition, whom it is about, who made it, and the three sections every summary has. The house takes
no fact out of documents and holds no measure: each section says so in the codes the guide gives for it
(`absent-unknown-uv-ips`), which a program reads as "not known here", never as "none". What the person has is in the
documents, which a section of its own lists.
"""

from collections.abc import Iterable
from datetime import datetime
from html import escape
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import msgspec

from carnet.identity.api import IdentityTraits, Ins, Sex
from carnet.kernel.ids import SpaceId

_IPS = "http://hl7.org/fhir/uv/ips/StructureDefinition/"
_LOINC = "http://loinc.org"
_ABSENT = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"
_TERMS = "http://terminology.hl7.org/CodeSystem/"
_REASON = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
_GENDERS = {Sex.MALE: "male", Sex.FEMALE: "female"}
_TITLE = {"fr": "Résumé de mon espace de santé", "en": "Summary of my health space"}
_NOTHING = {
    "fr": "Cet espace ne contient aucune information structurée : voyez les documents.",
    "en": "This space holds no structured information: see the documents.",
}


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A document the summary points at. file: its path from the summary."""

    document: UUID
    title: str
    media_type: str
    file: str
    at: datetime


class _Section(msgspec.Struct, frozen=True):
    """One section of the summary that the house knows nothing for. code: LOINC; nothing: why, as IPS codes it."""

    code: str
    said: str
    fr: str
    en: str
    nothing: str
    words: str


_SECTIONS = (
    _Section(
        "48765-2",
        "Allergies and adverse reactions Document",
        "Allergies",
        "Allergies",
        "no-allergy-info",
        "No information about allergies",
    ),
    _Section(
        "10160-0",
        "History of Medication use Narrative",
        "Traitements",
        "Medications",
        "no-medication-info",
        "No information about medications",
    ),
    _Section(
        "11450-4",
        "Problem list - Reported",
        "Problèmes de santé",
        "Problems",
        "no-problem-info",
        "No information about problems",
    ),
)


def summary(
    *, space: SpaceId, ins: Ins, traits: IdentityTraits, documents: Iterable[Listed], language: str, at: datetime
) -> bytes:
    """Return the Bundle as JSON. language: of what people read in it; documents: from the oldest to the newest."""
    made = at.isoformat(timespec="seconds")
    patient, author = _urn(space, "patient"), _urn(space, "author")
    told = [_nothing(one, patient=patient) for one in _SECTIONS]
    listed = [(f"urn:uuid:{one.document}", _reference(one, patient=patient)) for one in documents]
    sections = [_section(one, language=language, entry=_urn(space, one.nothing)) for one in _SECTIONS] + (
        [_document_section(listed, language=language)] if listed else []
    )
    composition = {
        "resourceType": "Composition",
        "meta": {"profile": [f"{_IPS}Composition-uv-ips"]},
        "language": language,
        "status": "final",
        "type": _coded(_LOINC, "60591-5", "Patient summary Document"),
        "subject": {"reference": patient},
        "date": made,
        "author": [{"reference": author}],
        "title": _TITLE[language],
        "section": sections,
    }
    entries = [
        (_urn(space, "composition"), composition),
        (patient, _patient(ins, traits)),
        (author, {"resourceType": "Organization", "name": "Carnet"}),
        *((_urn(space, one.nothing), resource) for one, resource in zip(_SECTIONS, told, strict=True)),
        *listed,
    ]
    bundle = {
        "resourceType": "Bundle",
        "meta": {"profile": [f"{_IPS}Bundle-uv-ips"]},
        "identifier": {"system": "urn:ietf:rfc:3986", "value": _urn(space, f"summary/{made}")},
        "type": "document",
        "timestamp": made,
        "entry": [{"fullUrl": url, "resource": resource} for url, resource in entries],
    }
    return msgspec.json.format(msgspec.json.encode(bundle)) + b"\n"


def _patient(ins: Ins, traits: IdentityTraits) -> dict[str, Any]:
    names = [{"use": "official", "family": traits.birth_name, "given": list(traits.given_names)}]
    if traits.usual_name:
        names.append({"use": "usual", "family": traits.usual_name, "given": list(traits.given_names)})
    told: dict[str, Any] = {
        "resourceType": "Patient",
        "identifier": [{"system": f"urn:oid:{ins.oid}", "value": ins.matricule}],
        "name": [{name: value for name, value in one.items() if value} for one in names],
        "gender": _GENDERS.get(traits.sex, "unknown"),
    }
    return told | ({"birthDate": traits.birth_date} if traits.birth_date else {"_birthDate": _unknown()})


def _section(one: _Section, *, language: str, entry: str) -> dict[str, Any]:
    return {
        "title": one.fr if language == "fr" else one.en,
        "code": _coded(_LOINC, one.code, one.said),
        "text": _narrative(f"<p>{escape(_NOTHING[language])}</p>"),
        "entry": [{"reference": entry}],
    }


def _document_section(listed: list[tuple[str, dict[str, Any]]], *, language: str) -> dict[str, Any]:
    lines = "".join(f"<li>{escape(one['description'])}</li>" for _, one in listed)
    return {
        "title": "Documents",
        "code": _coded(_LOINC, "77599-9", "Additional documentation"),
        "text": _narrative(f'<ul xml:lang="{language}">{lines}</ul>'),
        "entry": [{"reference": url} for url, _ in listed],
    }


def _reference(one: Listed, *, patient: str) -> dict[str, Any]:
    return {
        "resourceType": "DocumentReference",
        "status": "current",
        "subject": {"reference": patient},
        "date": one.at.isoformat(timespec="seconds"),
        "description": one.title,
        "content": [{"attachment": {"contentType": one.media_type, "url": one.file, "title": one.title}}],
    }


def _nothing(one: _Section, *, patient: str) -> dict[str, Any]:
    """The resource that says that nothing is known here, as the guide writes it."""
    code, subject = _coded(_ABSENT, one.nothing, one.words), {"reference": patient}
    if one.nothing == "no-allergy-info":
        active = _coded(f"{_TERMS}allergyintolerance-clinical", "active")
        return {
            "resourceType": "AllergyIntolerance",
            "meta": {"profile": [f"{_IPS}AllergyIntolerance-uv-ips"]},
            "clinicalStatus": active,
            "code": code,
            "patient": subject,
        }
    if one.nothing == "no-problem-info":
        return {
            "resourceType": "Condition",
            "meta": {"profile": [f"{_IPS}Condition-uv-ips"]},
            "clinicalStatus": _coded(f"{_TERMS}condition-clinical", "active"),
            "category": [_coded(f"{_TERMS}condition-category", "problem-list-item")],
            "code": code,
            "subject": subject,
        }
    return {
        "resourceType": "MedicationStatement",
        "meta": {"profile": [f"{_IPS}MedicationStatement-uv-ips"]},
        "status": "unknown",
        "medicationCodeableConcept": code,
        "subject": subject,
        "effectivePeriod": _unknown(),
    }


def _coded(system: str, code: str, display: str = "") -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code} | ({"display": display} if display else {})]}


def _narrative(inner: str) -> dict[str, str]:
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{inner}</div>'}


def _unknown() -> dict[str, Any]:
    return {"extension": [{"url": _REASON, "valueCode": "unknown"}]}


def _urn(space: SpaceId, what: str) -> str:
    return f"urn:uuid:{uuid5(NAMESPACE_OID, f'carnet/{space}/{what}')}"
