"""What notifications tell themselves: writing the line and sending the e-mail fail and are retried apart."""

from uuid import UUID

import msgspec


class NotificationAdded(msgspec.Struct, frozen=True, tag=True):
    """A line was added to the list of `space`."""

    space: UUID
    notification: UUID


class KeptApartDue(msgspec.Struct, frozen=True, tag=True):
    """A line that no ordinary message tells of waits in `space`, whose person gave a channel for such news."""

    space: UUID
    notification: UUID


class DigestDue(msgspec.Struct, frozen=True, tag=True):
    """A week went by since the last digest of `space`, or since it was asked for."""

    space: UUID
