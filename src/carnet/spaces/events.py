"""What a space tells the other capabilities: its id and nothing else, for events lie in clear in the queue."""

from datetime import datetime
from uuid import UUID

import msgspec


class LifeChanged(msgspec.Struct, frozen=True, tag=True):
    """`space` was suspended, closed or reopened, or its erasure asked or cancelled (an `Event`): its holder is told.

    moment: when it did, so that whoever is told of it hears once, however late the telling; None: queued before.
    """

    space: UUID
    event: str
    moment: datetime | None = None


class SpaceErased(msgspec.Struct, frozen=True, tag=True):
    """A space was erased. to: address and number of the certificate, sealed by the house key (`open_farewell`)."""

    certificate: UUID
    language: str
    to: bytes


class ContactChanged(msgspec.Struct, frozen=True, tag=True):
    """There is somebody to write to about the address of `space`: a code to send, a former address to tell."""

    space: UUID
