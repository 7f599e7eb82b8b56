"""Sealing and opening what lies under the key of the house: mail between professionals, which is of no space."""

from typing import Final
from uuid import UUID

import msgspec

from carnet.infra.installation import current
from carnet.messaging.data import ColleagueLetter, Envelope

TABLE: Final = "colleague_mail"
_envelopes = msgspec.msgpack.Decoder(Envelope)
_letters = msgspec.json.Decoder(ColleagueLetter)


def seal_envelope(envelope: Envelope, *, mail: UUID) -> bytes:
    """Return mail between professionals sealed for its row."""
    plain = msgspec.msgpack.encode(envelope)
    return current().house_key.seal(table=TABLE, column="sealed", row=mail, plaintext=plain)


def open_envelope(sealed: bytes, *, mail: UUID) -> Envelope:
    """Return the mail of a row."""
    plain = current().house_key.open(table=TABLE, column="sealed", row=mail, sealed=bytes(sealed))
    return _envelopes.decode(plain)


def seal_colleague_letter(letter: ColleagueLetter) -> bytes:
    """Return what mail says sealed for its row."""
    plain = msgspec.json.encode(letter)
    return current().house_key.seal(table=TABLE, column="letter_enc", row=letter.mail, plaintext=plain)


def open_colleague_letter(sealed: bytes, *, mail: UUID) -> ColleagueLetter:
    """Return what the mail of a row says."""
    plain = current().house_key.open(table=TABLE, column="letter_enc", row=mail, sealed=bytes(sealed))
    return _letters.decode(plain)


def mailbox_digest(address: str) -> bytes:
    """Return what stands for a professional's mailbox."""
    return current().house_key.digest(address.lower(), purpose="colleague-mailbox")
