"""A client assertion is spent and a token given, in one transaction with its trace; refusals leave theirs.

Replay is refused by the primary key of `assertion_seen`, which every server shares. A spent assertion is kept until it
would have expired anyway.
"""

from datetime import datetime

from carnet.infra.db import system_work
from carnet.infra.signed_tokens import SKEW
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, Reason, allow, refuse

_PURGED_AT_ONCE = 50
_SPEND = "INSERT INTO assertion_seen (client_id, jti, expires_at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"
_PURGE = """
DELETE FROM assertion_seen WHERE (client_id, jti) IN (
  SELECT client_id, jti FROM assertion_seen WHERE expires_at < %s LIMIT %s FOR UPDATE SKIP LOCKED)
"""


async def spend_assertion(*, actor: Actor, jti: str, expires_at: datetime, at: datetime) -> bool:
    """Note that an assertion was used, before anything is done with it. False: it had been used already.

    Not a trace: the token or the refusal that follows has its own.
    """
    async with system_work(at=at) as w:
        await w.execute(_PURGE, (at, _PURGED_AT_ONCE))
        return bool(await w.execute(_SPEND, (actor.client_id, jti, expires_at + SKEW)))


async def note_token(*, actor: Actor, scopes: frozenset[str], at: datetime) -> None:
    """Leave the trace of a token given to `actor`."""
    async with system_work(at=at) as w:
        await record(w, Act.ISSUE_TOKEN, allow(Ground.DUTY), actor=actor, details={"scopes": sorted(scopes)})


async def refuse_token(*, actor: Actor, reason: Reason, why: str, at: datetime) -> None:
    """Leave the trace of a token refused to a software that is known. why: a code."""
    async with system_work(at=at) as w:
        await record(w, Act.ISSUE_TOKEN, refuse(reason), actor=actor, details={"why": why})
