"""What messaging tells the rest of the house. Ids only: words stay sealed."""

from uuid import UUID

import msgspec


class MailArrived(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Mail was acknowledged and waits to be read."""

    space: UUID
    mail: UUID


class MessageReceived(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A professional's message is in the person's conversations. ends: they ended the exchange with it."""

    space: UUID
    message: UUID
    conversation: UUID
    ends: bool


class MailLeaving(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A message is to be handed to one recipient's operator."""

    space: UUID
    message: UUID
    number: int


class DeliveryFailed(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A message will not reach one of its recipients: the person is to know."""

    space: UUID
    message: UUID
    number: int


class ReceiptDue(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The person opened a message whose sender asked to know. tries: how often handing it over failed."""

    space: UUID
    message: UUID
    tries: int = 0


class ColleagueMailArrived(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Mail from a professional to another one was acknowledged and waits to be read."""

    mail: UUID


class ColleagueMailLeaving(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Mail between professionals is to be handed to the addressee's operator, or its sender told that it was not."""

    mail: UUID
