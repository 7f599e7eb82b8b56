"""Who wrote what about whom, when and where: the header of a CDA (CDA R2 §4.2; CI-SIS, "Structuration minimale")."""

from typing import Final

from lxml import etree

from carnet.formats.cda.elements import (
    HL7,
    attribute,
    code,
    every,
    first,
    identifier,
    identifiers,
    moment,
    text,
    whole_number,
)
from carnet.formats.cda.model import (
    Encounter,
    Moment,
    Organisation,
    Participant,
    Patient,
    PersonName,
    RelatedDocument,
    ServiceEvent,
)

_MOST_REMEMBERED: Final = 512
_LONGEST_REMEMBERED: Final = 4096
_remembered: dict[bytes, Participant] = {}


def patient(role: etree._Element) -> Patient:
    """Read `recordTarget/patientRole`."""
    person = first(role, "patient")
    place = first(person, "birthplace", "place", "addr")
    return Patient(
        ids=identifiers(role),
        name=person_name(person) or PersonName(),
        sex=attribute(first(person, "administrativeGenderCode"), "code"),
        birth=moment(first(person, "birthTime")),
        birth_place_code=text(first(place, "county")),
        birth_place=text(first(place, "city")) or text(first(person, "birthplace", "place", "name")),
    )


def person_name(owner: etree._Element | None) -> PersonName | None:
    """Read the `name` elements of a person; None when there is none."""
    families: dict[str, str] = {}
    given: list[str] = []
    qualified: dict[str, str] = {}
    affixes: dict[str, str] = {}
    unsplit: str | None = None
    for name in every(owner, "name"):
        unsplit = unsplit or (None if len(name) else text(name))
        for part in name:
            value = text(part)
            if not isinstance(part.tag, str) or value is None:
                continue
            kind, qualifiers = part.tag.removeprefix(HL7), (part.get("qualifier") or "").split()
            if kind == "family":
                for qualifier in qualifiers or [""]:
                    families.setdefault(qualifier, value)
            elif kind == "given" and qualifiers:
                for qualifier in qualifiers:
                    qualified.setdefault(qualifier, value)
            elif kind == "given":
                given.append(value)
            elif kind in {"prefix", "suffix"}:
                affixes.setdefault(kind, value)
    if not (families or given or qualified or unsplit):
        return None
    return PersonName(
        family=families.get("") or unsplit,
        birth_family=families.get("BR"),
        used_family=families.get("CL") or families.get("SP"),
        given=tuple(given),
        first_given=qualified.get("BR"),
        used_given=qualified.get("CL"),
        prefix=affixes.get("prefix"),
        suffix=affixes.get("suffix"),
    )


def organisation(element: etree._Element | None) -> Organisation | None:
    """Read an organisation; None when it has neither name nor identifier."""
    if element is None:
        return None
    ids, name = identifiers(element), text(first(element, "name"))
    setting = code(first(element, "standardIndustryClassCode"))
    return Organisation(ids, name, setting) if ids or name or setting else None


def participant(element: etree._Element, entity: str) -> Participant:
    """Read an author, performer, authenticator or recipient. `entity`: name of its assigned or intended entity."""
    who = _who(first(element, entity))
    function, time = code(first(element, "functionCode")), moment(first(element, "time"))
    return Participant(who.ids, who.name, who.device, who.organisation, who.specialty, function, time)


def _who(assigned: etree._Element | None) -> Participant:
    """Read an entity; one of an organisation is remembered as it was written: a sender's documents repeat them.

    Nobody else is: a person at home stands in few documents, and need not be kept in mind.
    """
    within = _organisation_of(assigned)
    if assigned is None or within is None:
        return _read_who(assigned, within)
    written = etree.tostring(assigned, with_tail=False)
    known = _remembered.get(written)
    if known is None:
        known = _read_who(assigned, within)
        if len(written) <= _LONGEST_REMEMBERED:
            if len(_remembered) >= _MOST_REMEMBERED:
                _remembered.clear()
            _remembered[written] = known
    return known


def _organisation_of(assigned: etree._Element | None) -> etree._Element | None:
    within = first(assigned, "representedOrganization")
    return first(assigned, "receivedOrganization") if within is None else within


def _read_who(assigned: etree._Element | None, within: etree._Element | None) -> Participant:
    person = first(assigned, "assignedPerson")
    if person is None:
        person = first(assigned, "informationRecipient")
    device = first(assigned, "assignedAuthoringDevice")
    return Participant(
        ids=identifiers(assigned),
        name=person_name(person),
        device=text(first(device, "softwareName")) or text(first(device, "manufacturerModelName")),
        organisation=organisation(within),
        specialty=code(first(assigned, "code")),
    )


def participants(document: etree._Element, name: str, entity: str) -> tuple[Participant, ...]:
    """Read every participation `name`, leaving out those that name nobody."""
    found = (participant(element, entity) for element in every(document, name))
    return tuple(one for one in found if one.display or one.ids)


def related(document: etree._Element) -> tuple[RelatedDocument, ...]:
    """Read `relatedDocument/parentDocument`."""
    return tuple(
        RelatedDocument(
            type_code=attribute(element, "typeCode") or "",
            id=identifier(first(element, "parentDocument", "id")),
            set_id=identifier(first(element, "parentDocument", "setId")),
            version=whole_number(attribute(first(element, "parentDocument", "versionNumber"), "value")),
        )
        for element in every(document, "relatedDocument")
    )


def interval(element: etree._Element | None) -> tuple[Moment | None, Moment | None]:
    """Read an `IVL_TS`: low and high, or a single value as both ends."""
    if element is None:
        return None, None
    single = moment(element)
    return (single, single) if single else (moment(first(element, "low")), moment(first(element, "high")))


def events(document: etree._Element) -> tuple[ServiceEvent, ...]:
    """Read `documentationOf/serviceEvent`."""
    found = []
    for event in every(document, "documentationOf", "serviceEvent"):
        start, end = interval(first(event, "effectiveTime"))
        performers = participants(event, "performer", "assignedEntity")
        found.append(ServiceEvent(code(first(event, "code")), start, end, performers))
    return tuple(found)


def encounter(document: etree._Element) -> Encounter | None:
    """Read `componentOf/encompassingEncounter`; its facility type is XDS healthcareFacilityTypeCode."""
    element = first(document, "componentOf", "encompassingEncounter")
    if element is None:
        return None
    start, end = interval(first(element, "effectiveTime"))
    facility = first(element, "location", "healthCareFacility")
    return Encounter(
        code=code(first(element, "code")),
        start=start,
        end=end,
        facility=code(first(facility, "code")),
        organisation=organisation(first(facility, "serviceProviderOrganization")),
    )
