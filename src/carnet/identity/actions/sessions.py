"""Sessions begin, end, and leave a trace: in the person's journal, or the security journal for professionals.

A sign-in always makes a new session id and ends the one the browser came with, so that an id planted before the sign-in
is worth nothing after it.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from carnet.identity.actions.accounts import link_account
from carnet.identity.queries.sessions import SealedSession
from carnet.identity.sessions import STEPPED_UP_FOR, Door, SessionLimits, WebSession, digest_of
from carnet.infra import randomness
from carnet.infra.db import system_work, work
from carnet.infra.installation import current
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Ground, Reason, allow, refuse
from carnet.kernel.errors import NotFound

_OPEN = """
INSERT INTO web_session (session_digest, account_id, door, sealed, created_at, last_seen_at, authenticated_at,
                         absolute_end, device, public_id)
VALUES (%(digest)s, %(account)s, %(door)s, %(sealed)s, %(at)s, %(at)s, %(authenticated_at)s,
        %(absolute_end)s, %(device)s, %(public_id)s)
"""
_END_TOKEN = "UPDATE web_session SET ended_at = %s WHERE session_digest = %s AND ended_at IS NULL"  # noqa: S105 - SQL
# the sessions of one account, or of every account of its space: somebody signs in in several ways
_MINE = """
WITH mine AS (SELECT %s::uuid AS account_id), also AS (
  SELECT account_id FROM mine UNION
  SELECT b.account_id FROM mine JOIN account a USING (account_id) JOIN account b ON b.space_id = a.space_id)
UPDATE web_session SET ended_at = %s WHERE account_id IN (SELECT account_id FROM also)
"""
_END_ONE = _MINE + "AND public_id = %s AND ended_at IS NULL AND absolute_end > %s"
_END_OTHERS = _MINE + "AND public_id <> %s AND ended_at IS NULL AND absolute_end > %s"


class NewSession(msgspec.Struct, frozen=True, kw_only=True):
    """token: for the cookie and nowhere else."""

    token: str
    actor: Actor

    def __repr__(self) -> str:
        return "NewSession(<hidden>)"


class Login(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider proved, as far as a session needs it. step_up: this renews a session before a weighty act.

    agent: whose row it is, at the desk; account: already known (a way in of the person's own), else found or made by
    issuer and subject.
    """

    door: Door
    issuer: str
    subject: str
    id_token: str
    acr: str
    authenticated_at: datetime
    device: str
    step_up: bool = False
    agent: UUID | None = None
    account: UUID | None = None


async def sign_in(
    *, actor: Actor, login: Login, limits: SessionLimits, replaces: str | None, at: datetime
) -> NewSession:
    """Link the login, open a session, end the one behind the token `replaces`, leave the trace: all or nothing.

    actor: who this is; a person's identifier is set here (their account). Raises Refused (login linked elsewhere).
    """
    token, public_id = randomness.token_urlsafe(32), randomness.uuid4()
    async with work(space=actor.space, at=at) as w:
        account = login.account or await link_account(
            w, actor=actor, issuer=login.issuer, subject=login.subject, agent=login.agent
        )
        identifier = str(account) if actor.kind is ActorKind.PERSON else actor.identifier
        stepped_up = at + STEPPED_UP_FOR if login.step_up else None
        actor = msgspec.structs.replace(
            actor, identifier=identifier, session=str(public_id), stepped_up_until=stepped_up
        )
        if replaces is not None:
            await w.execute(_END_TOKEN, (at, digest_of(replaces)))
        plain = msgspec.json.encode(SealedSession(actor=actor, id_token=login.id_token))
        params = {
            "digest": digest_of(token),
            "account": account,
            "door": str(login.door),
            "sealed": current().house_key.seal(table="web_session", column="sealed", row=public_id, plaintext=plain),
            "at": at,
            "authenticated_at": login.authenticated_at,
            "absolute_end": at + limits.absolute,
            "device": login.device,
            "public_id": public_id,
        }
        await w.execute(_OPEN, params)
        details: dict[str, object] = {"door": str(login.door), "device": login.device, "acr": login.acr}
        if login.step_up:
            details["step_up"] = True
        ground = Ground.OWN_SPACE if actor.space else Ground.DUTY
        await record(w, Act.SIGN_IN, allow(ground), actor=actor, details=details)
    return NewSession(token=token, actor=actor)


async def refuse_sign_in(*, actor: Actor, door: Door, reason: Reason, why: str, at: datetime) -> None:
    """Note in the security journal that somebody with a genuine login was not let in. why: a code, no claim."""
    async with system_work(at=at) as w:
        await record(w, Act.SIGN_IN, refuse(reason), actor=actor, details={"door": str(door), "why": why})


async def sign_out(*, actor: Actor, session: WebSession, at: datetime) -> None:
    """End the session in use. Doing it twice changes nothing."""
    async with work(space=actor.space, at=at) as w:
        if await w.execute(_END_ONE, (session.account, at, session.public_id, at)):
            await record(w, Act.SIGN_OUT, allow(_ground(actor)), actor=actor)


async def end_session(*, actor: Actor, session: WebSession, public_id: UUID, at: datetime) -> None:
    """End one session of the same account as `session`. Raises NotFound when it is not theirs or already over."""
    async with work(space=actor.space, at=at) as w:
        if not await w.execute(_END_ONE, (session.account, at, public_id, at)):
            raise NotFound
        await record(w, Act.END_SESSION, allow(_ground(actor)), actor=actor, details={"sessions": 1})


async def end_other_sessions(*, actor: Actor, session: WebSession, at: datetime) -> int:
    """End every session of the account but `session`; return how many."""
    async with work(space=actor.space, at=at) as w:
        ended = await w.execute(_END_OTHERS, (session.account, at, session.public_id, at))
        await record(w, Act.END_SESSION, allow(_ground(actor)), actor=actor, details={"sessions": ended})
    return ended


def _ground(actor: Actor) -> Ground:
    return Ground.OWN_SPACE if actor.space else Ground.DUTY
