"""The code of the moment beside a password: made, sent again after half a minute at the soonest, spent once.

Source: mes.md §2.2 A4 (code by SMS or e-mail at sign-in, 30 seconds between two sendings).
"""

import hmac
from datetime import datetime, timedelta

import msgspec

from carnet.identity.actions.credentials import count_try
from carnet.identity.own import CodeFor, SealedCode
from carnet.identity.queries.login_codes import open_code
from carnet.identity.queries.patience import count_failure
from carnet.identity.sessions import digest_of
from carnet.infra import randomness
from carnet.infra.db import Work, system_work
from carnet.infra.installation import current
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, Reason, allow, refuse
from carnet.kernel.errors import Invalid, Problem

LIFE = timedelta(minutes=10)
BETWEEN = timedelta(seconds=30)
MOST_TRIES = 5
WINDOW = timedelta(hours=1)
MOST_TO_ONE = 10
"""Codes for a new password sent to one number or address in an hour, whoever asks."""
MOST_BY_ONE = 10
"""Codes for a new password one person has sent in an hour, wherever to."""
DIGITS = 6
TOO_SOON = Problem(
    code="code-too-soon",
    fr="Un code vient de partir. Attendez une demi-minute avant d'en demander un autre.",
    en="A code has just been sent. Please wait half a minute before asking for another.",
    path="code",
)
WRONG = Problem(
    code="code-wrong",
    fr="Ce code n'est pas le bon, ou il est trop ancien. Recommencez la connexion pour en recevoir un autre.",
    en="This is not the code, or it is too old. Start signing in again to get another one.",
    path="code",
)
TOO_MANY_CODES = Problem(
    code="codes-too-many",
    fr="Trop de codes sont partis. Attendez une heure, puis recommencez.",
    en="Too many codes were sent. Please wait an hour, then start again.",
    path="adresse",
)
_KEEP = """
INSERT INTO login_code AS c (attempt_digest, sealed, sent_at, expires_at) VALUES (%s, %s, %s, %s)
ON CONFLICT (attempt_digest) DO UPDATE SET sealed = excluded.sealed, sent_at = excluded.sent_at
"""
_HELD = "SELECT sealed, sent_at, expires_at, tries FROM login_code WHERE attempt_digest = %s FOR UPDATE"
_TRIED = "UPDATE login_code SET tries = tries + 1 WHERE attempt_digest = %s"
_SPENT = "DELETE FROM login_code WHERE attempt_digest = %s"


async def make_code_of_the_moment(*, actor: Actor, attempt: str, purpose: CodeFor, at: datetime) -> str:
    """Return a new code for a sign-in under way (`attempt`: its secret), to be sent; the one before is void.

    Raises Invalid: too soon after the last, or too many for a new password (somebody has messages sent to strangers).
    """
    code = f"{int.from_bytes(randomness.token_bytes(8)) % 10**DIGITS:0{DIGITS}d}"
    kept = SealedCode(code=code, purpose=purpose)
    async with system_work(at=at) as w:
        held = await w.row(_HELD, (digest_of(attempt),))
        if held is not None and held[1] > at - BETWEEN:
            raise Invalid(TOO_SOON)
        if purpose.account is None:
            await _count_sending(w, purpose)
        await w.execute(_KEEP, (digest_of(attempt), _seal(attempt, kept), at, at + LIFE))
        if purpose.account is not None:  # who knows the password does not get a new code for every five guesses
            await count_try(w, actor=actor, account=purpose.account)
        await record(w, Act.SEND_LOGIN_CODE, allow(Ground.DUTY), actor=actor, details={"channel": str(purpose.channel)})
    return code


async def spend_code_of_the_moment(*, actor: Actor, attempt: str, code: str, at: datetime) -> CodeFor:
    """Return what a right code was for, and forget it. Raises Invalid; five wrong ones end the attempt."""
    purpose: CodeFor | None = None
    async with system_work(at=at) as w:
        digest = digest_of(attempt)
        held = await w.row(_HELD, (digest,))
        if held is not None and held[2] > at and held[3] < MOST_TRIES:
            kept = open_code(attempt, bytes(held[0]))
            if hmac.compare_digest(kept.code, "".join(code.split())[:DIGITS].encode("ascii", "replace").decode()):
                purpose = kept.purpose
        await w.execute(_SPENT if purpose else _TRIED, (digest,))
        decision = allow(Ground.OWN_SPACE) if purpose else refuse(Reason.CODE_WRONG)
        await record(w, Act.SEND_LOGIN_CODE, decision, actor=actor, details={"spent": purpose is not None})
    if purpose is None:
        raise Invalid(WRONG)
    return purpose


async def _count_sending(w: Work, purpose: CodeFor) -> None:
    """Count one more code to a place its person has not shown to be theirs. Raises Invalid; nothing is counted then."""
    house = current().house_key
    counted = [(house.digest(purpose.to.casefold(), purpose="code-destination"), MOST_TO_ONE)]
    if purpose.asker:
        counted.append((house.digest(purpose.asker, purpose="code-asker"), MOST_BY_ONE))
    for source, most in sorted(counted):
        if await count_failure(w, source, within=WINDOW) > most:
            raise Invalid(TOO_MANY_CODES)


def _seal(attempt: str, kept: SealedCode) -> bytes:
    row = digest_of(attempt).hex()
    plain = msgspec.json.encode(kept)
    return current().house_key.seal(table="login_code", column="sealed", row=row, plaintext=plain)
