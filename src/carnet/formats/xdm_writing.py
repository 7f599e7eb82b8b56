"""An IHE_XDM archive of our own making: what leaves by mail is packed as care software packs it, and as ours reads it.

Equal documents and an equal submission give equal bytes: a letter tried again is the same letter. What nobody said is
left out, never invented. Beside each clinical document lies a page anybody's browser shows, without script: no style
sheet of XSLT, which browsers no longer run from a folder. Source: IHE ITI TF-1 §16, TF-2 §3.32, TF-3 §4.2.3; CI-SIS,
"échange de documents de santé".
"""

import hashlib
import html
import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec
from lxml import etree

from carnet.formats import cda, xdm_metadata
from carnet.formats.xdm_metadata import SaidAuthor, SaidCode, SaidOfDocument, SaidPatient
from carnet.kernel.errors import Invalid

NAME: Final = "IHE_XDM.ZIP"
FOLDER: Final = "IHE_XDM/SUBSET01/"
MARK: Final = "XDM/1.0/DDM"
"""What the subject of a mail with an archive says (ITI TF-2 §3.32.4.1.3)."""
PROFESSIONALS: Final = "1.2.250.1.71.4.2.1"
STRUCTURES: Final = "1.2.250.1.71.4.2.2"
_RIM: Final = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"
_LCM: Final = "urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0"
_DOCUMENT: Final = "urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1"
_SET: Final = "urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd"
_SET_CONTENT: Final = "urn:uuid:aa543740-bdda-424e-8c96-df4873be8500"
_STATUS: Final = "urn:oasis:names:tc:ebxml-regrep:StatusType:"
_MEMBER: Final = "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember"
_FIRST_YEAR: Final = 1980
_README: Final = """Archive IHE XDM : documents de sante / health documents.\r
\r
INDEX.HTM ouvre la liste des documents dans un navigateur. / INDEX.HTM lists the documents in a browser.\r
IHE_XDM\\SUBSET01\\METADATA.XML : description pour les logiciels / description for software.\r
IHE_XDM\\SUBSET01\\DOC00001.XML... : les documents (CDA R2) / the documents (CDA R2).\r
IHE_XDM\\SUBSET01\\DOC00001.HTM... : les memes, a lire sans logiciel de soins / the same, to be read in a browser.\r
Logiciel / software : Carnet. Expediteur / sender : """


class ToPack(msgspec.Struct, frozen=True, kw_only=True):
    """A clinical document and what is said of it; its name, size and hash are established here."""

    content: bytes
    said: SaidOfDocument


class Submitted(msgspec.Struct, frozen=True, kw_only=True):
    """Who sends what together. source, unique_id: OIDs of the sending system and of this submission; patient: who it is
    about, their number and the OID that gave it; sender: their address, for people.
    """

    author: SaidAuthor
    patient: SaidPatient
    source: str
    unique_id: str
    title: str
    sender: str
    content: SaidCode | None
    at: datetime


def write_medium(documents: Sequence[ToPack], submitted: Submitted) -> bytes:
    """Return the archive. Equal for equal arguments."""
    named = [(f"DOC{number:05}", one) for number, one in enumerate(documents, start=1)]
    said = [_established(one, f"{name}.XML", number) for number, (name, one) in enumerate(named, start=1)]
    pages = {name: page for name, one in named if (page := _page(one.content))}
    files: list[tuple[str, bytes]] = [
        ("INDEX.HTM", _index(said, pages, submitted)),
        ("README.TXT", f"{_README}{submitted.sender}\r\n".encode("ascii", "replace")),
        (f"{FOLDER}METADATA.XML", _metadata(said, submitted)),
        *((f"{FOLDER}{name}.XML", one.content) for name, one in named),
        *((f"{FOLDER}{name}.HTM", page) for name, page in pages.items()),
    ]
    if pages:
        files.append((f"{FOLDER}CDA.CSS", cda.STYLESHEET.read_bytes()))
    at = submitted.at.astimezone(UTC)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files:
            entry = zipfile.ZipInfo(path, (max(at.year, _FIRST_YEAR), at.month, at.day, at.hour, at.minute, at.second))
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 0
            archive.writestr(entry, content)
    return packed.getvalue()


def _established(one: ToPack, uri: str, number: int) -> SaidOfDocument:
    return msgspec.structs.replace(
        one.said,
        uri=uri,
        entry=f"Document{number:02}",
        media_type="text/xml",
        status="Approved",
        size=str(len(one.content)),
        hash=hashlib.sha1(one.content, usedforsecurity=False).hexdigest(),
    )


