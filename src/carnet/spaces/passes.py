"""What somebody without an account holds between proving who they are and saying what they want: a quarter of an hour.

Sealed by the house key, so that a browser may carry it (a cookie) and nobody can read or make one; it names its person
by digest only. Ignored here: how the proof was made, and what may be done with it (the actions decide again).
"""

import base64
import binascii
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from carnet.infra.installation import current
from carnet.infra.vault import Unopenable

LIFE = timedelta(minutes=15)
SKEW = timedelta(minutes=1)
"""How far the clock of another server of the house may be ahead; a clock that jumped back further ends the pass."""
_LONGEST = 2_000


class ProvedBy(StrEnum):
    """How somebody without an account proved who they are."""

    CODE = "code"
    """The letter's code and the birth date: enough to object, and to take it back."""
    CARD = "card"
    """The same, and the number of the Vitale card: enough to open the space (mes.md §2.2 A2)."""
    IDENTITY = "identity"
    """An identity provider, at the level health content asks for."""
    WEAK_IDENTITY = "weak-identity"
    """An identity provider, below that level: enough to object."""


class Pass(msgspec.Struct, frozen=True, kw_only=True):
    """One person's pass. person: digest of their INS; code: digest of the code shown, or empty; in hexadecimal."""

    person: str
    by: ProvedBy
    until: datetime
    code: str = ""

    @property
    def opens(self) -> bool:
        """Whether this proof is strong enough to open a space."""
        return self.by in {ProvedBy.CARD, ProvedBy.IDENTITY}

    def __repr__(self) -> str:
        return "Pass(<hidden>)"


def card_shown(given: Pass) -> Pass:
    """Return the pass of somebody who proved the letter's code and then held up their card."""
    return msgspec.structs.replace(given, by=ProvedBy.CARD) if given.by is ProvedBy.CODE else given


def write_pass(given: Pass) -> str:
    """Return the pass as a browser may carry it."""
    sealed = current().house_key.seal(table="pass", column="sealed", row="", plaintext=msgspec.json.encode(given))
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def read_pass(text: str, *, at: datetime) -> Pass | None:
    """Return the pass a browser brought, None when it is none of ours or over."""
    if not 0 < len(text) <= _LONGEST:
        return None
    try:
        sealed = base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
        plain = current().house_key.open(table="pass", column="sealed", row="", sealed=sealed)
    except (Unopenable, binascii.Error, UnicodeError):
        return None
    found = msgspec.json.decode(plain, type=Pass)
    return found if at < found.until <= at + LIFE + SKEW else None
