"""What an archive (IHE_XDM) says of a clinical document that leaves: the inverse of `declared_of`.

What hides a document from somebody here is the record's affair and stays: the archive repeats the level of
confidentiality its author gave it. Source: ITI TF-3 §4.2.3; CI-SIS, correspondence of CDA and XDS metadata.
"""

import contextlib
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from carnet.formats import cda
from carnet.formats.cda import ClinicalDocument, Identifier
from carnet.formats.xdm_metadata import SaidAuthor, SaidCode, SaidOfDocument, SaidPatient
from carnet.formats.xdm_writing import PROFESSIONALS, STRUCTURES, moment
from carnet.kernel.errors import Invalid
from carnet.records.data import NORMAL, Author, Coding, DeclaredDocument, DocumentMetadata
from carnet.records.rules.cda_header import completed
from carnet.terminology import api as terminology
from carnet.terminology.api import ValueSet

_LEVELS: Final = "2.16.840.1.113883.5.25"
_INDIVIDUAL: Final = "8"
_PLACE: Final = "1"
"""What stands before a number of RPPS, or of FINESS, in a national identifier (CI-SIS, "source des données")."""


def said_in_archive(content: bytes, metadata: DocumentMetadata | None = None) -> SaidOfDocument | None:
    """Return what is said of a clinical document: by the record when it is one of the record's, else by its header.

    None for anything but a CDA that can be read. Blocks: call it from a thread.
    """
    try:
        document = cda.read(content, sections=False)
    except Invalid:
        return None
    known = metadata or completed(DeclaredDocument(content=content, path=""), document)
    type_code = known.type.code if known.type else ""
    kind = known.category.code if known.category else terminology.class_of(type_code) or ""
    level = metadata.level if metadata else document.confidentiality.code if document.confidentiality else NORMAL
    return SaidOfDocument(
        uri="",
        type=_code(ValueSet.TYPE, known.type),
        document_class=_code(ValueSet.CLASS, Coding("", kind)),
        format=_code(ValueSet.FORMAT, known.format),
        facility=_code(ValueSet.FACILITY, known.facility_type),
        setting=_code(ValueSet.SETTING, known.practice_setting),
        events=tuple(found for one in known.events if (found := _code(None, one))),
        labels=(SaidCode(level, _LEVELS, terminology.label(_LEVELS, level) or level),),
        title=known.title or "",
        unique_id=_unique_id(document.id),
        language=known.language or "",
        creation=_moment(known.creation),
        start=_moment(known.period_start),
        stop=_moment(known.period_end),
        authors=tuple(_author(one, document) for one in known.authors),
        authenticator=_person(known.authenticator, _patient(document)) if known.authenticator else None,
        patient=_patient(document),
    )


def _code(value_set: ValueSet | None, one: Coding | None) -> SaidCode | None:
    """Return a code with its OID and label; what a list of ours holds once only needs no system to be found."""
    if one is None or not one.code:
        return None
    listed: Sequence[terminology.Coding] = terminology.values(value_set) if value_set else ()
    alike = [each for each in listed if each.code == one.code]
    oid = terminology.oid_of(one.system) if one.system else alike[0].system if len(alike) == 1 else ""
    label = next((each.label_fr for each in alike if each.system == oid), "")
    return SaidCode(one.code, oid or "", label or one.display or one.code)


def _unique_id(identifier: Identifier) -> str:
    """A registry takes OIDs only: a UUID is one under 2.25 (ITU-T X.667)."""
    with contextlib.suppress(ValueError):
        return f"2.25.{UUID(identifier.root).int}" + (f"^{identifier.extension}" if identifier.extension else "")
    return identifier.plain


def _moment(at: datetime | None) -> str:
    return moment(at) if at else ""


def _author(one: Author, document: ClinicalDocument) -> SaidAuthor:
    return msgspec.structs.replace(
        _person(one, _patient(document)),
        institution=one.organisation_name or "",
        institution_number=f"{_PLACE}{one.finess}" if one.finess else "",
        registry=STRUCTURES if one.finess else "",
        specialty=_code(ValueSet.AUTHOR_SPECIALTY, one.specialty),
    )


def _person(one: Author, patient: SaidPatient) -> SaidAuthor:
    own = one.kind == "patient"
    number = patient.number if own else f"{_INDIVIDUAL}{one.rpps}" if one.rpps else ""
    return SaidAuthor(
        number=number,
        authority=(patient.authority if own else PROFESSIONALS) if number else "",
        family=one.family_name or "",
        given=one.given_name or "",
    )


def _patient(document: ClinicalDocument) -> SaidPatient:
    traits, ins = document.patient_traits, document.ins
    return SaidPatient(
        number=(ins.extension if ins else "") or "",
        authority=ins.root if ins else "",
        family=traits.birth_name or "",
        given=traits.given_names,
        birth_date=traits.birth_date.strftime("%Y%m%d") if traits.birth_date else "",
        sex=traits.sex or "",
    )
