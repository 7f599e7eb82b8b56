"""Shapes of the ways of signing in that a person keeps themselves, and how a password is hashed.

Argon2id (RFC 9106, second recommended setting of argon2-cffi) through argon2-cffi; the hash is sealed besides. An
unknown login costs the same work as a known one.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from uuid import UUID

import argon2
import msgspec

ISSUER = "carnet"
"""Who vouches for a login of our own, beside identity providers."""
RECOVERY = timedelta(hours=72)
"""How long a way of signing in waits that was added with another proof than those already there."""
_hasher = argon2.PasswordHasher()


class Kind(StrEnum):
    """The ways of signing in a person keeps themselves."""

    PASSKEY = "passkey"
    PASSWORD = "password"  # noqa: S105 - a kind of login, no secret


class Channel(StrEnum):
    """Where a code of the moment goes."""

    EMAIL = "email"
    SMS = "sms"


class Credential(msgspec.Struct, frozen=True, kw_only=True):
    """One way in, in its owner's list. label: the device as its owner knows it, or the login."""

    public_id: UUID
    kind: Kind
    label: str
    created_at: datetime
    usable_from: datetime
    last_used_at: datetime | None


class SealedPasskey(msgspec.Struct, frozen=True, kw_only=True):
    """What `passkey.sealed` holds."""

    credential: bytes
    public_key: bytes
    label: str


class SealedPassword(msgspec.Struct, frozen=True, kw_only=True):
    """What `own_password.sealed` holds. former: hashes that may not come back; to: where codes go."""

    login: str
    hashed: str
    former: tuple[str, ...]
    channel: Channel
    to: str


class NewPassword(msgspec.Struct, frozen=True, kw_only=True):
    """A login and the hash of a password, both checked (`rules.own_logins`), and where codes go."""

    login: str
    hashed: str
    channel: Channel
    to: str

    def __repr__(self) -> str:
        return "NewPassword(<hidden>)"


class CodeFor(msgspec.Struct, frozen=True, kw_only=True):
    """What a code of the moment is for. account: whom it lets in; new: or the password it confirms, not kept before;
    step_up: the session it renews; return_to: where to go then; asker: who has it sent (digest or id), to be counted.
    """

    channel: Channel
    to: str
    account: UUID | None = None
    new: NewPassword | None = None
    step_up: str | None = None
    return_to: str = "/"
    asker: str = ""

    def __repr__(self) -> str:
        return "CodeFor(<hidden>)"


class SealedCode(msgspec.Struct, frozen=True, kw_only=True):
    """What `login_code.sealed` holds."""

    code: str
    purpose: CodeFor


def hash_password(password: str) -> str:
    """Return what is kept of a password."""
    return _hasher.hash(password)


def is_password(hashed: str | None, password: str) -> bool:
    """Tell whether a password is the one hashed; None (an unknown login) takes as long and is never right."""
    try:
        return _hasher.verify(hashed or _nobodys(), password) and hashed is not None
    except (argon2.exceptions.VerifyMismatchError, argon2.exceptions.InvalidHashError):
        return False


@cache
def _nobodys() -> str:
    return _hasher.hash("nobody has this password")
