"""The person makes a one-time code for a consultation: shown to the professional as digits, or as a QR to read.

Few digits, few tries, few minutes; only a digest under the space's key is kept, and a new code ends the one before.
"""

from datetime import datetime, timedelta

import msgspec

from carnet.access.actions.change_list import AccessList
from carnet.access.actions.consent import PURPOSE
from carnet.access.data import Need
from carnet.infra import randomness
from carnet.infra.db import work
from carnet.infra.installation import current
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.ids import SpaceId, routable

QR_HEAD = "carnet-consent:1"
_END_OTHERS = """
UPDATE consent_code SET expires_at = %(at)s WHERE space_id = %(space)s AND used_at IS NULL AND expires_at > %(at)s
"""
_KEEP = """
INSERT INTO consent_code (space_id, code_id, digest, made_at, expires_at)
VALUES (%(space)s, %(id)s, %(digest)s, %(at)s, %(expires_at)s)
"""


class ConsentCode(msgspec.Struct, frozen=True, kw_only=True):
    """A code shown once. digits: 6 to 8 of them; qr: `carnet-consent:1:<handle>:<digits>`, no identity in it."""

    digits: str
    qr: str
    expires_at: datetime

    def __repr__(self) -> str:
        return f"ConsentCode(expires_at={self.expires_at})"


async def make_consent_code(*, actor: Actor, space: SpaceId, at: datetime) -> ConsentCode:
    """Return a new one-time code. Raises Refused when it is not the person who asks."""
    limits = current().limits.access
    async with work(space=space, at=at) as w:
        seen, decision = await AccessList(w, actor=actor).weigh(Need.OWN_RULES)
        await record(w, Act.MAKE_CONSENT_CODE, decision, actor=actor)
        digits, code_id = _digits(limits.code_digits), randomness.uuid4()
        expires_at = at + timedelta(minutes=limits.code_minutes)
        if decision.allowed:
            await w.execute(_END_OTHERS, {"at": at, "space": space})
            digest = seen.opened_keys.digest(digits.encode(), purpose=PURPOSE)
            kept = {"space": space, "id": code_id, "digest": digest, "at": at, "expires_at": expires_at}
            await w.execute(_KEEP, kept)
    decision.raise_if_refused()
    return ConsentCode(digits=digits, qr=f"{QR_HEAD}:{routable(space, code_id)}:{digits}", expires_at=expires_at)


def _digits(length: int) -> str:
    """Of 128 random bits the remainder is as good as uniform."""
    return f"{int.from_bytes(randomness.token_bytes(16)) % 10**length:0{length}d}"
