"""What Carnet keeps of a CDA R2 document: the header as facts, the body as narrative or as one embedded file.

Everything is a frozen struct of plain text: nothing here can act, point outside or be rendered by accident. Entries
(the machine-readable half of an N3 body) are deliberately ignored here.
"""

import base64
import binascii
from datetime import date, datetime
from typing import Final

import msgspec

from carnet.formats.cda.narrative import Node
from carnet.kernel.errors import Invalid, Problem

INS_OIDS: Final = ("1.2.250.1.213.1.4.8", "1.2.250.1.213.1.4.9", "1.2.250.1.213.1.4.10", "1.2.250.1.213.1.4.11")
"""NIR, NIA, and their test twins, in the order in which one is preferred (CI-SIS, "Identité INS")."""


class Identifier(msgspec.Struct, frozen=True):
    """An HL7 `II`: root is an OID or a UUID, extension a string within it or None."""

    root: str
    extension: str | None = None

    @property
    def plain(self) -> str:
        """`root^extension`, or `root` alone: the form XDS gives `uniqueId` (ITI TF-3 §4.2.3.2.26)."""
        return self.root if self.extension is None else f"{self.root}^{self.extension}"

    @property
    def urn(self) -> str:
        """`urn:oid:…` or `urn:uuid:…` of `plain`, the form MHD gives `masterIdentifier`."""
        scheme = "uuid" if "-" in self.root else "oid"
        return f"urn:{scheme}:{self.plain.lower() if scheme == 'uuid' else self.plain}"


class Code(msgspec.Struct, frozen=True):
    """An HL7 coded value. code is "" when only a display or original text was given."""

    code: str
    system: str | None = None
    display: str | None = None


class Moment(msgspec.Struct, frozen=True):
    """An HL7 `TS`. at: aware, when the hour is given; day: when the day is; precision: year … second."""

    raw: str
    precision: str
    day: date | None = None
    at: datetime | None = None


class PersonName(msgspec.Struct, frozen=True):
    """A name as the sender split it. family has no qualifier; birth_family is BR; used_family is CL or SP."""

    family: str | None = None
    birth_family: str | None = None
    used_family: str | None = None
    given: tuple[str, ...] = ()
    first_given: str | None = None
    used_given: str | None = None
    prefix: str | None = None
    suffix: str | None = None

    @property
    def display(self) -> str:
        """How a person is called on a page: title, given name, name in use."""
        family = self.used_family or self.family or self.birth_family
        given = self.used_given or self.first_given or (self.given[0] if self.given else None)
        return " ".join(part for part in (self.suffix or self.prefix, given, family) if part)


class Organisation(msgspec.Struct, frozen=True):
    """ids: FINESS, SIREN… as sent; setting: standardIndustryClassCode (XDS practiceSettingCode)."""

    ids: tuple[Identifier, ...] = ()
    name: str | None = None
    setting: Code | None = None


class Participant(msgspec.Struct, frozen=True):
    """An author, performer, signatory or recipient: a person or a device, in an organisation."""

    ids: tuple[Identifier, ...] = ()
    name: PersonName | None = None
    device: str | None = None
    organisation: Organisation | None = None
    specialty: Code | None = None
    function: Code | None = None
    time: Moment | None = None

    @property
    def display(self) -> str:
        """The person, else the device, else the organisation; "" when the sender named nobody."""
        person = self.name.display if self.name else ""
        return person or self.device or (self.organisation.name if self.organisation else None) or ""


class Patient(msgspec.Struct, frozen=True):
    """Whom the document is about. birth_place_code: INSEE code of the place of birth (`county`), as sent."""

    ids: tuple[Identifier, ...]
    name: PersonName
    sex: str | None = None
    birth: Moment | None = None
    birth_place_code: str | None = None
    birth_place: str | None = None


class PatientTraits(msgspec.Struct, frozen=True):
    """The five identity traits (RNIV), as the document states them; None or () where it says nothing."""

    birth_name: str | None
    given_names: tuple[str, ...]
    first_given: str | None
    sex: str | None
    birth_date: date | None
    birth_place_code: str | None


