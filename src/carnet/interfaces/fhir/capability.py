"""What this server can do, said by the tables the code itself runs on: CapabilityStatement, FHIR R4 §C; MHD actors.

Built once; a test compares it with the routes.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from carnet.interfaces.fhir.interaction import Interaction, Site
from carnet.interfaces.fhir.interactions.patch_document import JSON_PATCH
from carnet.interfaces.fhir.search.parameters import (
    COMMUNICATIONS,
    CONSENTS,
    DOCUMENTS,
    LISTS,
    MAILBOX_RULES,
    MAILBOXES_OF_PEOPLE,
    MAILBOXES_OF_PLACES,
    PATIENTS,
    Parameter,
)

PARAMETERS: Final[dict[str, Sequence[Parameter]]] = {
    "DocumentReference": DOCUMENTS,
    "List": LISTS,
    "Patient": PATIENTS,
    "Consent": CONSENTS,
    "Communication": COMMUNICATIONS,
    "PractitionerRole": MAILBOXES_OF_PEOPLE,
    "Organization": MAILBOXES_OF_PLACES,
    "HealthcareService": MAILBOX_RULES,
}
_MHD: Final = "https://profiles.ihe.net/ITI/MHD"
_PROFILES: Final = {
    "DocumentReference": [
        f"{_MHD}/StructureDefinition/IHE.MHD.Comprehensive.DocumentReference",
        f"{_MHD}/StructureDefinition/IHE.MHD.Minimal.DocumentReference",
        "https://interop.esante.gouv.fr/ig/fhir/pdsm/StructureDefinition/pdsm-comprehensive-document-reference",
    ],
    "List": [
        f"{_MHD}/StructureDefinition/IHE.MHD.Comprehensive.SubmissionSet",
        f"{_MHD}/StructureDefinition/IHE.MHD.Minimal.SubmissionSet",
    ],
}
_VERSIONED: Final = frozenset({"DocumentReference", "HealthcareService"})
_SYSTEM: Final = frozenset({"transaction", "batch", "search-system", "history-system"})
OPERATIONS: Final = "https://carnet.invalid/fhir/OperationDefinition"
_DATE: Final = "2026-11-21"


def capability_statement(interactions: Iterable[Interaction], *, site: Site, version: str) -> dict[str, Any]:
    """Return the CapabilityStatement of these interactions."""
    every = [one for one in interactions if one.code != "capabilities"]
    resources = sorted({one.resource for one in every if one.resource})
    return {
        "resourceType": "CapabilityStatement",
        "url": site.url("metadata"),
        "version": version,
        "name": "Carnet",
        "title": "Carnet — documents d'un espace numérique de santé",
        "status": "active",
        "date": _DATE,
        "kind": "instance",
        "software": {"name": "Carnet", "version": version},
        "implementation": {"description": "Carnet", "url": site.base},
        "fhirVersion": "4.0.1",
        "format": ["json"],
        "patchFormat": [JSON_PATCH],
        "acceptLanguage": ["fr", "en"],
        "instantiates": [
            f"{_MHD}/CapabilityStatement/IHE.MHD.DocumentRecipient",
            f"{_MHD}/CapabilityStatement/IHE.MHD.DocumentResponder",
        ],
        "rest": [
            {
                "mode": "server",
                "security": _security(),
                "resource": [_resource(name, every) for name in resources],
                "interaction": [
                    {"code": one.code, "documentation": one.documentation} for one in every if one.code in _SYSTEM
                ],
            }
        ],
    }


def _security() -> dict[str, Any]:
    system = "http://terminology.hl7.org/CodeSystem/restful-security-service"
    return {
        "cors": False,
        "service": [{"coding": [{"system": system, "code": "SMART-on-FHIR"}]}],
        "description": "SMART Backend Services; see .well-known/smart-configuration.",
    }


def _resource(name: str, every: Sequence[Interaction]) -> dict[str, Any]:
    own = [one for one in every if one.resource == name]
    codes = dict.fromkeys(one.code for one in own if not one.operation)
    found: dict[str, Any] = {
        "type": name,
        "interaction": [{"code": code, "documentation": _said(own, code)} for code in codes],
        "versioning": "versioned" if name in _VERSIONED else "no-version",
    }
    operations = [one for one in own if one.operation]
    if operations:
        found["operation"] = [
            {
                "name": one.operation,
                "definition": f"{OPERATIONS}/{one.operation}",
                "documentation": one.documentation,
            }
            for one in operations
        ]
    if name in _PROFILES:
        found["supportedProfile"] = _PROFILES[name]
    if name == "DocumentReference":
        found |= {"readHistory": False, "updateCreate": False, "conditionalRead": "not-match"}
    if name == "HealthcareService":
        found |= {"readHistory": False, "updateCreate": True}
    if name in PARAMETERS:
        found["searchParam"] = [
            {"name": one.name, "type": one.kind, "documentation": one.documentation} for one in PARAMETERS[name]
        ]
    return found


def _said(own: Iterable[Interaction], code: str) -> str:
    return " ".join(dict.fromkeys(one.documentation for one in own if one.code == code))
