"""What a space tells the other capabilities: its id and nothing else, for events lie in clear in the queue."""

from uuid import UUID

import msgspec


class ContactChanged(msgspec.Struct, frozen=True, tag=True):
    """There is somebody to write to about the address of `space`: a code to send, a former address to tell."""

    space: UUID
