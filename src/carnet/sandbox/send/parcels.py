"""A parcel is one file and everything the sender must say about it (IHE MHD, comprehensive metadata).

Parcels come from the sandbox's own documents, or from any file: a CDA says it all itself; a PDF says nothing, so the
person is found in its name or its folder's, or told by whoever sends.
"""

import hashlib
import re
import unicodedata
import uuid
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec

from carnet.formats import cda
from carnet.infra import clock
from carnet.kernel.errors import CarnetError
from carnet.sandbox.documents.data import SandboxDocument
from carnet.sandbox.population.data import Organisation, Person, Population
from carnet.terminology import api as terminology

LOINC = "2.16.840.1.113883.6.1"
CDA_SUFFIXES = frozenset({".xml", ".cda"})
PDF_SUFFIX = ".pdf"


class Coded(msgspec.Struct, frozen=True):
    """A code of a system (OID), with its label."""

    code: str
    system: str
    label: str = ""


class Whom(msgspec.Struct, frozen=True, kw_only=True):
    """The person a document is about, as the sender knows them. birth_place: INSEE code."""

    matricule: str
    oid: str
    birth_name: str
    given_names: str
    first_given: str
    sex: str
    birth_date: date | None
    birth_place: str = ""


class Writer(msgspec.Struct, frozen=True, kw_only=True):
    """The author. id: national identifier with its prefix; organisation_id: likewise; empty when unknown."""

    family: str = ""
    given: str = ""
    id: str = ""
    role: Coded | None = None
    organisation: str = ""
    organisation_id: str = ""


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """One document ready to go. unique_id, replaces: `urn:oid:…` or `urn:uuid:…`."""

    label: str
    content: bytes
    media_type: str
    type: Coded
    format_code: str
    title: str
    whom: Whom
    author: Writer
    date: datetime
    period: tuple[datetime | None, datetime | None]
    facility: Coded
    setting: Coded
    unique_id: str
    replaces: str | None = None
    confidentiality: tuple[str, ...] = ()
    language: str = "fr-FR"


class Unsendable(Exception):  # read aloud in the final table
    """A file a care software would not send; says why, in French, without repeating its content."""


def of_document(document: SandboxDocument) -> Parcel:
    """The parcel of one of our own documents."""
    place, author = document.organisation, document.author
    return Parcel(
        label=document.file_name,
        content=document.content,
        media_type=document.media_type,
        type=type_of(document.type_code),
        format_code=document.format_code,
        title=document.title,
        whom=whom(document.person),
        author=Writer(
            family=author.family.upper(),
            given=author.given,
            id=author.national_id,
            role=Coded(author.role_code, "1.2.250.1.213.1.1.4.5", author.profession_label),
            organisation=place.name,
            organisation_id=place.national_id,
        ),
        date=document.date,
        period=document.period,
        facility=facility_of(place),
        setting=setting_of(place),
        unique_id=f"urn:oid:{document.unique_id}",
        replaces=f"urn:oid:{document.replaces}" if document.replaces else None,
        confidentiality=document.confidentiality,
    )


def of_file(path: Path, *, population: Population, sender: Organisation, person: Person | None = None) -> Parcel:
    """The parcel of a file sent by an organisation. `person`: whom a PDF is about, when its name does not say.

    Raises Unsendable, and OSError when the file cannot be read.
    """
    content = path.read_bytes()
    suffix = path.suffix.lower()
    if suffix in CDA_SUFFIXES:
        return _of_cda(path, content, sender)
    if suffix == PDF_SUFFIX:
        return _of_pdf(path, content, sender, person or _named_in(path, population))
    raise Unsendable("Ni CDA (.xml, .cda) ni PDF.")


def whom(person: Person) -> Whom:
    """A persona as the subject of a document."""
    return Whom(
        matricule=person.matricule,
        oid=person.oid,
        birth_name=person.registered_name,
        given_names=person.registered_given,
        first_given=person.first_given,
        sex=person.sex,
        birth_date=person.birth_date,
        birth_place=person.birth_place,
    )


def type_of(code: str, fallback: str = "") -> Coded:
    """A document type by its code; LOINC when the terminology does not know it."""
    found = terminology.document_type(code)
    return Coded(code, found.system, found.label_fr) if found else Coded(code, LOINC, fallback)


