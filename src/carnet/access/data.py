"""Facts a decision is made of, read once per request inside one transaction."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from carnet.kernel.ids import SpaceId


class Need(StrEnum):
    """What somebody wants to do with a space or with one of its documents."""

    LIST = "list"
    READ = "read"
    DEPOSIT = "deposit"
    REPLACE = "replace"
    DELETE = "delete"
    MASK = "mask"
    EDIT = "edit"
    MANAGE_ACCESS = "manage-access"
    RECORD_CONSENT = "record-consent"


class Effect(StrEnum):
    """What a line of the person's access list does."""

    PERMIT = "permit"
    BLOCK = "block"


class Authorisation(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the person's access list. Exactly one of rpps and finess is set.

    origin: "person" (ahead of time) or "professional" (an explicit act after informing the person).
    """

    authorisation_id: UUID
    effect: Effect
    rpps: str | None
    finess: str | None
    origin: str
    starts_at: datetime
    ends_at: datetime | None = None
    ended_at: datetime | None = None
    is_administrator: bool = False
    first_used_at: datetime | None = None

    def in_force(self, at: datetime) -> bool:
        """True when it applies at `at`."""
        return self.ended_at is None and self.starts_at <= at and (self.ends_at is None or at < self.ends_at)


class SpaceFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a space when somebody asks: state, rights epoch, and the lines that name this actor.

    software_active: None when no software is involved. masked_by_default applies to new documents only.
    """

    space: SpaceId
    state: str
    epoch: int
    masked_by_default: bool = False
    authorisations: tuple[Authorisation, ...] = ()
    software_active: bool | None = None


class DocumentFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What decides about one document."""

    document_id: UUID
    status: str
    type_code: str
    masque_ps: bool = False
    invisible_patient: bool = False
    invisible_representants: bool = False
    author_kind: str = "ORGANISATION"
    author_rpps: str | None = None
    author_finess: str | None = None