def _page(content: bytes) -> bytes | None:
    """Return a document as a page; None for what our reader refuses: software may know better."""
    try:
        document = cda.read(content)
    except Invalid:
        return None
    return cda.render_html(document, language="fr", stylesheet_href="CDA.CSS").encode()


def _index(said: Sequence[SaidOfDocument], pages: dict[str, bytes], submitted: Submitted) -> bytes:
    lines = []
    for one in said:
        name = one.uri.partition(".")[0]
        shown = f"{FOLDER}{name}.{'HTM' if name in pages else 'XML'}"
        title = html.escape(one.title or one.type_code or name)
        lines.append(f'<li><a href="{shown}">{title}</a> (<a href="{FOLDER}{one.uri}">CDA</a>)</li>')
    return (
        '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML Basic 1.0//EN" "http://www.w3.org/TR/xhtml-basic/xhtml-basic10.dtd">'
        '\r\n<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="fr">\r\n<head><title>Documents de sant&#233;</title>'
        '<meta http-equiv="Content-Type" content="text/html; charset=utf-8" /></head>\r\n<body>\r\n'
        f"<h1>Documents de sant&#233;</h1>\r\n<p>{html.escape(submitted.sender)}</p>\r\n<ul>{''.join(lines)}</ul>\r\n"
        '<p><a href="README.TXT">README.TXT</a></p>\r\n</body>\r\n</html>\r\n'
    ).encode()


def _metadata(said: Sequence[SaidOfDocument], submitted: Submitted) -> bytes:
    root = etree.Element(f"{{{_LCM}}}SubmitObjectsRequest", nsmap={"lcm": _LCM, "rim": _RIM})
    listed = _Written(_add(root, "RegistryObjectList"))
    for one in said:
        listed.document(one, submitted.patient)
    listed.submission(submitted)
    for number, one in enumerate(said, start=1):
        tied = _add(
            listed.root,
            "Association",
            id=f"Association{number:02}",
            associationType=_MEMBER,
            sourceObject="SubmissionSet01",
            targetObject=one.entry,
        )
        _slot(tied, "SubmissionSetStatus", "Original")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


class _Written:
    """The list of registry objects while it is written; classifications and identifiers are numbered."""

    def __init__(self, root: etree._Element) -> None:
        self.root = root
        self._count = 0

    def document(self, said: SaidOfDocument, patient: SaidPatient) -> None:
        """Add one document entry (ITI TF-3 §4.2.3.2)."""
        entry = _add(
            self.root,
            "ExtrinsicObject",
            id=said.entry,
            objectType=_DOCUMENT,
            mimeType=said.media_type,
            status=_STATUS + said.status,
        )
        source = said.patient or patient
        _slot(entry, "creationTime", said.creation)
        _slot(entry, "languageCode", said.language)
        _slot(entry, "legalAuthenticator", _person(said.authenticator) if said.authenticator else "")
        _slot(entry, "serviceStartTime", said.start)
        _slot(entry, "serviceStopTime", said.stop)
        _slot(entry, "sourcePatientId", _number(source))
        _slot(entry, "sourcePatientInfo", *_traits(source))
        _slot(entry, "URI", said.uri)
        _slot(entry, "size", said.size)
        _slot(entry, "hash", said.hash)
        _named(entry, said.title)
        for author in said.authors:
            self._author(entry, xdm_metadata.AUTHOR, author)
        for scheme, codes in _codes(said):
            for code in codes:
                self._code(entry, scheme, code)
        self._identifier(entry, xdm_metadata.PATIENTS[0], _number(patient), "XDSDocumentEntry.patientId")
        self._identifier(entry, xdm_metadata.UNIQUE_ID, said.unique_id, "XDSDocumentEntry.uniqueId")

    def submission(self, submitted: Submitted) -> None:
        """Add the submission set (ITI TF-3 §4.2.3.3)."""
        name = "SubmissionSet01"
        entry = _add(self.root, "RegistryPackage", id=name, status=f"{_STATUS}Approved")
        _slot(entry, "submissionTime", moment(submitted.at))
        _named(entry, submitted.title)
        self._author(entry, xdm_metadata.SET_AUTHOR, submitted.author)
        if submitted.content:
            self._code(entry, _SET_CONTENT, submitted.content)
        self._identifier(entry, xdm_metadata.PATIENTS[1], _number(submitted.patient), "XDSSubmissionSet.patientId")
        self._identifier(entry, xdm_metadata.SET_SOURCE, submitted.source, "XDSSubmissionSet.sourceId")
        self._identifier(entry, xdm_metadata.SET_UNIQUE_ID, submitted.unique_id, "XDSSubmissionSet.uniqueId")
        _add(self.root, "Classification", id=self._next(), classifiedObject=name, classificationNode=_SET)

    def _author(self, entry: etree._Element, scheme: str, author: SaidAuthor) -> None:
        added = self._classification(entry, scheme, "")
        _slot(added, "authorInstitution", _institution(author))
        _slot(added, "authorPerson", _person(author))
        special = author.specialty
        _slot(added, "authorSpecialty", _joined(special.code, special.display, special.system) if special else "")

    def _code(self, entry: etree._Element, scheme: str, code: SaidCode) -> None:
        added = self._classification(entry, scheme, code.code)
        _slot(added, "codingScheme", code.system)
        _named(added, code.display or code.code)

    def _classification(self, entry: etree._Element, scheme: str, node: str) -> etree._Element:
        told = {"classificationScheme": scheme, "classifiedObject": entry.get("id", ""), "nodeRepresentation": node}
        return _add(entry, "Classification", id=self._next(), **told)

    def _identifier(self, entry: etree._Element, scheme: str, value: str, name: str) -> None:
        told = {"identificationScheme": scheme, "registryObject": entry.get("id", ""), "value": value}
        _named(_add(entry, "ExternalIdentifier", id=self._next(), **told), name)

    def _next(self) -> str:
        self._count += 1
        return f"id{self._count:03}"