class RelatedDocument(msgspec.Struct, frozen=True):
    """type_code: RPLC, APND or XFRM; id: the parent's, when it has one."""

    type_code: str
    id: Identifier | None = None
    set_id: Identifier | None = None
    version: int | None = None


class ServiceEvent(msgspec.Struct, frozen=True):
    """An act the document reports (XDS eventCodeList, serviceStartTime, serviceStopTime)."""

    code: Code | None = None
    start: Moment | None = None
    end: Moment | None = None
    performers: tuple[Participant, ...] = ()


class Encounter(msgspec.Struct, frozen=True):
    """The encounter; facility: XDS healthcareFacilityTypeCode."""

    code: Code | None = None
    start: Moment | None = None
    end: Moment | None = None
    facility: Code | None = None
    organisation: Organisation | None = None


class EmbeddedPart(msgspec.Struct, frozen=True):
    """A file carried inside the document. media_type is what the sender says; payload is decoded on demand."""

    key: str
    media_type: str
    payload: str
    is_base64: bool = True

    def content(self) -> bytes:
        """Return the bytes; Invalid (`cda-embedded-broken`) when the base64 is cut or holds other characters."""
        if not self.is_base64:
            return self.payload.encode()
        try:
            data = base64.b64decode("".join(self.payload.split()), validate=True)
        except (binascii.Error, ValueError):
            raise Invalid(EMBEDDED_BROKEN) from None
        if not data:
            raise Invalid(EMBEDDED_BROKEN)
        return data


EMBEDDED_BROKEN: Final = Problem(
    "cda-embedded-broken",
    "Le fichier contenu dans le document CDA est vide, tronqué ou mal encodé (base64).",
    "The file inside the CDA document is empty, truncated or badly encoded (base64).",
    "ClinicalDocument.component",
)


class Section(msgspec.Struct, frozen=True):
    """One section of an N3 body, with the sections inside it."""

    title: str | None = None
    code: Code | None = None
    narrative: tuple[Node, ...] = ()
    sections: tuple["Section", ...] = ()


class ClinicalDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A CDA R2 document as read. body_part is the index in `parts` of an N1 body, None for N3."""

    id: Identifier
    code: Code
    title: str | None
    effective_time: Moment
    confidentiality: Code | None
    language: str
    patient: Patient
    set_id: Identifier | None = None
    version: int | None = None
    authors: tuple[Participant, ...] = ()
    custodian: Organisation | None = None
    legal_authenticator: Participant | None = None
    recipients: tuple[Participant, ...] = ()
    related: tuple[RelatedDocument, ...] = ()
    events: tuple[ServiceEvent, ...] = ()
    encounter: Encounter | None = None
    templates: tuple[Identifier, ...] = ()
    sections: tuple[Section, ...] = ()
    parts: tuple[EmbeddedPart, ...] = ()
    body_part: int | None = None
    regions: dict[str, int] = msgspec.field(default_factory=dict)
    self_presenting: bool = False

    @property
    def unique_id(self) -> str:
        """XDS uniqueId, `root^extension`."""
        return self.id.plain

    @property
    def ins(self) -> Identifier | None:
        """The patient's INS: the first identifier under an INS OID, in the order of INS_OIDS; None without one."""
        for oid in INS_OIDS:
            for identifier in self.patient.ids:
                if identifier.root == oid and identifier.extension:
                    return identifier
        return None

    @property
    def patient_traits(self) -> PatientTraits:
        """The identity traits, for identity vigilance at deposit."""
        patient, name = self.patient, self.patient.name
        return PatientTraits(
            birth_name=name.birth_family or name.family,
            given_names=name.given,
            first_given=name.first_given or (name.given[0] if name.given else None),
            sex=patient.sex,
            birth_date=patient.birth.day if patient.birth else None,
            birth_place_code=patient.birth_place_code,
        )

    @property
    def replaces(self) -> RelatedDocument | None:
        """The parent this document says it replaces (typeCode RPLC), if any."""
        return next((related for related in self.related if related.type_code == "RPLC"), None)

    @property
    def is_structured(self) -> bool:
        """True for an N3 body (sections), False for N1 (one embedded file)."""
        return self.body_part is None
