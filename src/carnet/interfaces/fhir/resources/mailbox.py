"""A published mailbox as the French health directory writes it: telecom of a PractitionerRole or an Organization.

Source: Annuaire Santé (ANS), profiles as-mailbox-mss and as-ext-mailbox-mss-metadata; JDV_J139 (PER, ORG, APP, CAB).
"""

import hashlib
from typing import Any, Final

from carnet.identity.api import Mailbox

METADATA: Final = "https://interop.esante.gouv.fr/ig/fhir/annuaire/StructureDefinition/as-ext-mailbox-mss-metadata"
_EMAIL_TYPE: Final = "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-contact-point-email-type"
_MSSANTE: Final = "https://mos.esante.gouv.fr/NOS/TRE_R256-TypeMessagerie/FHIR/TRE-R256-TypeMessagerie"
_KINDS: Final = "https://mos.esante.gouv.fr/NOS/TRE_R257-TypeBAL/FHIR/TRE-R257-TypeBAL"
_PROFESSIONS: Final = "https://mos.esante.gouv.fr/NOS/TRE_G15-ProfessionSante/FHIR/TRE-G15-ProfessionSante"
_SPECIALTIES: Final = "https://mos.esante.gouv.fr/NOS/TRE_R38-SpecialiteOrdinale/FHIR/TRE-R38-SpecialiteOrdinale"
_RPPS: Final = "https://rpps.esante.gouv.fr"
_FINESS: Final = "https://finess.esante.gouv.fr"


def name_of_mailbox(address: str) -> str:
    """Return the id of a mailbox's resources: the SHA-256 of its address in lower case."""
    return hashlib.sha256(address.encode()).hexdigest()


def mailbox_resource(one: Mailbox) -> dict[str, Any]:
    """Return the PractitionerRole of a professional's mailbox, or the Organization of any other."""
    if one.rpps:
        return _role(one)
    place = _place(one, identifier=name_of_mailbox(one.address))
    return place | {"active": True, "telecom": [_telecom(one)]}


def _role(one: Mailbox) -> dict[str, Any]:
    name = {"family": one.family_name, "given": [one.given_name]}
    practitioner = {
        "resourceType": "Practitioner",
        "id": "practitioner",
        "identifier": [{"system": _RPPS, "value": one.rpps}],
        "name": [name],
    }
    contained: list[dict[str, Any]] = [practitioner]
    found: dict[str, Any] = {
        "resourceType": "PractitionerRole",
        "id": name_of_mailbox(one.address),
        "contained": contained,
        "active": True,
        "practitioner": {"reference": "#practitioner"},
        "telecom": [_telecom(one)],
    }
    if one.finess:
        contained.append(_place(one, identifier="organization"))
        found["organization"] = {"reference": "#organization"}
    elif one.town:
        contained.append({"resourceType": "Location", "id": "location", "address": {"city": one.town}})
        found["location"] = [{"reference": "#location"}]
    if one.profession:
        found["code"] = [{"coding": [{"system": _PROFESSIONS, "code": one.profession}]}]
    if one.specialty:
        found["specialty"] = [{"coding": [{"system": _SPECIALTIES, "code": one.specialty}]}]
    return found


def _place(one: Mailbox, *, identifier: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "resourceType": "Organization",
        "id": identifier,
        "identifier": [{"system": _FINESS, "value": one.finess}],
        "name": one.organisation_name,
    }
    return found | ({"address": [{"city": one.town}]} if one.town else {})


def _telecom(one: Mailbox) -> dict[str, Any]:
    kind = {"coding": [{"system": _KINDS, "code": str(one.kind)}]}
    said: list[dict[str, Any]] = [{"url": "type", "valueCodeableConcept": kind}]
    if one.label:
        said.append({"url": "description", "valueString": one.label})
    secure = {"url": _EMAIL_TYPE, "valueCoding": {"system": _MSSANTE, "code": "MSSANTE"}}
    return {"extension": [secure, {"url": METADATA, "extension": said}], "system": "email", "value": one.address}
