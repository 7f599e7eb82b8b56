"""What access tells the rest of the house."""

from datetime import datetime
from uuid import UUID

import msgspec


class AccessChanged(msgspec.Struct, frozen=True, tag=True):
    """The person changed who may read."""

    space: UUID
    effect: str


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