def moment(at: datetime) -> str:
    """Return an instant as registries write it: DTM in UTC."""
    return at.astimezone(UTC).strftime("%Y%m%d%H%M%S")


def _codes(said: SaidOfDocument) -> Iterator[tuple[str, tuple[SaidCode, ...]]]:
    yield xdm_metadata.CLASS, (said.document_class,) if said.document_class else ()
    yield xdm_metadata.CONFIDENTIALITY, said.labels
    yield xdm_metadata.EVENT, said.events
    yield xdm_metadata.FORMAT, (said.format,) if said.format else ()
    yield xdm_metadata.FACILITY, (said.facility,) if said.facility else ()
    yield xdm_metadata.SETTING, (said.setting,) if said.setting else ()
    yield xdm_metadata.TYPE, (said.type,) if said.type else ()


def _traits(patient: SaidPatient) -> tuple[str, ...]:
    first, more = patient.given[:1], " ".join(patient.given[1:])
    name = f"PID-5|{_joined(patient.family, ''.join(first), more)}^^^^L" if patient.family else ""
    said = (f"PID-3|{_number(patient)}", name, f"PID-7|{patient.birth_date}", f"PID-8|{patient.sex}")
    return tuple(one for one in said if one.partition("|")[2])


def _number(patient: SaidPatient) -> str:
    """Write a CX (ITI TF-3 table 4.2.3.1.7-2)."""
    return f"{_bare(patient.number)}^^^&{patient.authority}&ISO^NH" if patient.number else ""


def _person(author: SaidAuthor) -> str:
    """Write an XCN; "" for nobody."""
    if not author.family:
        return ""
    known = author.authority == PROFESSIONALS
    kind = ("D", "IDNPS") if known else ("L", "NH")
    by = f"&{author.authority}&ISO^{kind[0]}^^^{kind[1]}" if author.number else "^"
    return f"{_joined(author.number, author.family, author.given)}^^^^^^{by}".rstrip("^")


def _institution(author: SaidAuthor) -> str:
    """Write an XON; "" for none."""
    if not author.institution:
        return ""
    name = _bare(author.institution)
    return (
        f"{name}^^^^^&{author.registry}&ISO^IDNST^^^{author.institution_number}" if author.institution_number else name
    )


def _joined(*parts: str) -> str:
    return "^".join(_bare(one) for one in parts)


def _bare(text: str) -> str:
    """Leave out what separates the parts of an HL7 value."""
    return " ".join("".join(" " if one in "^&~|\\" else one for one in text).split())


def _add(parent: etree._Element, tag: str, /, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{_RIM}}}{tag}", {key: _plain(value) for key, value in attributes.items()})


def _slot(parent: etree._Element, name: str, *values: str) -> None:
    """Add a slot; none without a value."""
    if any(values):
        listed = _add(_add(parent, "Slot", name=name), "ValueList")
        for value in values:
            _add(listed, "Value").text = _plain(value)


def _named(parent: etree._Element, name: str) -> None:
    if name:
        _add(_add(parent, "Name"), "LocalizedString", value=name)


def _plain(text: str) -> str:
    """Leave out what XML cannot hold."""
    return "".join(one for one in text if one.isprintable() or one in " \u00a0")
