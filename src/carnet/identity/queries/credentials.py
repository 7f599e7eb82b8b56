"""Which ways of signing in does an account have, and whose is this key or login? Found before any space is known."""

from datetime import datetime
from uuid import UUID

import msgspec

from carnet.identity.own import Credential, Kind, SealedPasskey, SealedPassword
from carnet.infra.db import rows_in_one_trip
from carnet.infra.db.message import Statement
from carnet.infra.installation import current
from carnet.kernel.ids import SpaceId

# ## The account behind a passkey, usable now ##
_PASSKEY = """
SELECT p.sealed, p.signatures, p.account_id, a.space_id FROM passkey p JOIN account a USING (account_id)
WHERE p.credential_digest = %(digest)s AND p.usable_from <= %(at)s AND p.ended_at IS NULL
"""
# ## The account behind a login, usable now or soon ##
_LOGIN = """
SELECT p.sealed, p.account_id, a.space_id, p.usable_from, p.blocked_until
FROM own_password p JOIN account a USING (account_id) WHERE p.login_digest = %(digest)s AND p.ended_at IS NULL
"""
# ## Whose login this is or was ##
_TAKEN = """
SELECT 1 FROM own_password WHERE login_digest = %(digest)s AND account_id IS DISTINCT FROM %(account)s::uuid
"""
# ## The password of an account ##
_OF_ACCOUNT = "SELECT sealed, login_digest FROM own_password WHERE account_id = %(account)s"
# ## Every way in to a space that a person keeps themselves ##
_LIST = """
SELECT 'passkey', p.public_id, p.sealed, p.created_at, p.usable_from, p.last_used_at, p.credential_digest
FROM passkey p JOIN account a USING (account_id) WHERE a.space_id = %(space)s AND p.ended_at IS NULL
UNION ALL
SELECT 'password', p.public_id, p.sealed, p.created_at, p.usable_from, p.last_used_at, p.login_digest
FROM own_password p JOIN account a USING (account_id) WHERE a.space_id = %(space)s AND p.ended_at IS NULL
ORDER BY 4
"""


class KnownPasskey(msgspec.Struct, frozen=True, kw_only=True):
    """A passkey that may answer. space: whose it is."""

    digest: bytes
    account: UUID
    space: SpaceId
    public_key: bytes
    signatures: int


class KnownPassword(msgspec.Struct, frozen=True, kw_only=True):
    """A login and what checks its password. usable: not waiting, not blocked."""

    account: UUID
    space: SpaceId
    kept: SealedPassword
    usable: bool


def credential_digest(credential: bytes) -> bytes:
    """Return what is kept in clear of a passkey's id."""
    return current().house_key.digest(credential.hex(), purpose="passkey")


def login_digest(login: str) -> bytes:
    """Return what is kept in clear of a login name (already without case)."""
    return current().house_key.digest(login, purpose="own-login")


async def find_passkey(credential: bytes, *, at: datetime) -> KnownPasskey | None:
    """Return the passkey with this id when it may be used."""
    digest = credential_digest(credential)
    rows = (await rows_in_one_trip([Statement(_PASSKEY, {"digest": digest, "at": at})], space=None))[0]
    if not rows:
        return None
    kept = open_passkey(bytes(rows[0][0]), digest)
    space = SpaceId(rows[0][3])
    return KnownPasskey(
        digest=digest, account=rows[0][2], space=space, public_key=kept.public_key, signatures=rows[0][1]
    )


async def find_password(login: str, *, at: datetime) -> KnownPassword | None:
    """Return what checks the password of a login, None when nobody has it."""
    digest = login_digest(login.casefold())
    rows = (await rows_in_one_trip([Statement(_LOGIN, {"digest": digest})], space=None))[0]
    if not rows:
        return None
    sealed, account, space, usable_from, blocked_until = rows[0]
    usable = usable_from <= at and (blocked_until is None or blocked_until <= at)
    return KnownPassword(
        account=account, space=SpaceId(space), kept=open_password(bytes(sealed), digest), usable=usable
    )


async def is_login_taken(login: str, *, account: UUID | None) -> bool:
    """Tell whether a login is, or lately was, that of another account than `account`."""
    params = {"digest": login_digest(login.casefold()), "account": account}
    return bool((await rows_in_one_trip([Statement(_TAKEN, params)], space=None))[0])


async def former_hashes(*, account: UUID) -> tuple[str, ...]:
    """Return the hashes of the passwords an account has and had: none may come back."""
    rows = (await rows_in_one_trip([Statement(_OF_ACCOUNT, {"account": account})], space=None))[0]
    kept = [open_password(bytes(sealed), bytes(digest)) for sealed, digest in rows]
    return tuple(one for each in kept for one in (each.hashed, *each.former))


async def list_credentials(*, space: SpaceId) -> list[Credential]:
    """Return the ways in to a space, oldest first. Who may see them, the caller has decided."""
    rows = (await rows_in_one_trip([Statement(_LIST, {"space": space})], space=None))[0]
    return [
        Credential(
            public_id=public_id,
            kind=Kind(kind),
            label=_label(Kind(kind), bytes(sealed), bytes(digest)),
            created_at=created_at,
            usable_from=usable_from,
            last_used_at=last_used_at,
        )
        for kind, public_id, sealed, created_at, usable_from, last_used_at, digest in rows
    ]


async def known_passkeys(*, space: SpaceId) -> tuple[bytes, ...]:
    """Return the ids of a space's passkeys: the only ones a browser is asked for."""
    rows = (await rows_in_one_trip([Statement(_LIST, {"space": space})], space=None))[0]
    return tuple(open_passkey(bytes(row[2]), bytes(row[6])).credential for row in rows if row[0] == "passkey")


def open_passkey(sealed: bytes, digest: bytes) -> SealedPasskey:
    """Open a row of `passkey`."""
    plain = current().house_key.open(table="passkey", column="sealed", row=digest.hex(), sealed=sealed)
    return msgspec.json.decode(plain, type=SealedPasskey)


def open_password(sealed: bytes, digest: bytes) -> SealedPassword:
    """Open a row of `own_password`."""
    plain = current().house_key.open(table="own_password", column="sealed", row=digest.hex(), sealed=sealed)
    return msgspec.json.decode(plain, type=SealedPassword)


def seal_destination(about: str, to: str) -> bytes:
    """Seal for the queue where codes of a password go."""
    return current().house_key.seal(table="own_password", column="told", row=about, plaintext=to.encode())


def open_destination(about: str, sealed: bytes) -> str:
    """Open what `seal_destination` made: an e-mail address or a number. Raises Unopenable."""
    return current().house_key.open(table="own_password", column="told", row=about, sealed=sealed).decode()


def _label(kind: Kind, sealed: bytes, digest: bytes) -> str:
    return open_passkey(sealed, digest).label if kind is Kind.PASSKEY else open_password(sealed, digest).login
