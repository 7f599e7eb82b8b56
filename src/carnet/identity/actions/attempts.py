"""Between leaving for the identity provider and coming back: what must be remembered, once, for ten minutes.

Nobody is known yet, so these two leave no trace; the sign-in or refusal that follows does. What is kept is sealed and
found by the digest of `state` only; the browser that began holds the other half in a cookie.
"""

from datetime import datetime, timedelta

import msgspec

from carnet.identity.sessions import Door, digest_of
from carnet.infra.db import system_work
from carnet.infra.installation import current
from carnet.infra.vault import Unopenable

LIFE = timedelta(minutes=10)
_PURGED_AT_ONCE = 50

_KEEP = "INSERT INTO login_attempt (state_digest, sealed, expires_at) VALUES (%s, %s, %s)"
_TAKE = "DELETE FROM login_attempt WHERE state_digest = %s RETURNING sealed, expires_at"
_PURGE = """
DELETE FROM login_attempt WHERE state_digest IN (
  SELECT state_digest FROM login_attempt WHERE expires_at < %s LIMIT %s FOR UPDATE SKIP LOCKED)
"""


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One departure. browser: digest of the cookie left behind, in hexadecimal; step_up: the session to renew;
    only_proves: who comes back says no to a space, and opens no session.
    """

    door: Door
    nonce: str
    verifier: str
    browser: str
    return_to: str
    started_at: datetime
    step_up: str | None = None
    only_proves: bool = False


async def keep_attempt(*, state: str, attempt: Attempt, at: datetime) -> None:
    """Remember `attempt` under `state`, and forget some that expired."""
    digest = digest_of(state)
    plain = msgspec.json.encode(attempt)
    sealed = current().house_key.seal(table="login_attempt", column="sealed", row=digest.hex(), plaintext=plain)
    async with system_work(at=at) as w:
        await w.execute(_PURGE, (at, _PURGED_AT_ONCE))
        await w.execute(_KEEP, (digest, sealed, at + LIFE))


async def take_attempt(*, state: str, at: datetime) -> Attempt | None:
    """Return the attempt behind `state` and forget it: a second return with the same state finds nothing."""
    digest = digest_of(state)
    async with system_work(at=at) as w:
        row = await w.row(_TAKE, (digest,))
    if row is None or row[1] <= at:
        return None
    try:
        plain = current().house_key.open(table="login_attempt", column="sealed", row=digest.hex(), sealed=bytes(row[0]))
    except Unopenable:
        return None
    return msgspec.json.decode(plain, type=Attempt)
