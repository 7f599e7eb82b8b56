"""What records tell the rest of the house. Identifiers only: whoever hears resolves them through the gate."""

from datetime import datetime
from uuid import UUID

import msgspec


class DocumentDeposited(msgspec.Struct, frozen=True, tag=True):
    """A document is there, durably. `by_person`: added by the person themselves; `carried`: from an earlier record."""

    space: UUID
    document: UUID
    at: datetime
    replaces: bool = False
    by_person: bool = False
    carried: bool = False


class RecordCarriedOver(msgspec.Struct, frozen=True, tag=True):
    """Documents of an earlier record are there. `document`: one of them, which the person may know of."""

    space: UUID
    document: UUID


class DocumentChanged(msgspec.Struct, frozen=True, tag=True):
    """Confidentiality or metadata changed. `by_person`: by the person themselves."""

    space: UUID
    document: UUID
    at: datetime
    by_person: bool


class DocumentDeleted(msgspec.Struct, frozen=True, tag=True):
    """A document was deleted by its author (logical) or by the person (their own)."""

    space: UUID
    document: UUID
    at: datetime
    by_person: bool


class DocumentReleased(msgspec.Struct, frozen=True, tag=True):
    """What the person was not to see before an announcement is visible to them now. Told once a logical document."""

    space: UUID
    document: UUID
    at: datetime


class ResultHeld(msgspec.Struct, frozen=True, tag=True):
    """A result waits to be explained to the person, before a date."""

    space: UUID
    hold: UUID
    at: datetime


class ResultAsked(msgspec.Struct, frozen=True, tag=True):
    """The person asks to see a held result now: whoever holds it must hear, to explain it in time."""

    space: UUID
    hold: UUID
    held_by: str
    due_at: datetime


class ExportReady(msgspec.Struct, frozen=True, tag=True):
    """The copy its person asked for is ready to be taken away."""

    space: UUID
    export: UUID


class TextWanted(msgspec.Struct, frozen=True, tag=True):
    """The words of a document are to be taken out of it, so that it can be found by them."""

    space: UUID
    document: UUID


class PagesWaiting(msgspec.Struct, frozen=True, tag=True):
    """Pages of a document are pictures (scans): their words are to be recognised, a few pages a job."""

    space: UUID
    document: UUID
