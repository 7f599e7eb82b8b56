"""What notifications tell themselves: writing the line and sending the e-mail fail and are retried apart."""

from uuid import UUID

import msgspec


class NotificationAdded(msgspec.Struct, frozen=True, tag=True):
    """A line was added to the list of `space`."""

    space: UUID
    notification: UUID
