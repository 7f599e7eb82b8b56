"""A document as Carnet keeps it: XDS/MHD metadata as one sealed JSON, and the few codes that decide in clear.

Names follow IHE MHD 4.2 (DocumentReference, submission set List) and CI-SIS XDS metadata.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from carnet.access.api import Need
from carnet.identity.api import IdentityTraits, Ins
from carnet.kernel.errors import Problem
from carnet.kernel.ids import SpaceId

MASQUE_PS = "MASQUE_PS"
INVISIBLE_PATIENT = "INVISIBLE_PATIENT"
INVISIBLE_REPRESENTANTS = "INVISIBLE_REPRESENTANTS_LEGAUX"
NORMAL = "N"
CONFIDENTIALITY_CODES = frozenset({NORMAL, "R", "V", MASQUE_PS, INVISIBLE_PATIENT, INVISIBLE_REPRESENTANTS})


class Coding(msgspec.Struct, frozen=True, omit_defaults=True):
    """A code with its system (URI) and label."""

    system: str
    code: str
    display: str | None = None


class Author(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who wrote it. kind: "practitioner", "organisation", "patient" or "device". rpps, finess: national ids."""

    kind: str
    rpps: str | None = None
    finess: str | None = None
    family_name: str | None = None
    given_name: str | None = None
    organisation_name: str | None = None
    role: Coding | None = None
    specialty: Coding | None = None

    @property
    def display(self) -> str:
        """The name people read."""
        person = " ".join(part for part in (self.given_name, self.family_name) if part)
        return person or self.organisation_name or ""


def confidentiality_codes(*, masque_ps: bool, invisible_patient: bool, invisible_representants: bool) -> frozenset[str]:
    """Return the codes that three columns stand for, N alone when none is set."""
    held = {
        code
        for code, on in (
            (MASQUE_PS, masque_ps),
            (INVISIBLE_PATIENT, invisible_patient),
            (INVISIBLE_REPRESENTANTS, invisible_representants),
        )
        if on
    }
    return frozenset(held or {NORMAL})


