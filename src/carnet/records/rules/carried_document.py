"""A document of an earlier record (DMP), as its archive describes it, in the words of a deposit.

A CDA speaks for itself: its own header gives author and dates, and must agree with the archive on whom it is about, its
number and its type. Whatever else is kept, its archive must describe. Source: ITI TF-3 §4.2.3; R1111-40 CSP.
"""

import re
from datetime import UTC, datetime
from typing import Final

from carnet.formats.cda import INS_OIDS, Identifier
from carnet.formats.cda.elements import read_moment
from carnet.formats.kinds import ContentKind, identify
from carnet.formats.xdm import ArchiveFile
from carnet.formats.xdm_metadata import SaidAuthor, SaidCode, SaidOfDocument, SaidOfSet, SaidPatient
from carnet.identity.api import IdentityTraits, Ins, parse_ins, parse_traits
from carnet.kernel.errors import Invalid, Problem
from carnet.records.data import Author, Coding, DeclaredDocument, Submission
from carnet.records.rules.cda_header import finess_in, rpps_in
from carnet.records.rules.declared_texts import MAX_TITLE, shown
from carnet.terminology import api as terminology

NOBODY_NAMED: Final = Problem(
    "ins-missing", "L'archive ne dit pas de qui elle parle (INS).", "The archive does not say whom it is about (INS)."
)
SEVERAL_PEOPLE: Final = Problem(
    "several-people", "L'archive parle de plusieurs personnes.", "The archive is about several people."
)
NOT_DESCRIBED: Final = Problem(
    "not-described", "L'archive ne décrit pas ce fichier.", "The archive does not describe this file."
)
FILE_MISSING: Final = Problem(
    "file-missing", "Ce document est décrit, mais n'est pas dans l'archive.", "Described, but not in the archive."
)
_NATIONAL: Final = "1.2.250.1.213.1.4."
_NO_ZONE: Final = re.compile(r"[0-9]{10,14}", re.ASCII)
_SIZE: Final = re.compile(r"[0-9]{1,12}", re.ASCII)


def person_of(patients: frozenset[tuple[str, str]], *, accepted: frozenset[str]) -> Ins:
    """Return the one person an archive is about; local numbers do not count. Raises Invalid."""
    national = {(number, oid) for number, oid in patients if oid.startswith(_NATIONAL)}
    if not national:
        raise Invalid(NOBODY_NAMED)
    named = {parse_ins(matricule=number, oid=oid, accepted_oids=accepted) for number, oid in national}
    if len(named) > 1:
        raise Invalid(SEVERAL_PEOPLE)
    return named.pop()


def declared_of(file: ArchiveFile, said: SaidOfDocument, *, ins: Ins) -> DeclaredDocument:
    """Return the document as its archive declares it, nothing of it checked. Raises Invalid (traits unreadable)."""
    clinical = identify(file.content) is ContentKind.CDA
    by_person = any(_is_person(one, ins) for one in said.authors)
    return DeclaredDocument(
        content=file.content,
        content_type=None if clinical else said.media_type or None,
        size=int(said.size) if _SIZE.fullmatch(said.size) else None,
        hash=said.hash or None,
        unique_id=urn(said.unique_id),
        title=shown(said.title, most=MAX_TITLE) or None,
        language=said.language or None,
        type=_coding(said.type),
        category=_coding(said.document_class),
        format=_coding(said.format),
        facility_type=_coding(said.facility),
        practice_setting=_coding(said.setting),
        labels=tuple(found for one in said.labels if (found := _coding(one))),
        events=tuple(found for one in said.events if (found := _coding(one))),
        creation=None if clinical else _instant(said.creation),
        period_start=None if clinical else _instant(said.start),
        period_end=None if clinical else _instant(said.stop),
        authors=tuple(_author(one, ins) for one in said.authors) if by_person or not clinical else (),
        replaces=urn(said.replaces),
        traits=_traits(said.patient) if said.patient else None,
        path="",
    )


def submission_of(said: SaidOfSet, *, ins: Ins, titled: bool, at: datetime) -> Submission:
    """Return what came together, as its archive says it. titled: its title tells of nothing that is kept from anybody.

    A time to come, or none, is that of the carrying over.
    """
    return Submission(
        unique_id=urn(said.unique_id) or "",
        source_id=urn(said.source),
        title=(shown(said.title, most=MAX_TITLE) or None) if titled else None,
        submitted_at=min(_instant(said.at) or at, at),
        author=_author(said.author, ins) if said.author else None,
    )


def urn(unique_id: str) -> str | None:
    """Return a uniqueId as MHD writes it: `root^extension` becomes `urn:oid:…` or `urn:uuid:…`."""
    if not unique_id or unique_id.lower().startswith("urn:"):
        return unique_id or None
    root, _, extension = unique_id.partition("^")
    return Identifier(root, extension or None).urn


def _coding(said: SaidCode | None) -> Coding | None:
    if said is None or not said.code:
        return None
    return Coding(terminology.system_uri(said.system) if said.system else "", said.code, shown(said.display) or None)


def _instant(text: str) -> datetime | None:
    """Times of a registry are UTC when they name no zone (ITI TF-3 table 4.2.3.1.7-2, DTM)."""
    read = read_moment(f"{text}+0000" if _NO_ZONE.fullmatch(text) else text)
    if read is None:
        return None
    if read.at is not None:
        return read.at.astimezone(UTC)
    return datetime(read.day.year, read.day.month, read.day.day, tzinfo=UTC) if read.day else None


def _traits(said: SaidPatient) -> IdentityTraits:
    return parse_traits(
        birth_name=said.family, given_names=said.given, sex=said.sex or "U", birth_date=said.birth_date or None
    )


def _is_person(said: SaidAuthor, ins: Ins) -> bool:
    return said.authority in INS_OIDS and said.number == ins.matricule


def _author(said: SaidAuthor, ins: Ins) -> Author:
    kind = "patient" if _is_person(said, ins) else "practitioner" if said.family else "organisation"
    return Author(
        kind=kind,
        rpps=rpps_in((Identifier(said.authority, said.number),)) if kind == "practitioner" else None,
        finess=finess_in((Identifier(said.registry, said.institution_number),)),
        family_name=shown(said.family) or None,
        given_name=shown(said.given) or None,
        organisation_name=shown(said.institution) or None,
        specialty=_coding(said.specialty),
    )
