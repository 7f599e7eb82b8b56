"""What a history yields: drafts, then finished documents with their bytes.

A draft says what happened; `building` turns it into a file. Everything is deterministic: identifiers are UUIDs derived
from the draft's key (RFC 9562 §5.5), written as OIDs under 2.25 (ITU-T X.667).
"""

import uuid
from datetime import datetime
from typing import Literal

import msgspec

from carnet.sandbox.documents.content import Chapter, Section, VaccineGiven
from carnet.sandbox.population.data import Organisation, Person, Professional

Kind = Literal["biology", "discharge", "imaging", "vaccination", "summary", "letter", "pdf"]
Confidentiality = Literal["MASQUE_PS", "INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX"]

_SPACE = uuid.UUID("7f0c8f4e-3a55-4a0e-9a9b-5a2d0ca27e70")


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """One document before it is a file. key: unique in the whole sandbox; kind: which builder makes it.

    period: when the care took place (encounter); prescriber: who asked; family: the key of the first version, for
    a later one.
    """

    key: str
    kind: Kind
    type_code: str
    title: str
    person: Person
    author: Professional
    organisation: Organisation
    date: datetime
    period: tuple[datetime, datetime]
    sections: tuple[Section, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    vaccines: tuple[VaccineGiven, ...] = ()
    act: str = ""
    prescriber: Professional | None = None
    doctor: Professional | None = None
    confidentiality: tuple[Confidentiality, ...] = ()
    version: int = 1
    family: str | None = None
    replaces: str | None = None

    @property
    def unique_id(self) -> str:
        """The OID of this version."""
        return oid_of(self.key)

    @property
    def set_id(self) -> str:
        """The OID shared by all versions."""
        return oid_of(f"{self.family or self.key}#set")


class SandboxDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A finished file and what its sender says about it.

    date: creation, timezone-aware; unique_id, set_id, replaces: OIDs (`replaces` names the earlier version's
    unique_id); confidentiality: codes beyond `N`, set in the metadata only, as hospitals do.
    """

    key: str
    file_name: str
    content: bytes
    media_type: str
    type_code: str
    format_code: str
    title: str
    person: Person
    author: Professional
    organisation: Organisation
    date: datetime
    period: tuple[datetime, datetime]
    confidentiality: tuple[Confidentiality, ...]
    unique_id: str
    set_id: str
    version: int
    replaces: str | None

    @property
    def is_cda(self) -> bool:
        """True for a CDA, structured or not."""
        return self.media_type == "text/xml"


def oid_of(key: str) -> str:
    """The same OID for the same key, for ever."""
    return f"2.25.{uuid.uuid5(_SPACE, key).int}"
