"""What a CDA header says, in the words of our metadata: used where the sender's resource says nothing.

Source: CI-SIS, "Volet structuration minimale", correspondence with XDS metadata. Deliberately ignored: participants
beyond authors, signatory and custodian.
"""

import re
from datetime import UTC, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from carnet.formats.cda import ClinicalDocument, Code, Identifier, Moment, Organisation, Participant
from carnet.identity.api import (
    OID_PROFESSIONAL,
    OID_STRUCTURE,
    IdentityTraits,
    ProfessionalRegister,
    StructureRegister,
    parse_professional_id,
    parse_structure_id,
    parse_traits,
)
from carnet.kernel.errors import Invalid
from carnet.records.data import CONFIDENTIALITY_CODES, Author, Coding, DeclaredDocument
from carnet.records.rules.declared_texts import MAX_TITLE, shown
from carnet.records.rules.remembering import remembering
from carnet.terminology import api as terminology
from carnet.terminology.api import ValueSet

_PARIS: Final = ZoneInfo("Europe/Paris")
_INSEE: Final = re.compile(r"(?:[0-9]{2}|2[AB])[0-9]{3}")
_MOST_EVENTS: Final = 50


def completed(declared: DeclaredDocument, document: ClinicalDocument) -> DeclaredDocument:
    """Return `declared` with every silence filled from the header, but what it replaces (`header_replaces`)."""
    event = document.events[0] if document.events else None
    encounter = document.encounter
    setting = next((one.organisation.setting for one in (event.performers if event else ()) if one.organisation), None)
    start = (event.start if event else None) or (encounter.start if encounter else None)
    end = (event.end if event else None) or (encounter.end if encounter and not (event and event.start) else None)
    said = {
        "unique_id": document.id.urn,
        "title": shown(document.title or document.code.display or "") or None,
        "language": document.language,
        "type": coding(document.code),
        "format": None if declared.format else _format(document),
        "labels": _labels(document.confidentiality),
        "facility_type": _member(ValueSet.FACILITY, encounter.facility if encounter else None),
        "practice_setting": _member(ValueSet.SETTING, setting),
        "events": tuple(coding(one.code) for one in document.events if one.code and one.code.code)[:_MOST_EVENTS],
        "creation": instant(document.effective_time),
        "period_start": instant(start),
        "period_end": instant(end),
        "authors": tuple(author(one) for one in document.authors),
        "authenticator": author(document.legal_authenticator) if document.legal_authenticator else None,
        "custodian": organisation(document.custodian) if document.custodian else None,
    }
    missing = {name: value for name, value in said.items() if not getattr(declared, name)}
    return msgspec.structs.replace(declared, **missing)


def traits_of(document: ClinicalDocument, *, path: str) -> IdentityTraits | None:
    """Return the identity traits of the header; None when it has no birth name. Raises Invalid when unreadable."""
    said = document.patient_traits
    if not said.birth_name:
        return None
    return parse_traits(
        birth_name=said.birth_name,
        given_names=(said.first_given, *said.given_names[1:]) if said.first_given else said.given_names,
        sex=said.sex or "U",
        birth_date=document.patient.birth.raw if document.patient.birth else None,
        birth_place=_place(said.birth_place_code),
        path=path,
    )


def _place(code: str | None) -> str | None:
    """The birth place is never decisive: what is not an INSEE code is left out rather than refused."""
    return code if code and _INSEE.fullmatch(code.strip().upper()) else None


def header_replaces(document: ClinicalDocument) -> str | None:
    """Return the uniqueId of the document this one says it replaces (`relatedDocument` RPLC), None without one."""
    parent = document.replaces
    return parent.id.urn if parent and parent.id else None


def set_id(document: ClinicalDocument) -> str | None:
    """Return what the versions of this document share (`setId`)."""
    return document.set_id.urn if document.set_id else None


def instant(moment: Moment | None) -> datetime | None:
    """Return an instant; a day alone begins at midnight of French legal time; coarser says nothing."""
    if moment is None:
        return None
    if moment.at is not None:
        return moment.at.astimezone(UTC)
    return datetime.combine(moment.day, time(), tzinfo=_PARIS).astimezone(UTC) if moment.day else None


def coding(code: Code | None) -> Coding:
    """Return a coded value with its system as a URI."""
    if code is None:
        return Coding("", "")
    system = terminology.system_uri(code.system) if code.system else ""
    return Coding(system, code.code, shown(code.display) if code.display else None)


def _labels(code: Code | None) -> tuple[Coding, ...]:
    return (coding(code),) if code and code.code in CONFIDENTIALITY_CODES else ()


def _member(value_set: ValueSet, code: Code | None) -> Coding | None:
    """Return a code of the header when we know it; a signed document cannot be asked to write another."""
    found = _optional(code)
    return found if found and terminology.is_in(value_set, found.system, found.code) else None


def _optional(code: Code | None) -> Coding | None:
    return coding(code) if code and code.code else None


def _format(document: ClinicalDocument) -> Coding:
    media = document.parts[document.body_part].media_type if document.body_part is not None else None
    templates = [template.root for template in document.templates]
    return Coding("", terminology.format_for(templates, media))


def author(participant: Participant) -> Author:
    """Return a CDA author or signatory as metadata; one of an organisation is remembered (decision 0196)."""
    if participant.organisation is None:
        return _author(participant)
    return _remembered(msgspec.structs.replace(participant, time=None))


def _author(participant: Participant) -> Author:
    within, name = participant.organisation, participant.name
    kind = "practitioner" if name else "device" if participant.device else "organisation"
    return Author(
        kind=kind,
        rpps=rpps_in(participant.ids),
        finess=finess_in(within.ids) if within else None,
        family_name=_text((name.used_family or name.family or name.birth_family) if name else participant.device),
        given_name=_text((name.used_given or name.first_given or " ".join(name.given[:1])) if name else None),
        organisation_name=_text(within.name if within else None),
        specialty=_optional(participant.specialty),
        role=_optional(participant.function),
    )


_remembered = remembering(_author)


@remembering
def organisation(found: Organisation) -> Author:
    """Return a CDA custodian as metadata."""
    return Author(kind="organisation", finess=finess_in(found.ids), organisation_name=_text(found.name))


def rpps_in(ids: tuple[Identifier, ...]) -> str | None:
    """Return the RPPS among professional identifiers."""
    for one in ids:
        if one.root == OID_PROFESSIONAL and one.extension:
            try:
                parsed = parse_professional_id(one.extension)
            except Invalid:
                continue
            if parsed.register is ProfessionalRegister.RPPS:
                return parsed.value
    return None


def finess_in(ids: tuple[Identifier, ...]) -> str | None:
    """Return the FINESS among organisation identifiers."""
    for one in ids:
        if one.root == OID_STRUCTURE and one.extension:
            try:
                parsed = parse_structure_id(one.extension)
            except Invalid:
                continue
            if parsed.register is StructureRegister.FINESS:
                return parsed.value
    return None


def _text(text: str | None) -> str | None:
    return (shown(text, most=MAX_TITLE) or None) if text else None
