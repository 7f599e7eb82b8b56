"""A person adds a way of signing in of their own, uses it, or takes it away. Each leaves a trace in their journal.

The first one of a space works at once: its person just proved who they are as strongly as to open it. Another
one, added with one of those already there, too. Added with another proof it waits (`own.RECOVERY`): who lost their key
is back in three days, and who stole a letter and a card meets somebody warned. Source: mes.md §2.2 A4, A5.
"""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec
import psycopg

from carnet.identity.actions.accounts import link_account
from carnet.identity.events import CredentialAdded
from carnet.identity.own import (
    ISSUER,
    RECOVERY,
    Kind,
    NewPassword,
    SealedPasskey,
    SealedPassword,
)
from carnet.identity.passkeys import NewPasskey
from carnet.identity.queries.credentials import (
    KnownPasskey,
    credential_digest,
    login_digest,
    open_password,
    seal_destination,
)
from carnet.infra import randomness
from carnet.infra.db import Work, work
from carnet.infra.installation import current
from carnet.infra.jobs.outbox import publish
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, Reason, allow, refuse
from carnet.kernel.errors import Conflict, NotFound, Problem
from carnet.kernel.ids import SpaceId

LOGIN_TAKEN = Problem(
    code="login-taken",
    fr="Cet identifiant est déjà pris : choisissez-en un autre.",
    en="This login is already taken: choose another one.",
    path="identifiant",
)
MOST_FAILURES = 5
BLOCKED_FOR = timedelta(minutes=15)
_MOST_FORMER = 10

_OTHERS = """
SELECT count(*) FROM account a WHERE a.space_id = %(space)s
  AND (EXISTS (SELECT FROM passkey p WHERE p.account_id = a.account_id AND coalesce(p.ended_at > %(lately)s, true))
    OR EXISTS (SELECT FROM own_password p
               WHERE p.account_id = a.account_id AND coalesce(p.ended_at > %(lately)s, true)))
"""
_HOLD = "SELECT 1 FROM authz WHERE space_id = %s FOR UPDATE"
_PASSKEY = """
INSERT INTO passkey (credential_digest, public_id, account_id, sealed, signatures, created_at, usable_from)
VALUES (%(digest)s, %(public_id)s, %(account)s, %(sealed)s, %(signatures)s, %(at)s, %(usable_from)s)
"""
_FORMER = "SELECT sealed, login_digest FROM own_password WHERE account_id = %s FOR UPDATE"
# ## Passwords a space has, or had lately ##
_LATELY = """
SELECT p.sealed, p.login_digest FROM own_password p JOIN account a USING (account_id)
WHERE a.space_id = %(space)s AND coalesce(p.ended_at > %(lately)s, true)
"""
_KEEP = """
INSERT INTO own_password (account_id, login_digest, public_id, sealed, created_at, usable_from)
VALUES (%(account)s, %(digest)s, %(public_id)s, %(sealed)s, %(at)s, %(usable_from)s)
ON CONFLICT (account_id) DO UPDATE SET login_digest = excluded.login_digest, sealed = excluded.sealed,
  created_at = excluded.created_at, usable_from = excluded.usable_from, failures = 0, blocked_until = NULL,
  ended_at = NULL
"""
_USED = """
UPDATE passkey SET signatures = %(signatures)s, last_used_at = %(at)s
WHERE credential_digest = %(digest)s AND signatures = %(before)s
"""
_WRONG = """
UPDATE own_password SET failures = CASE WHEN failures + 1 >= %(most)s THEN 0 ELSE failures + 1 END,
  blocked_until = CASE WHEN failures + 1 >= %(most)s THEN %(until)s ELSE blocked_until END
WHERE account_id = %(account)s
"""
_RIGHT = "UPDATE own_password SET failures = 0, blocked_until = NULL, last_used_at = %s WHERE account_id = %s"
_DROP = (
    (
        "UPDATE passkey p SET ended_at = %s FROM account a "
        "WHERE a.account_id = p.account_id AND p.ended_at IS NULL AND a.space_id = %s AND p.public_id = %s"
    ),
    (
        "UPDATE own_password p SET ended_at = %s FROM account a "
        "WHERE a.account_id = p.account_id AND p.ended_at IS NULL AND a.space_id = %s AND p.public_id = %s"
    ),
)


class Added(msgspec.Struct, frozen=True, kw_only=True):
    """A way in that was added. usable_from: when it works; before: where codes of passwords went until now."""

    account: UUID
    usable_from: datetime
    before: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        return "Added(<hidden>)"


async def add_passkey(
    *, actor: Actor, passkey: NewPasskey, label: str, account: UUID | None, known: bool, at: datetime
) -> Added:
    """Keep a passkey. account: the one signed in, None to begin one; known: whether this session began with one of the
    ways already there. Raises Conflict when the key is already somebody's.
    """
    async with work(space=actor.space, at=at) as w:
        return await add_passkey_in(w, actor=actor, passkey=passkey, label=label, account=account, known=known)


