"""What SMART App Launch hands over: a launch (software → pages), a code (our page → software). Once, for a moment.

Both are 256 random bits of which the database keeps the digest; what they stand for is sealed. Taking one deletes it
before anything else is looked at: whoever brings it second, or to the wrong place, finds nothing.
Source: SMART App Launch 2.2 (EHR launch), RFC 6749 §4.1.2, RFC 9700 §2.1.
"""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from carnet.identity.data import Ins
from carnet.identity.sessions import digest_of
from carnet.infra import randomness
from carnet.infra.db import system_work
from carnet.infra.installation import current
from carnet.infra.vault import Unopenable
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, Reason, allow, refuse

LAUNCH_LIFE: Final = timedelta(minutes=5)
CODE_LIFE: Final = timedelta(seconds=60)
OWN_PAGES: Final = "carnet"

_KEEP = "INSERT INTO smart_ticket (ticket_digest, kind, sealed, expires_at) VALUES (%s, %s, %s, %s)"
_TAKE = "DELETE FROM smart_ticket WHERE ticket_digest = %s AND kind = %s RETURNING sealed, expires_at"


class Launch(msgspec.Struct, frozen=True, kw_only=True, tag="launch"):
    """Who asked for which pages about whom. app: a client id, or OWN_PAGES."""

    app: str
    rpps: str
    finess: str
    matricule: str
    oid: str

    @property
    def ins(self) -> Ins:
        """Whom it is about."""
        return Ins(matricule=self.matricule, oid=self.oid)

    def __repr__(self) -> str:
        return f"Launch(app={self.app!r})"


class Code(msgspec.Struct, frozen=True, kw_only=True, tag="code"):
    """What a code is exchanged for, and what must come with it. challenge: S256 of the verifier (RFC 7636).

    actor: the professional, acting for the patient the code is about.
    """

    client_id: str
    redirect_uri: str
    challenge: str
    actor: Actor


async def make_launch(*, actor: Actor, ins: Ins, app: str, at: datetime) -> str:
    """Return what opens `app` for this professional about `ins`, once, for five minutes. Nobody is looked up."""
    launch = Launch(
        app=app,
        rpps=actor.identifier,
        finess=actor.organisation or "",
        matricule=ins.matricule,
        oid=ins.oid,
    )
    return await _keep("launch", msgspec.json.encode(launch), actor, LAUNCH_LIFE, at, app=app)


async def take_launch(*, actor: Actor, launch: str, app: str, at: datetime) -> Launch | None:
    """Return what `launch` stands for when it was made for this professional and `app`, else None; it is spent."""
    plain = await _take("launch", launch, at)
    found = msgspec.json.decode(plain, type=Launch) if plain is not None else None
    mine = found is not None and (found.app, found.rpps, found.finess) == (app, actor.rpps, actor.organisation)
    if not mine:
        await _refused(actor, "launch", at)
    return found if mine else None


async def make_code(*, actor: Actor, code: Code, at: datetime) -> str:
    """Return a code for `code`, good for a minute."""
    return await _keep("code", msgspec.json.encode(code), actor, CODE_LIFE, at, app=code.client_id)


async def take_code(*, actor: Actor, code: str, at: datetime) -> Code | None:
    """Return what `code` stands for, whoever brings it, else None; it is spent. actor: the software that brings it."""
    plain = await _take("code", code, at)
    if plain is None:
        await _refused(actor, "code", at)
        return None
    return msgspec.json.decode(plain, type=Code)


async def _keep(kind: str, plain: bytes, actor: Actor, life: timedelta, at: datetime, *, app: str) -> str:
    ticket = randomness.token_urlsafe(32)
    digest = digest_of(ticket)
    sealed = current().house_key.seal(table="smart_ticket", column=kind, row=digest.hex(), plaintext=plain)
    async with system_work(at=at) as w:
        await w.execute(_KEEP, (digest, kind, sealed, at + life))
        await record(w, Act.ISSUE_TOKEN, allow(Ground.DUTY), actor=actor, details={"what": kind, "app": app})
    return ticket


async def _take(kind: str, ticket: str, at: datetime) -> bytes | None:
    digest = digest_of(ticket)
    async with system_work(at=at) as w:
        row = await w.row(_TAKE, (digest, kind))
    if row is None or row[1] <= at:
        return None
    try:
        return current().house_key.open(table="smart_ticket", column=kind, row=digest.hex(), sealed=bytes(row[0]))
    except Unopenable:
        return None


async def _refused(actor: Actor, kind: str, at: datetime) -> None:
    async with system_work(at=at) as w:
        decision = refuse(Reason.WEAK_AUTHENTICATION)
        await record(w, Act.ISSUE_TOKEN, decision, actor=actor, details={"why": f"{kind}-not-good"})
