"""Sealing and opening what messaging keeps: each in its own place, so that nothing opens anywhere else."""

from uuid import UUID

import msgspec

from carnet.infra.vault import SpaceKeys
from carnet.messaging.data import Address, Description, Envelope, Head, Letter

_letters = msgspec.json.Decoder(Letter)
_heads = msgspec.json.Decoder(Head)
_descriptions = msgspec.json.Decoder(Description)
_people = msgspec.json.Decoder(Address)
_envelopes = msgspec.msgpack.Decoder(Envelope)


def seal_letter(letter: Letter, *, message: UUID, keys: SpaceKeys) -> bytes:
    """Return `letter` sealed for its row."""
    return keys.seal(table="message", column="letter_enc", row=message, plaintext=msgspec.json.encode(letter))


def open_letter(sealed: bytes, *, message: UUID, keys: SpaceKeys) -> Letter:
    """Return the letter of a row."""
    return _letters.decode(keys.open(table="message", column="letter_enc", row=message, sealed=bytes(sealed)))


def seal_head(head: Head, *, conversation: UUID, keys: SpaceKeys) -> bytes:
    """Return `head` sealed for its row."""
    return keys.seal(table="conversation", column="head_enc", row=conversation, plaintext=msgspec.json.encode(head))


def open_head(sealed: bytes, *, conversation: UUID, keys: SpaceKeys) -> Head:
    """Return the head of a row."""
    return _heads.decode(keys.open(table="conversation", column="head_enc", row=conversation, sealed=bytes(sealed)))


def seal_description(description: Description, *, message: UUID, number: int, keys: SpaceKeys) -> bytes:
    """Return `description` sealed for its row."""
    row = f"{message}/{number}"
    plain = msgspec.json.encode(description)
    return keys.seal(table="message_attachment", column="description_enc", row=row, plaintext=plain)


def open_description(sealed: bytes, *, message: UUID, number: int, keys: SpaceKeys) -> Description:
    """Return the description of a row."""
    row = f"{message}/{number}"
    plain = keys.open(table="message_attachment", column="description_enc", row=row, sealed=bytes(sealed))
    return _descriptions.decode(plain)


def seal_recipient(address: Address, *, message: UUID, number: int, keys: SpaceKeys) -> bytes:
    """Return a recipient sealed for its row."""
    row = f"{message}/{number}"
    plain = msgspec.json.encode(address)
    return keys.seal(table="outgoing_mail", column="address_enc", row=row, plaintext=plain)


def open_recipient(sealed: bytes, *, message: UUID, number: int, keys: SpaceKeys) -> Address:
    """Return the recipient of a row."""
    row = f"{message}/{number}"
    return _people.decode(keys.open(table="outgoing_mail", column="address_enc", row=row, sealed=bytes(sealed)))


def contact_digest(address: str, *, keys: SpaceKeys) -> bytes:
    """Return what stands for an address in this space."""
    return keys.digest(address.encode(), purpose="mail-contact")


def seal_contact(address: Address, *, keys: SpaceKeys) -> bytes:
    """Return a contact sealed for its row."""
    row = contact_digest(address.address, keys=keys).hex()
    plain = msgspec.json.encode(address)
    return keys.seal(table="mail_contact", column="contact_enc", row=row, plaintext=plain)


def open_contact(sealed: bytes, *, digest: bytes, keys: SpaceKeys) -> Address:
    """Return the contact of a row."""
    plain = keys.open(table="mail_contact", column="contact_enc", row=bytes(digest).hex(), sealed=bytes(sealed))
    return _people.decode(plain)


def seal_mail(envelope: Envelope, *, mail: UUID, keys: SpaceKeys) -> bytes:
    """Return mail sealed for its row of the incoming queue."""
    plain = msgspec.msgpack.encode(envelope)
    return keys.seal(table="incoming_mail", column="sealed", row=mail, plaintext=plain)


def open_mail(sealed: bytes, *, mail: UUID, keys: SpaceKeys) -> Envelope:
    """Return the mail of a row of the incoming queue."""
    return _envelopes.decode(keys.open(table="incoming_mail", column="sealed", row=mail, sealed=bytes(sealed)))


def reference_of(message_id: str, *, keys: SpaceKeys) -> bytes:
    """Return what stands for a Message-ID in this space: answers find what they answer by it."""
    return keys.digest(message_id.encode(), purpose="mail-reference")
