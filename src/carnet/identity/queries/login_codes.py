"""What is the code of the moment of a sign-in under way for? Read without spending it."""

from datetime import datetime

import msgspec

from carnet.identity.own import CodeFor, SealedCode
from carnet.identity.sessions import digest_of
from carnet.infra.db import rows_in_one_trip
from carnet.infra.db.message import Statement
from carnet.infra.installation import current

# ## The code of a sign-in under way ##
_SEEN = "SELECT sealed FROM login_code WHERE attempt_digest = %(digest)s AND expires_at > %(at)s"


async def pending_code(*, attempt: str, at: datetime) -> CodeFor | None:
    """Return what the code of a sign-in under way is for; None when there is none, or it is over."""
    asked = {"digest": digest_of(attempt), "at": at}
    rows = (await rows_in_one_trip([Statement(_SEEN, asked)], space=None))[0]
    return open_code(attempt, bytes(rows[0][0])).purpose if rows else None


def open_code(attempt: str, sealed: bytes) -> SealedCode:
    """Open a row of `login_code`."""
    row = digest_of(attempt).hex()
    plain = current().house_key.open(table="login_code", column="sealed", row=row, sealed=sealed)
    return msgspec.json.decode(plain, type=SealedCode)
