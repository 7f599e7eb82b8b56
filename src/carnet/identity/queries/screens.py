"""A session says that its person lets the desk know which page they are on, and until when.

A step of an act of `spaces`, in its transaction: what is shared, and to whom, is not known here.
"""

from datetime import datetime
from uuid import UUID

from carnet.identity.sessions import WebSession
from carnet.infra.db import Work

_SHARE = """
UPDATE web_session SET screen_id = %(screen)s, screen_until = %(until)s
WHERE public_id = %(session)s AND account_id = %(account)s AND ended_at IS NULL
"""
_LIVE = "SELECT EXISTS (SELECT FROM web_session WHERE screen_id = %s AND ended_at IS NULL AND absolute_end > %s)"


async def share_screen_of(w: Work, *, session: WebSession, screen: UUID | None, until: datetime | None) -> None:
    """Note under which id a session shares, None when it stops."""
    params = {"screen": screen, "until": until, "session": session.public_id, "account": session.account}
    await w.execute(_SHARE, params)


async def is_screen_live(w: Work, *, screen: UUID) -> bool:
    """Tell whether the session that shares under this id is still open: signing out stops sharing."""
    row = await w.row(_LIVE, (screen, w.at))
    return row is not None and bool(row[0])
