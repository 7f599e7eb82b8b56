"""Who wrote a document: Practitioner, PractitionerRole, Organization, Device or Patient as our Author.

National identifiers are read under their FHIR systems (rpps.esante.gouv.fr, finess.esante.gouv.fr) and their OIDs with
the prefix digit. A number that is none is left out: authorship is a statement of the sender, not a key.
"""

from collections.abc import Callable
from typing import Final

from carnet.identity.api import (
    OID_PROFESSIONAL,
    OID_STRUCTURE,
    ProfessionalRegister,
    StructureRegister,
    parse_professional_id,
    parse_structure_id,
)
from carnet.interfaces.fhir.resources.elements import Node, as_written, codings
from carnet.interfaces.fhir.resources.references import Resolver
from carnet.kernel.errors import Invalid
from carnet.records.api import Author, Coding

RPPS_SYSTEMS: Final = frozenset({"https://rpps.esante.gouv.fr", "http://rpps.fr", f"urn:oid:{OID_PROFESSIONAL}"})
FINESS_SYSTEMS: Final = frozenset(
    {"https://finess.esante.gouv.fr", "http://finess.sante.gouv.fr", f"urn:oid:{OID_STRUCTURE}"}
)
_MOST_KNOWN, _LONGEST_KNOWN = 512, 4096
_known: dict[tuple[Callable[[Node], Author], bytes], Author] = {}
_PROFESSIONS: Final = "https://mos.esante.gouv.fr/NOS/TRE_G15-ProfessionSante/"


def author_of(reference: Node, resolver: Resolver) -> Author | None:
    """Return the author a Reference names, None when it points elsewhere and says nothing about them."""
    found = resolver.follow(reference)
    if found is None:
        return _from_reference(reference, resolver)
    kind = found.resource_type
    if kind == "PractitionerRole":
        return _of_role(found, resolver)
    if kind == "Practitioner":
        return _remembered(_of_practitioner, found)
    if kind == "Organization":
        return _remembered(_of_organisation, found)
    if kind == "Device":
        name = next((one.text("name") for one in found.nodes("deviceName")), None)
        return Author(kind="device", family_name=name)
    return Author(kind="patient") if kind in {"Patient", "RelatedPerson"} else None


def _from_reference(reference: Node, resolver: Resolver) -> Author | None:
    """A reference that leads elsewhere may still carry an identifier or a display, or stand for what is contained."""
    identifier = reference.node("identifier")
    display = reference.text("display")
    kind = (reference.text("reference") or "").rsplit("/", 2)[-2:][0] or (reference.text("type") or "")
    if identifier is not None or display is not None:
        rpps = _national([identifier] if identifier else [], professional=True)
        finess = _national([identifier] if identifier else [], professional=False)
        if kind == "Organization" or (finess and not rpps):
            return Author(kind="organisation", finess=finess, organisation_name=display)
        return Author(kind="practitioner", rpps=rpps, family_name=display)
    if kind in {"Practitioner", "PractitionerRole"}:
        only = resolver.only("Practitioner")
        return _remembered(_of_practitioner, only) if only is not None else None
    return None


def _of_role(role: Node, resolver: Resolver) -> Author:
    practitioner = resolver.follow(role.node("practitioner"))
    organisation = resolver.follow(role.node("organization"))
    person = _remembered(_of_practitioner, practitioner) if practitioner is not None else Author(kind="practitioner")
    place = _remembered(_of_organisation, organisation) if organisation is not None else Author(kind="organisation")
    return Author(
        kind="practitioner",
        rpps=person.rpps or _national(role.nodes("identifier"), professional=True),
        family_name=person.family_name or _display(role.node("practitioner")),
        given_name=person.given_name,
        finess=place.finess,
        organisation_name=place.organisation_name or _display(role.node("organization")),
        role=_first(role, "code") or person.role,
        specialty=_first(role, "specialty"),
    )


def _remembered(read: Callable[[Node], Author], resource: Node) -> Author:
    """Return what `read` says of a professional or an organisation, which looks at nothing but what was sent.

    A sender repeats them in each resource, and in the next message again.
    """
    written = as_written(resource)
    known = _known.get((read, written))
    if known is None:
        known = read(resource)
        if len(written) <= _LONGEST_KNOWN:
            if len(_known) >= _MOST_KNOWN:
                _known.clear()
            _known[read, written] = known
    return known


def _of_practitioner(practitioner: Node) -> Author:
    name = next(iter(practitioner.nodes("name")), None)
    given = name.texts("given") if name else []
    return Author(
        kind="practitioner",
        rpps=_national(practitioner.nodes("identifier"), professional=True),
        family_name=(name.text("family") or name.text("text")) if name else None,
        given_name=given[0] if given else None,
        role=_profession(practitioner),
    )


def _of_organisation(organisation: Node) -> Author:
    return Author(
        kind="organisation",
        finess=_national(organisation.nodes("identifier"), professional=False),
        organisation_name=organisation.text("name"),
    )


def _profession(practitioner: Node) -> Coding | None:
    every = [
        one for qualification in practitioner.nodes("qualification") for one in codings(qualification.node("code"))
    ]
    return next((one for one in every if one.system.startswith(_PROFESSIONS)), None)


def _first(role: Node, name: str) -> Coding | None:
    return next((one for concept in role.nodes(name) for one in codings(concept)), None)


def _display(reference: Node | None) -> str | None:
    return reference.text("display") if reference else None


def _national(identifiers: list[Node], *, professional: bool) -> str | None:
    """Return the RPPS or FINESS among identifiers."""
    systems = RPPS_SYSTEMS if professional else FINESS_SYSTEMS
    for one in identifiers:
        value = one.text("value")
        if value is not None and one.text("system") in systems:
            found = rpps_of(value) if professional else finess_of(value)
            if found:
                return found
    return None


def rpps_of(value: str) -> str | None:
    """Return the eleven digits of an RPPS written bare or with its prefix, None when it is something else."""
    try:
        found = parse_professional_id(value)
    except Invalid:
        return None
    return found.value if found.register is ProfessionalRegister.RPPS else None


def finess_of(value: str) -> str | None:
    """Return the nine characters of a FINESS written bare or with its prefix, None when it is something else."""
    try:
        found = parse_structure_id(value)
    except Invalid:
        return None
    return found.value if found.register is StructureRegister.FINESS else None
