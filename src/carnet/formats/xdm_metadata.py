"""What METADATA.XML of an IHE_XDM archive says: of each document, of whom it is about, and of what replaces what.

Only ever a claim: it proposes where a file is kept, and may hide it from somebody, never show it. Deliberately ignored:
folders, comments. Source: IHE ITI TF-3 §4.2.3, §4.2.5 (schemes of
ebRIM), §4.2.2 (associations); HL7 v2.5 types as IHE France constrains them.
"""

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec
from lxml import etree

from carnet.formats.safe_xml import parse
from carnet.kernel.errors import Invalid

_RIM: Final = "{urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0}"
TYPE: Final = "urn:uuid:f0306f51-975f-434e-a61c-c59651d33983"
CLASS: Final = "urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a"
FORMAT: Final = "urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d"
FACILITY: Final = "urn:uuid:f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1"
SETTING: Final = "urn:uuid:cccf5598-8b07-4b77-a05e-ae952c785ead"
EVENT: Final = "urn:uuid:2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4"
CONFIDENTIALITY: Final = "urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f"
AUTHOR: Final = "urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d"
UNIQUE_ID: Final = "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab"
PATIENTS: Final = ("urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427", "urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446")
SET_AUTHOR: Final = "urn:uuid:a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d"
SET_SOURCE: Final = "urn:uuid:554ac39e-e3fe-47fe-b233-965d2a147832"
SET_UNIQUE_ID: Final = "urn:uuid:96fdda7c-d067-4183-912e-bf5ee74998a8"
_REPLACES: Final = ("RPLC", "XFRM_RPLC")
_HAS_MEMBER: Final = "HasMember"
_LONGEST: Final = 256
_MOST_VALUES: Final = 50
MOST: Final = 300


class SaidCode(msgspec.Struct, frozen=True):
    """A coded value. system: an OID, "" when none was written."""

    code: str
    system: str = ""
    display: str = ""


class SaidAuthor(msgspec.Struct, frozen=True, kw_only=True):
    """Who wrote it: a person (XCN) in an institution (XON). authority, registry: the OIDs that gave the two numbers."""

    number: str = ""
    authority: str = ""
    family: str = ""
    given: str = ""
    institution: str = ""
    institution_number: str = ""
    registry: str = ""
    specialty: SaidCode | None = None


