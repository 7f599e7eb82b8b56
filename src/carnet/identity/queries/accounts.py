"""Which space or professional does a login at a provider belong to? Found by keyed digest: `sub` is not stored."""

from uuid import UUID

import msgspec

from carnet.infra.db import rows_in_one_trip
from carnet.infra.db.message import Statement
from carnet.infra.installation import current
from carnet.kernel.ids import SpaceId

# ## The account behind a login ##
_FIND = (
    "SELECT account_id, space_id, rpps, agent_id FROM account WHERE issuer = %(issuer)s AND subject_digest = %(digest)s"
)


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A link between a login and either a space (person), an RPPS (professional) or an agent of the desk."""

    account: UUID
    space: SpaceId | None
    rpps: str | None
    agent: UUID | None = None


def subject_digest(*, issuer: str, subject: str) -> bytes:
    """Return what is kept of a provider's `sub`."""
    return current().house_key.digest(issuer, subject, purpose="account")


# ## The space of an account ##
_SPACE = "SELECT space_id FROM account WHERE account_id = %(account)s"


async def space_of_account(account: UUID) -> SpaceId | None:
    """Return the space an account opens, None for a professional's or an unknown one."""
    rows = (await rows_in_one_trip([Statement(_SPACE, {"account": account})], space=None))[0]
    return rows[0][0] if rows else None


async def find_account(*, issuer: str, subject: str) -> Account | None:
    """Return the account of a login, or None the first time."""
    params = {"issuer": issuer, "digest": subject_digest(issuer=issuer, subject=subject)}
    rows = (await rows_in_one_trip([Statement(_FIND, params)], space=None))[0]
    return Account(account=rows[0][0], space=rows[0][1], rpps=rows[0][2], agent=rows[0][3]) if rows else None
