"""Whom a message is about: INS and traits, wherever FHIR lets a sender put them.

Source: FR Core Patient INS (identifier systems, birth name under use `official`, birth-list-given-name, birthPlace);
IHE MHD 4.2 (`subject`, `context.sourcePatientInfo`). A conditional reference (`Patient?identifier=…`) names an INS too.
"""

from typing import Final
from urllib.parse import parse_qs
from uuid import UUID

import msgspec

from carnet.identity.api import IdentityTraits, Ins, parse_ins, parse_traits
from carnet.interfaces.fhir.errors import malformed
from carnet.interfaces.fhir.resources.elements import Node
from carnet.interfaces.fhir.resources.references import Resolver
from carnet.kernel.errors import Invalid, Problem
from carnet.kernel.ids import SpaceId

INS_ARC: Final = "1.2.250.1.213.1.4."
_GIVEN_LIST: Final = "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-patient-birth-list-given-name"
_BIRTH_PLACE: Final = "http://hl7.org/fhir/StructureDefinition/patient-birthPlace"
_INSEE: Final = "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-address-insee-code"
_SPACE_HEX: Final = 32


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """Who a resource says it is about. space: of a `Patient/…` of ours; paths point at where the INS was read."""

    ins: Ins | None = None
    traits: IdentityTraits | None = None
    space: SpaceId | None = None
    display: str | None = None
    path: str = ""


def claim_of(resource: Node, resolver: Resolver, *, accepted_oids: frozenset[str]) -> Claim:
    """Return what `subject` and `context.sourcePatientInfo` say together. Raises Invalid when they disagree."""
    context = resource.node("context")
    claims = [
        claim_of_reference(reference, resolver, accepted_oids)
        for reference in (resource.node("subject"), context.node("sourcePatientInfo") if context else None)
        if reference is not None
    ]
    return agreed(claims)


def agreed(claims: list[Claim]) -> Claim:
    """Return one claim made of several about the same person. Raises Invalid when two INS differ."""
    named = [claim for claim in claims if claim.ins is not None]
    for other in named[1:]:
        if other.ins != named[0].ins:
            raise Invalid(
                Problem(
                    "patients-disagree",
                    "Deux personnes différentes sont désignées dans le même envoi.",
                    "Two different people are named in the same message.",
                    other.path,
                )
            )
    spaces = {claim.space for claim in claims if claim.space is not None}
    if len(spaces) > 1:
        raise malformed("patients-disagree", "Deux patients sont désignés.", "Two patients are named.", "subject")
    return Claim(
        ins=named[0].ins if named else None,
        traits=next((claim.traits for claim in claims if claim.traits is not None), None),
        space=next(iter(spaces), None),
        display=next((claim.display for claim in claims if claim.display), None),
        path=next((claim.path for claim in named or claims), ""),
    )


def required_ins(claim: Claim, *, path: str) -> Ins:
    """Return the INS of a claim; Invalid when nothing names one."""
    if claim.ins is None:
        raise Invalid(
            Problem(
                "ins-missing",
                "Aucun INS ne désigne la personne concernée.",
                "No INS names the person concerned.",
                path,
            )
        )
    return claim.ins


def claim_of_reference(reference: Node, resolver: Resolver, accepted: frozenset[str]) -> Claim:
    """Return what one Reference to a Patient says: by its identifier, by what it leads to, by being one of ours."""
    display = reference.text("display")
    patient = resolver.follow(reference)
    inside = resolver.once(_of_patient, patient, accepted) if patient is not None else Claim(path=reference.path)
    logical = reference.node("identifier")
    ins = read_identifier(logical, accepted) if logical else None
    written = reference.text("reference") or ""
    space = _own_space(written)
    if ins is None and "?" in written:
        ins = _conditional(written, accepted, reference.at("reference"))
    outside = Claim(ins=ins, space=space, display=display, path=reference.at("identifier") if ins else reference.path)
    return agreed([outside, inside])


def _of_patient(patient: Node, accepted: frozenset[str]) -> Claim:
    if patient.resource_type != "Patient":
        raise malformed("patient-expected", "Un Patient est attendu.", "A Patient is expected.", patient.path)
    identifiers = patient.nodes("identifier")
    ins = next((found for one in identifiers if (found := read_identifier(one, accepted)) is not None), None)
    return Claim(ins=ins, traits=traits_of(patient), path=patient.at("identifier"))


def read_identifier(identifier: Node, accepted: frozenset[str]) -> Ins | None:
    """Return the INS in an Identifier, None when it is of another system. Raises Invalid (wrong key, INS-C…)."""
    system, value = identifier.text("system"), identifier.text("value")
    if system is None or value is None or not is_ins_system(system):
        return None
    return parse_ins(matricule=value, oid=system, accepted_oids=accepted, path=identifier.at("value"))


def is_ins_system(system: str) -> bool:
    """Tell whether `system` is an authority of the INS, old and refused ones included."""
    return system.removeprefix("urn:oid:").startswith(INS_ARC)


def _conditional(written: str, accepted: frozenset[str], path: str) -> Ins | None:
    """Read `Patient?identifier=system|value` (FHIR R4 §3.1.0.11.2, conditional references)."""
    given = parse_qs(written.partition("?")[2]).get("identifier", [""])[0]
    system, mark, value = given.partition("|")
    if not mark or not is_ins_system(system):
        return None
    return parse_ins(matricule=value, oid=system, accepted_oids=accepted, path=path)


def _own_space(written: str) -> SpaceId | None:
    parts = written.rsplit("/", 2)
    if len(parts) < 2 or parts[-2] != "Patient" or len(parts[-1]) != _SPACE_HEX:  # noqa: PLR2004 - type and id
        return None
    try:
        return SpaceId(UUID(hex=parts[-1]))
    except ValueError:
        return None


def traits_of(patient: Node) -> IdentityTraits | None:
    """Return the traits of a Patient, None when it has no family name. Raises Invalid when one is unreadable."""
    names = patient.nodes("name")
    official = next((one for one in names if one.value.get("use") == "official"), names[0] if names else None)
    family = official.text("family") if official else None
    if official is None or family is None:
        return None
    usual = next((one.text("family") for one in names if one.value.get("use") == "usual"), None)
    return parse_traits(
        birth_name=family,
        given_names=_given(official),
        sex=patient.text("gender") or "U",
        birth_date=patient.text("birthDate"),
        birth_place=_birth_place(patient),
        usual_name=usual if usual != family else None,
        path=patient.path,
    )


def _given(name: Node) -> tuple[str, ...]:
    extension = name.extension(_GIVEN_LIST)
    listed = extension.text("valueString") if extension else None
    return tuple(listed.split()) if listed else tuple(name.texts("given"))


def _birth_place(patient: Node) -> str | None:
    """Return the INSEE code of the birth place; a place told otherwise is left out, it never decides."""
    place = patient.extension(_BIRTH_PLACE)
    address = place.node("valueAddress") if place else None
    insee = address.extension(_INSEE) if address else None
    coding = insee.node("valueCoding") if insee else None
    return coding.text("code") if coding else None
