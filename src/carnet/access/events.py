"""What access tells the rest of the house."""

from datetime import datetime
from uuid import UUID

import msgspec


class AccessChanged(msgspec.Struct, frozen=True, tag=True):
    """Who may read changed, by the person or who stands for them."""

    space: UUID
    effect: str


class AccessBlocked(msgspec.Struct, frozen=True, tag=True):
    """An administrator the person chose (rpps) keeps somebody out by `line`; the person must hear of it."""

    space: UUID
    line: UUID
    rpps: str


class ConsentRecorded(msgspec.Struct, frozen=True, tag=True):
    """A professional recorded the person's consent; the person must hear of it."""

    space: UUID
    rpps: str
    at: datetime


class FirstAccess(msgspec.Struct, frozen=True, tag=True):
    """An authorised professional opened the space for the first time."""

    space: UUID
    rpps: str
    at: datetime


class EmergencyOpened(msgspec.Struct, frozen=True, tag=True):
    """A professional opened the space in an emergency; the person must hear of it (R1111-48 CSP)."""

    space: UUID
    emergency: UUID
    rpps: str
    mode: str
    at: datetime


class AttendingDoctorToTell(msgspec.Struct, frozen=True, tag=True):
    """The attending doctor must hear that a patient's space was opened in an emergency (R1111-48 CSP)."""

    space: UUID
    emergency: UUID
    rpps: str
    at: datetime


class AccessDisputed(msgspec.Struct, frozen=True, tag=True):
    """The person does not know an access; the desk follows the case until its deadline."""

    space: UUID
    case: UUID
    due_at: datetime


INVITED, ANSWERED, RECORDED, ENDING, ENDED = "invited", "answered", "recorded", "ending", "ended"


class DelegationChanged(msgspec.Struct, frozen=True, tag=True):
    """Somebody is asked to act for the person of `space`, answered, may upon a judgment, soon may no longer, or may no
    longer.
    """

    space: UUID
    delegation: UUID
    what: str