class SaidPatient(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a document is about (`sourcePatientInfo`): all of it as written, "" for what was not said. number,
    authority: of their INS, when the document names one.
    """

    number: str = ""
    authority: str = ""
    family: str = ""
    given: tuple[str, ...] = ()
    birth_date: str = ""
    sex: str = ""


class SaidOfDocument(msgspec.Struct, frozen=True, kw_only=True):
    """One document as its archive describes it. uri: its file, in lower case, relative to the metadata's folder.

    entry: what associations call it. status: last word of its availability ("Approved", "Deprecated"). times: as HL7
    writes them, in UTC. replaces: the entry or uniqueId it takes the place of.
    """

    uri: str
    entry: str = ""
    type: SaidCode | None = None
    document_class: SaidCode | None = None
    format: SaidCode | None = None
    facility: SaidCode | None = None
    setting: SaidCode | None = None
    events: tuple[SaidCode, ...] = ()
    labels: tuple[SaidCode, ...] = ()
    title: str = ""
    unique_id: str = ""
    status: str = ""
    media_type: str = ""
    language: str = ""
    hash: str = ""
    size: str = ""
    creation: str = ""
    start: str = ""
    stop: str = ""
    authors: tuple[SaidAuthor, ...] = ()
    authenticator: SaidAuthor | None = None
    patient: SaidPatient | None = None
    replaces: str = ""

    @property
    def type_code(self) -> str:
        """The code of its type, "" without one."""
        return self.type.code if self.type else ""

    @property
    def confidentiality(self) -> tuple[str, ...]:
        """The codes of its confidentiality."""
        return tuple(one.code for one in self.labels)


class SaidOfSet(msgspec.Struct, frozen=True, kw_only=True):
    """What was sent together (submission set). source: OID of the system it came from; at: as HL7 writes it, in UTC."""

    unique_id: str
    source: str = ""
    title: str = ""
    at: str = ""
    author: SaidAuthor | None = None
    documents: tuple[SaidOfDocument, ...] = ()


class SaidOfArchive(msgspec.Struct, frozen=True, kw_only=True):
    """One METADATA.XML. patients: every (number, OID) that says whom it is about, each once."""

    documents: tuple[SaidOfDocument, ...] = ()
    patients: frozenset[tuple[str, str]] = frozenset()
    sets: tuple[SaidOfSet, ...] = ()


def said_of_archive(metadata: bytes) -> SaidOfArchive:
    """Return what is said. Nothing when it cannot be read: the documents speak for themselves."""
    try:
        root = parse(metadata)
    except Invalid:
        return SaidOfArchive()
    replaced = _replaced(root)
    found = [one for _, one in zip(range(MOST), root.iter(f"{_RIM}ExtrinsicObject"), strict=False)]
    said = [_said(one, replaced) for one in found]
    entries = {one.entry: one.unique_id for one in said if one.entry and one.unique_id}
    documents = tuple(
        msgspec.structs.replace(one, replaces=entries.get(one.replaces, one.replaces)) for one in said if one.uri
    )
    return SaidOfArchive(
        documents=documents, patients=frozenset(_patients(root, found)), sets=tuple(_sets(root, documents))
    )


def component(value: str, place: int, *, sub: int | None = None) -> str:
    """Return the component of an HL7 v2 value at `place` (from 1), or one of its subcomponents; "" when absent."""
    parts = value.split("^")
    found = parts[place - 1] if place <= len(parts) else ""
    if sub is None:
        return found.strip()
    inside = found.split("&")
    return inside[sub - 1].strip() if sub <= len(inside) else ""


def _replaced(root: etree._Element) -> Mapping[str, str]:
    """What replaces what: the new entry, and the entry whose place it takes."""
    found = {}
    for _, one in zip(range(MOST), root.iter(f"{_RIM}Association"), strict=False):
        if one.get("associationType", "").rpartition(":")[2] in _REPLACES:
            found[one.get("sourceObject", "")] = one.get("targetObject", "")[:_LONGEST]
    return found


def _sets(root: etree._Element, documents: tuple[SaidOfDocument, ...]) -> Iterator[SaidOfSet]:
    """Yield the sets that have a number; a file that says of nothing where it belongs has all of it in its one set."""
    held: dict[str, set[str]] = {}
    for _, one in zip(range(MOST), root.iter(f"{_RIM}Association"), strict=False):
        if one.get("associationType", "").rpartition(":")[2] == _HAS_MEMBER:
            held.setdefault(one.get("sourceObject", ""), set()).add(one.get("targetObject", "")[:_LONGEST])
    packages = [one for _, one in zip(range(MOST), root.iter(f"{_RIM}RegistryPackage"), strict=False)]
    for one in packages:
        numbers = {
            each.get("identificationScheme"): each.get("value", "").strip()[:_LONGEST]
            for each in one.iterfind(f"{_RIM}ExternalIdentifier")
        }
        if not numbers.get(SET_UNIQUE_ID):
            continue
        written = (each for each in one.iterfind(f"{_RIM}Classification") if _is_set_author(each))
        entries = held.get(one.get("id", ""), set())
        yield SaidOfSet(
            unique_id=numbers[SET_UNIQUE_ID],
            source=numbers.get(SET_SOURCE, ""),
            title=_name(one),
            at=_first(one, "submissionTime"),
            author=next((_author(each) for each in written), None),
            documents=tuple(each for each in documents if each.entry in entries or (not held and len(packages) == 1)),
        )


def _is_set_author(one: etree._Element) -> bool:
    return one.get("classificationScheme") == SET_AUTHOR


def _patients(root: etree._Element, documents: list[etree._Element]) -> Iterator[tuple[str, str]]:
    for one in root.iter(f"{_RIM}ExternalIdentifier"):
        if one.get("identificationScheme") in PATIENTS:
            yield _identifier(one.get("value", ""))
    for document in documents:
        for value in _slot(document, "sourcePatientId"):
            yield _identifier(value)


def _identifier(value: str) -> tuple[str, str]:
    """Read a CX: `number^^^&OID&ISO`."""
    return component(value, 1)[:_LONGEST], component(value, 4, sub=2)[:_LONGEST]


def _said(one: etree._Element, replaced: Mapping[str, str]) -> SaidOfDocument:
    codes: dict[str, list[SaidCode]] = {}
    authors: list[SaidAuthor] = []
    for _, each in zip(range(_MOST_VALUES), one.iterfind(f"{_RIM}Classification"), strict=False):
        scheme = each.get("classificationScheme", "")
        if scheme == AUTHOR:
            authors.append(_author(each))
        else:
            codes.setdefault(scheme, []).append(_code(each))
    identifiers = (
        each.get("value", "")
        for each in one.iterfind(f"{_RIM}ExternalIdentifier")
        if each.get("identificationScheme") == UNIQUE_ID
    )
    first = {scheme: found[0] for scheme, found in codes.items()}
    entry = one.get("id", "")[:_LONGEST]
    return SaidOfDocument(
        uri=_first(one, "URI").replace("\\", "/").removeprefix("./").lower(),
        entry=entry,
        type=first.get(TYPE),
        document_class=first.get(CLASS),
        format=first.get(FORMAT),
        facility=first.get(FACILITY),
        setting=first.get(SETTING),
        events=tuple(codes.get(EVENT, ())),
        labels=tuple(codes.get(CONFIDENTIALITY, ())),
        title=_name(one),
        unique_id=next(identifiers, "").strip()[:_LONGEST],
        status=one.get("status", "").rpartition(":")[2][:_LONGEST],
        media_type=one.get("mimeType", "")[:_LONGEST],
        language=_first(one, "languageCode"),
        hash=_first(one, "hash"),
        size=_first(one, "size"),
        creation=_first(one, "creationTime"),
        start=_first(one, "serviceStartTime"),
        stop=_first(one, "serviceStopTime"),
        authors=tuple(authors),
        authenticator=_person(signed) if (signed := _first(one, "legalAuthenticator")) else None,
        patient=_patient(one),
        replaces=replaced.get(entry, ""),
    )


def _code(one: etree._Element) -> SaidCode:
    return SaidCode(one.get("nodeRepresentation", "").strip()[:_LONGEST], _first(one, "codingScheme"), _name(one))


def _author(one: etree._Element) -> SaidAuthor:
    institution, specialty = _first(one, "authorInstitution"), _first(one, "authorSpecialty")
    return msgspec.structs.replace(
        _person(_first(one, "authorPerson")),
        institution=component(institution, 1),
        institution_number=component(institution, 10),
        registry=component(institution, 6, sub=2),
        specialty=SaidCode(component(specialty, 1), component(specialty, 3), component(specialty, 2))
        if component(specialty, 1)
        else None,
    )


def _person(written: str) -> SaidAuthor:
    """Read an XCN."""
    return SaidAuthor(
        number=component(written, 1),
        authority=component(written, 9, sub=2),
        family=component(written, 2),
        given=component(written, 3),
    )


def _patient(one: etree._Element) -> SaidPatient | None:
    """The name of birth is the one of type L; what others there are is not compared."""
    said: dict[str, list[str]] = {}
    for value in _slot(one, "sourcePatientInfo"):
        field, bar, text = value.partition("|")
        if bar and text.strip():
            said.setdefault(field.strip().upper(), []).append(text.strip())
    names = said.get("PID-5", [])
    name = next((each for each in names if component(each, 7) == "L"), names[0] if names else "")
    if not name:
        return None
    given = tuple(part for part in (component(name, 2), *component(name, 3).split()) if part)
    number, authority = _identifier(_first(one, "sourcePatientId"))
    return SaidPatient(
        number=number,
        authority=authority,
        family=component(name, 1),
        given=given,
        birth_date=next(iter(said.get("PID-7", ())), ""),
        sex=next(iter(said.get("PID-8", ())), ""),
    )


def _name(one: etree._Element) -> str:
    named = one.find(f"{_RIM}Name/{_RIM}LocalizedString")
    return (named.get("value", "") if named is not None else "")[:_LONGEST]


def _first(one: etree._Element, name: str) -> str:
    return next(_slot(one, name), "")


def _slot(one: etree._Element, name: str) -> Iterator[str]:
    for slot in one.iterfind(f"{_RIM}Slot"):
        if slot.get("name") == name:
            for _, value in zip(range(_MOST_VALUES), slot.iter(f"{_RIM}Value"), strict=False):
                yield (value.text or "").strip()[:_LONGEST]
