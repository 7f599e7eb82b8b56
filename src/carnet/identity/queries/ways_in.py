"""By which ways is a space signed in to? For its owner: which provider, which device, when; no secret."""

from datetime import datetime
from typing import Any

import msgspec

from carnet.infra.db import rows_in_one_trip
from carnet.infra.db.message import Statement
from carnet.kernel.ids import SpaceId

# ## The logins at providers that open a space ##
_LOGINS = """
SELECT issuer, created_at, last_login_at FROM account WHERE space_id = %(space)s ORDER BY created_at, account_id
"""
# ## The sessions of a space that are still known, newest first ##
_SESSIONS = """
SELECT s.door, s.device, s.created_at, s.last_seen_at, s.ended_at FROM web_session s JOIN account a USING (account_id)
WHERE a.space_id = %(space)s ORDER BY s.created_at DESC, s.public_id LIMIT 1000
"""


class LoginLine(msgspec.Struct, frozen=True):
    """A login at a provider that opens the space."""

    issuer: str
    created_at: datetime
    last_login_at: datetime


class PastSession(msgspec.Struct, frozen=True):
    """A session, open or lately ended. device: its kind, as the browser says."""

    door: str
    device: str
    created_at: datetime
    last_seen_at: datetime
    ended_at: datetime | None


async def ways_in(*, space: SpaceId) -> tuple[list[LoginLine], list[PastSession]]:
    """Return the logins and the sessions of a space. Who may see them, the caller has decided."""
    asked: dict[str, Any] = {"space": space}
    logins, sessions = await rows_in_one_trip([Statement(_LOGINS, asked), Statement(_SESSIONS, asked)], space=None)
    return [LoginLine(*row) for row in logins], [PastSession(*row) for row in sessions]
