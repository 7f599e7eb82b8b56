"""What an agenda is made of: appointments and reminders, one shape for both."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

LONGEST_TITLE = 100
LONGEST_PARTY = 150
LONGEST_ADDRESS = 300
LONGEST_SPECIALITY = 100
LONGEST_NOTE = 1000
MOST_REMINDERS = 10
"""Reminders of one day, at most (mes.md G2)."""


class Kind(StrEnum):
    """What an entry is."""

    APPOINTMENT = "appointment"
    REMINDER = "reminder"


class Status(StrEnum):
    """Where an appointment stands: codes of FHIR R4 AppointmentStatus that a person sets by themselves."""

    BOOKED = "booked"
    CANCELLED = "cancelled"


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """What is written in an entry, sealed as one. party: the professional or establishment, empty for a reminder."""

    title: str = ""
    party: str = ""
    speciality: str = ""
    address: str = ""
    note: str = ""


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """An entry as somebody typed it. day: "2026-11-30"; hour: "14:05", empty for a reminder."""

    kind: Kind
    day: str
    hour: str = ""
    words: Words


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry, opened. starts_at: of a reminder, when its day begins. zone: IANA, by whose clock it was written.

    by: the delegation of who wrote it for the person, None for the person.
    """

    entry_id: UUID
    kind: Kind
    starts_at: datetime
    zone: str
    status: Status | None
    words: Words
    by: UUID | None
    recorded_at: datetime
    changed_at: datetime

    @property
    def local(self) -> datetime:
        """When it is, by its own clock."""
        return self.starts_at.astimezone(ZoneInfo(self.zone))

    @property
    def day(self) -> date:
        """The day it is on, by its own calendar."""
        return self.local.date()


class Agenda(msgspec.Struct, frozen=True, kw_only=True):
    """What a reader is shown. coming: soonest first; past: one page, latest first, of `past_total`.

    zone: IANA, by whose clock a new entry is written.
    """

    coming: tuple[Entry, ...]
    past: tuple[Entry, ...]
    past_total: int
    may_write: bool
    zone: str
