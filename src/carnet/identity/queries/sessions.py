"""Who is behind this cookie, and which sessions does somebody have open? One statement a request.

The statement that finds a session also notes that it is in use, at most once a minute: no second trip, and a page full
of requests writes once.
"""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from carnet.identity.sessions import (
    Acting,
    Door,
    SessionLimits,
    SessionLine,
    SignedIn,
    WebSession,
    digest_of,
    form_token,
)
from carnet.infra.db import rows_in_one_trip
from carnet.infra.db.message import Statement
from carnet.infra.installation import current
from carnet.infra.vault import Unopenable
from carnet.kernel.actors import Actor, ActorKind

NOTED_EVERY = timedelta(minutes=1)

# ## The live session behind a digest, where its professional works today, and that it was seen ##
_FIND = """
WITH found AS (
  SELECT s.public_id, s.account_id, s.created_at, s.last_seen_at, s.authenticated_at, s.absolute_end, s.device,
    s.sealed, s.acting_enc, s.screen_id, s.screen_until,
    ARRAY(SELECT t.finess FROM professional p JOIN professional_situation t USING (rpps)
          WHERE p.rpps = a.rpps AND p.status = 'active') AS places
  FROM web_session s JOIN account a USING (account_id)
  WHERE s.session_digest = %(digest)s AND s.door = %(door)s AND s.ended_at IS NULL
    AND s.absolute_end > %(at)s AND s.last_seen_at > %(idle_since)s
    AND (a.agent_id IS NULL OR EXISTS (
      SELECT FROM agent g WHERE g.agent_id = a.agent_id AND g.ended_at IS NULL))
), seen AS (
  UPDATE web_session SET last_seen_at = %(at)s
  WHERE session_digest = %(digest)s AND last_seen_at <= %(noted_since)s::timestamptz AND EXISTS (SELECT FROM found)
)
SELECT public_id, account_id, created_at, last_seen_at, authenticated_at, absolute_end, device, sealed, places,
  acting_enc, screen_id, screen_until
FROM found
"""
# ## The open sessions of one account, or of every account of its space, at one door, newest use first ##
_LIST = """
SELECT public_id, door, device, created_at, last_seen_at FROM web_session
WHERE account_id IN (SELECT %(account)s::uuid UNION
    SELECT b.account_id FROM account a JOIN account b ON b.space_id = a.space_id WHERE a.account_id = %(account)s)
  AND door = %(door)s AND ended_at IS NULL
  AND absolute_end > %(at)s AND last_seen_at > %(idle_since)s
ORDER BY last_seen_at DESC, public_id
"""


class SealedSession(msgspec.Struct, frozen=True, kw_only=True):
    """What `web_session.sealed` holds: the actor and the provider's id token (for logout there)."""

    actor: Actor
    id_token: str


async def find_session(
    *, token: str, door: Door, limits: SessionLimits, in_use: bool = True, at: datetime
) -> SignedIn | None:
    """Return who the cookie's `token` signs in at `door`, or None: unknown, ended, silent or old too long.

    in_use: False when nobody asked anything, so that the session's silence goes on.

    A professional who left the directory or the organisation of the session, or an agent who left the desk, is signed
    out by the same answer.
    """
    params = {
        "digest": digest_of(token),
        "door": str(door),
        "at": at,
        "idle_since": at - limits.idle,
        "noted_since": at - NOTED_EVERY if in_use else None,
    }
    rows = (await rows_in_one_trip([Statement(_FIND, params)], space=None))[0]
    if not rows:
        return None
    public_id, account, created_at, last_seen_at, authenticated_at, absolute_end, device, sealed, *more = rows[0]
    places, acting, screen, screen_until = more
    kept = open_sealed(bytes(sealed), public_id=public_id)
    if kept is None or (kept.actor.kind is ActorKind.PROFESSIONAL and kept.actor.organisation not in places):
        return None
    elsewhere = _open_acting(bytes(acting), public_id=public_id) if acting is not None else None
    session = WebSession(
        public_id=public_id,
        account=account,
        door=door,
        created_at=created_at,
        last_seen_at=last_seen_at,
        authenticated_at=authenticated_at,
        absolute_end=absolute_end,
        device=device,
        csrf_token=form_token(token, acting=elsewhere),
        id_token=kept.id_token,
        holder=kept.actor,
        acting=elsewhere,
        screen=screen,
        screen_until=screen_until,
    )
    actor = session.acting.actor(kept.actor) if session.acting else kept.actor
    return SignedIn(actor=actor, session=session)


async def list_sessions(*, session: WebSession, limits: SessionLimits, at: datetime) -> list[SessionLine]:
    """Return the open sessions of the account `session` belongs to, itself included."""
    params = {"account": session.account, "door": str(session.door), "at": at, "idle_since": at - limits.idle}
    rows = (await rows_in_one_trip([Statement(_LIST, params)], space=None))[0]
    return [
        SessionLine(public_id=row[0], door=Door(row[1]), device=row[2], created_at=row[3], last_seen_at=row[4])
        for row in rows
    ]


def _open_acting(sealed: bytes, *, public_id: UUID) -> Acting:
    """Open in whose space the session acts: sealed beside the session itself, so the same key opens it."""
    plain = current().house_key.open(table="web_session", column="acting_enc", row=public_id, sealed=sealed)
    return msgspec.json.decode(plain, type=Acting)


def open_sealed(sealed: bytes, *, public_id: UUID) -> SealedSession | None:
    """Open what a session row holds; None when the house key that sealed it is gone (everybody signs in again)."""
    try:
        plain = current().house_key.open(table="web_session", column="sealed", row=public_id, sealed=sealed)
    except Unopenable:
        return None
    return msgspec.json.decode(plain, type=SealedSession)