def facility_of(place: Organisation) -> Coded:
    """XDS healthcareFacilityTypeCode of an organisation."""
    return Coded(place.facility_type, "1.2.250.1.71.4.2.4", place.facility_label)


def setting_of(place: Organisation) -> Coded:
    """XDS practiceSettingCode of an organisation."""
    return Coded(place.practice_setting, "1.2.250.1.213.1.1.4.9", place.practice_label)


def _of_cda(path: Path, content: bytes, sender: Organisation) -> Parcel:
    try:
        read = cda.read(content)
    except CarnetError as error:
        raise Unsendable("; ".join(problem.fr for problem in error.problems)) from error
    author = read.authors[0] if read.authors else None
    start = next((event.start for event in read.events if event.start), None)
    end = next((event.end for event in read.events if event.end), None)
    kind = type_of(read.code.code, read.code.display or "")
    body = read.parts[read.body_part].media_type if read.body_part is not None else None
    return Parcel(
        label=path.name,
        content=content,
        media_type="text/xml",
        type=Coded(kind.code, read.code.system or kind.system, kind.label),
        format_code=terminology.format_for((one.root for one in read.templates), body),
        title=read.title or kind.label or path.stem,
        whom=_patient(read),
        author=_author(author),
        date=_instant(read.effective_time),
        period=(start.at if start else None, end.at if end else None),
        facility=_coded(read.encounter.facility if read.encounter else None) or facility_of(sender),
        setting=_setting(author) or setting_of(sender),
        unique_id=read.id.urn,
        replaces=read.replaces.id.urn if read.replaces and read.replaces.id else None,
        language=read.language,
    )


def _of_pdf(path: Path, content: bytes, sender: Organisation, person: Person | None) -> Parcel:
    if person is None:
        raise Unsendable("Un PDF ne dit pas de qui il parle : mettre l'identifiant du personnage dans son nom.")
    digest = hashlib.sha256(content).hexdigest()
    when = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
    return Parcel(
        label=path.name,
        content=content,
        media_type="application/pdf",
        type=type_of("11488-4"),
        format_code=terminology.UNREFERENCED_FORMAT,
        title=path.stem.replace("-", " ").replace("_", " "),
        whom=whom(person),
        author=Writer(organisation=sender.name, organisation_id=sender.national_id),
        date=min(when, clock.now()),
        period=(when, None),
        facility=facility_of(sender),
        setting=setting_of(sender),
        unique_id=uuid.uuid5(uuid.NAMESPACE_OID, f"{person.matricule}:{digest}").urn,
    )


def _patient(read: cda.ClinicalDocument) -> Whom:
    ins, traits = read.ins, read.patient_traits
    if ins is None or ins.extension is None:
        raise Unsendable("Le document ne porte pas d'INS : il ne peut alimenter aucun espace.")
    return Whom(
        matricule=ins.extension,
        oid=ins.root,
        birth_name=traits.birth_name or "",
        given_names=" ".join(traits.given_names) or traits.first_given or "",
        first_given=traits.first_given or "",
        sex=traits.sex or "",
        birth_date=traits.birth_date,
        birth_place=traits.birth_place_code or "",
    )


def _author(one: cda.Participant | None) -> Writer:
    if one is None:
        return Writer()
    place = one.organisation
    name = one.name
    return Writer(
        family=(name.family or name.birth_family or "") if name else one.device or "",
        given=" ".join(name.given) if name else "",
        id=one.ids[0].extension or "" if one.ids else "",
        role=_coded(one.specialty),
        organisation=place.name or "" if place else "",
        organisation_id=place.ids[0].extension or "" if place and place.ids else "",
    )


def _setting(author: cda.Participant | None) -> Coded | None:
    return _coded(author.organisation.setting) if author and author.organisation else None


def _coded(code: cda.Code | None) -> Coded | None:
    return Coded(code.code, code.system, code.display or "") if code and code.code and code.system else None


def _instant(when: cda.Moment) -> datetime:
    if when.at is not None:
        return when.at
    if when.day is None:
        raise Unsendable("La date du document est trop imprécise.")
    return datetime(when.day.year, when.day.month, when.day.day, 12, tzinfo=UTC)


def _named_in(path: Path, population: Population) -> Person | None:
    bare = unicodedata.normalize("NFKD", f"{path.parent.name} {path.stem}").lower()
    words = set(re.split(r"[^a-z0-9]+", bare))
    return next((p for p in population.persons if p.login in words or p.matricule.lower() in words), None)