class DocumentMetadata(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything said about a document; sealed as a whole (titles and names may carry health meaning).

    unique_id: XDS uniqueId / masterIdentifier ("urn:oid:…", "urn:uuid:…"). sha1, sha256: of the content, hexadecimal.
    creation: when the document was written. size: bytes. level: confidentiality as the sender sees it (N, R, V); what
    hides a document from somebody is a column of its row. archived: filed away by its author. set_id: CDA
    setId, shared by the versions of one document.
    """

    unique_id: str
    title: str
    type: Coding
    category: Coding
    content_type: str
    size: int
    sha1: str
    sha256: str
    creation: datetime
    authors: tuple[Author, ...] = ()
    authenticator: Author | None = None
    custodian: Author | None = None
    format: Coding | None = None
    facility_type: Coding | None = None
    practice_setting: Coding | None = None
    events: tuple[Coding, ...] = ()
    period_start: datetime | None = None
    period_end: datetime | None = None
    language: str = "fr-FR"
    description: str | None = None
    identifiers: tuple[str, ...] = ()
    set_id: str | None = None
    patient_display: str | None = None
    file_name: str | None = None
    level: str = NORMAL
    archived: bool = False


class NewDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A document about to be deposited. `metadata` says size and hashes as established from `content`.

    codes: what hides it, as asked by the depositor (JDV_J08). replaces: FHIR id or uniqueId of what it replaces.
    only_if_known: nobody but the CDA itself says so; when the parent never came here, this is a first version.
    """

    metadata: DocumentMetadata
    content: bytes
    codes: frozenset[str] = frozenset({NORMAL})
    replaces: str | None = None
    only_if_known: bool = False
    category: str = "AUTR_DOC"
    author_kind: str = "ORGANISATION"
    author_rpps: str | None = None
    author_finess: str | None = None
    active_content: bool = False
    scanned: str = "not-scanned"


class DeclaredDocument(msgspec.Struct, frozen=True, kw_only=True):
    """What a sender says about a document, before anything is checked. None: nothing was said.

    labels: confidentiality, any number. hash: as written (SHA-1 or SHA-256, base64 or hexadecimal). replaces: FHIR id
    or uniqueId. described_at: when this description was made (DocumentReference.date). traits: of the patient, as the
    sender wrote them beside the document. path: where problems point, a FHIRPath prefix ("DocumentReference",
    "Bundle.entry[1].resource").
    """

    content: bytes
    content_type: str | None = None
    size: int | None = None
    hash: str | None = None
    unique_id: str | None = None
    identifiers: tuple[str, ...] = ()
    title: str | None = None
    description: str | None = None
    language: str | None = None
    type: Coding | None = None
    category: Coding | None = None
    format: Coding | None = None
    facility_type: Coding | None = None
    practice_setting: Coding | None = None
    labels: tuple[Coding, ...] = ()
    events: tuple[Coding, ...] = ()
    described_at: datetime | None = None
    creation: datetime | None = None
    period_start: datetime | None = None
    period_end: datetime | None = None
    authors: tuple[Author, ...] = ()
    authenticator: Author | None = None
    custodian: Author | None = None
    replaces: str | None = None
    patient_display: str | None = None
    traits: IdentityTraits | None = None
    path: str = "DocumentReference"


class Established(msgspec.Struct, frozen=True, kw_only=True):
    """A declared document after checking. traits: of the patient, from the sender or from the CDA itself.

    warnings: what was accepted although it deserves a word to the sender.
    """

    document: NewDocument
    traits: IdentityTraits | None = None
    warnings: tuple[Problem, ...] = ()


class Submission(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A submission set (lot de soumission): what came together, from whom."""

    unique_id: str
    source_id: str | None = None
    title: str | None = None
    content_type: Coding | None = None
    submitted_at: datetime
    author: Author | None = None
    note: str | None = None
    identifiers: tuple[str, ...] = ()


class Deposit(msgspec.Struct, frozen=True, kw_only=True):
    """One act of feeding. `traits` None when the sender gave none beside the INS (then it is refused).

    claimed_space: the space the sender also pointed at (`Patient/…`), which must be that of the INS. need: what the
    depositor does: feeding, or carrying a document over from an earlier record.
    """

    ins: Ins
    traits: IdentityTraits | None
    documents: tuple[NewDocument, ...]
    submission: Submission | None = None
    claimed_space: SpaceId | None = None
    need: Need = Need.DEPOSIT


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one document: created now, or already there with the same bytes."""

    document_id: UUID
    created: bool
    resource: bytes
    resource_version: int
    received_at: datetime


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a deposit, given only when everything in it is durable."""

    space: SpaceId
    set_id: UUID | None
    set_created: bool
    documents: tuple[Stored, ...]


class Amended(msgspec.Struct, frozen=True, kw_only=True):
    """What a stored resource says to a reader who may not know of every version. version: of the resource.

    replaces: the last version before it that they may know of.
    """

    status: str
    version: int
    changed_at: datetime
    replaces: UUID | None


class ResourceEntry(msgspec.Struct, frozen=True):
    """What a list of stored resources needs of a row: its resource, sealed, and its place in the order.

    amended: what the resource must say instead for this reader (`Amended` as JSON); None for nearly every document.
    """

    document_id: UUID
    document_date: datetime
    received_at: datetime
    resource_enc: bytes
    amended: dict[str, Any] | None = None


class DocumentEntry(msgspec.Struct, frozen=True):
    """One row of a list, before its texts are opened. `is_new`: not yet opened by the person asking.

    version, status, changed_at, resource_version: as this reader may know them. amended: as of `ResourceEntry`.
    carried: from an earlier record (DMP). resource_enc, summary_enc: empty when they were not asked for (`Texts`).
    Built by position, from a row of a query.
    """

    document_id: UUID
    logical_id: UUID
    version: int
    status: str
    type_code: str
    class_code: str
    category: str
    masque_ps: bool
    invisible_patient: bool
    invisible_representants: bool
    author_kind: str
    author_rpps: str | None
    author_finess: str | None
    client_id: str | None
    carried: bool
    content_type: str
    size: int
    blob_id: UUID
    active_content: bool
    scanned: str
    document_date: datetime
    received_at: datetime
    changed_at: datetime
    resource_version: int
    resource_enc: bytes
    summary_enc: bytes
    is_new: bool
    amended: dict[str, Any] | None = None

    @property
    def codes(self) -> frozenset[str]:
        """The confidentiality codes in force, always at least N."""
        return confidentiality_codes(
            masque_ps=self.masque_ps,
            invisible_patient=self.invisible_patient,
            invisible_representants=self.invisible_representants,
        )