async def add_passkey_in(
    w: Work, *, actor: Actor, passkey: NewPasskey, label: str, account: UUID | None, known: bool
) -> Added:
    """Do the same in an open transaction, which is over after it raised."""
    digest = credential_digest(passkey.credential)
    kept = SealedPasskey(credential=passkey.credential, public_key=passkey.public_key, label=label[:60])
    added = await _begin(w, actor=actor, account=account, known=known)
    row = {
        "digest": digest,
        "public_id": randomness.uuid4(),
        "account": added.account,
        "sealed": _seal("passkey", digest, msgspec.json.encode(kept)),
        "signatures": passkey.signatures,
        "at": w.at,
        "usable_from": added.usable_from,
    }
    try:
        await w.execute(_PASSKEY, row)
    except psycopg.errors.UniqueViolation as error:
        raise Conflict(LOGIN_TAKEN) from error
    await _note(w, Act.ADD_CREDENTIAL, actor, Kind.PASSKEY, added)
    return added


async def set_password(*, actor: Actor, new: NewPassword, account: UUID | None, known: bool, at: datetime) -> Added:
    """Keep a login and password, in the place of those there were. Raises Conflict (login taken)."""
    async with work(space=actor.space, at=at) as w:
        return await set_password_in(w, actor=actor, new=new, account=account, known=known)


async def set_password_in(w: Work, *, actor: Actor, new: NewPassword, account: UUID | None, known: bool) -> Added:
    """Do the same in an open transaction, which is over after it raised."""
    added = await _begin(w, actor=actor, account=account, known=known)
    digest = login_digest(new.login)
    before = await w.row(_FORMER, (added.account,))
    old = open_password(bytes(before[0]), bytes(before[1])) if before else None
    former = (old.hashed, *old.former)[:_MOST_FORMER] if old else ()
    kept = SealedPassword(login=new.login, hashed=new.hashed, former=former, channel=new.channel, to=new.to)
    row = {
        "account": added.account,
        "digest": digest,
        "public_id": randomness.uuid4(),
        "sealed": _seal("own_password", digest, msgspec.json.encode(kept)),
        "at": w.at,
        "usable_from": added.usable_from,
    }
    try:
        await w.execute(_KEEP, row)
    except psycopg.errors.UniqueViolation as error:
        raise Conflict(LOGIN_TAKEN) from error
    await _note(w, Act.ADD_CREDENTIAL, actor, Kind.PASSWORD, added)
    return added


async def use_passkey(*, actor: Actor, key: KnownPasskey, signatures: int, at: datetime) -> bool:
    """Note a signature; False when another one with the same counter was first (a replay, a copy)."""
    async with work(space=actor.space, at=at) as w:
        used = {"signatures": signatures, "at": at, "digest": key.digest, "before": key.signatures}
        done = bool(await w.execute(_USED, used))
        if not done:
            await record(w, Act.SIGN_IN, refuse(Reason.CODE_WRONG), actor=actor, details={"why": "passkey-counter"})
    return done


async def note_password(*, actor: Actor, account: UUID, right: bool, at: datetime) -> None:
    """Count a wrong password (five in a row: a quarter of an hour), or forget those before a right one."""
    async with work(space=actor.space, at=at) as w:
        if right:
            await w.execute(_RIGHT, (at, account))
        else:
            await count_try(w, actor=actor, account=account)
            await record(w, Act.SIGN_IN, refuse(Reason.CODE_WRONG), actor=actor, details={"why": "password"})


async def count_try(w: Work, *, actor: Actor, account: UUID) -> None:
    """Count a wrong password, or a right one whose code has not come back; a code that comes back forgets them.

    actor: who tried; the act this is a step of leaves the trace.
    """
    del actor
    await w.execute(_WRONG, {"most": MOST_FAILURES, "until": w.at + BLOCKED_FOR, "account": account})


async def drop_credential(*, actor: Actor, public_id: UUID, at: datetime) -> None:
    """Take a way in away; for a while it still counts as one that was there. Raises NotFound (none of theirs)."""
    async with work(space=actor.space, at=at) as w:
        if not sum([await w.execute(one, (at, actor.space, public_id)) for one in _DROP]):
            raise NotFound
        await record(w, Act.DROP_CREDENTIAL, allow(Ground.OWN_SPACE), actor=actor)


async def _begin(w: Work, *, actor: Actor, account: UUID | None, known: bool) -> Added:
    """Return the account and from when the new way works; two at once wait for one another."""
    space: SpaceId = w.space_id
    await w.execute(_HOLD, (space,))
    row = await w.row(_OTHERS, {"space": space, "lately": w.at - RECOVERY})
    waits = row is not None and row[0] > 0 and not known
    begun = account or await link_account(w, actor=actor, issuer=ISSUER, subject=str(randomness.uuid4()))
    kept = await w.rows(_LATELY, {"space": space, "lately": w.at - RECOVERY})
    before = frozenset(open_password(bytes(sealed), bytes(digest)).to for sealed, digest in kept)
    return Added(account=begun, usable_from=w.at + RECOVERY if waits else w.at, before=before)


async def _note(w: Work, act: Act, actor: Actor, kind: Kind, added: Added) -> None:
    waits, about = added.usable_from > w.at, randomness.uuid4().hex
    await record(w, act, allow(Ground.OWN_SPACE), actor=actor, details={"kind": str(kind), "waits": waits})
    for to in (b"", *(seal_destination(about, to) for to in sorted(added.before))):  # each tried again by itself
        await publish(w, CredentialAdded(space=w.space_id, waits=waits, about=about, to=to))


def _seal(table: str, digest: bytes, plain: bytes) -> bytes:
    return current().house_key.seal(table=table, column="sealed", row=digest.hex(), plaintext=plain)
