"""What a session shares of where it is, for its person. Ignored here: what an agent sees (`desk_screen`)."""

from datetime import datetime

from carnet.identity.api import SignedIn
from carnet.infra.db.work import Statement, rows_in_one_trip
from carnet.infra.installation import current
from carnet.spaces.rules.desk import SCREEN_TRIES
from carnet.spaces.screens import Screen, screen_code

# ## What one session shares ##
_MINE = """
SELECT until, contact_id IS NULL AND misses < %(tries)s, agent FROM screen_share
WHERE space_id = %(space)s AND share_id = %(share)s AND ended_at IS NULL AND until > %(at)s
"""


async def screen_of(*, signed_in: SignedIn, at: datetime) -> Screen | None:
    """Return what this session shares, None when nothing."""
    space, share = signed_in.session.holder.space, signed_in.session.screen
    if space is None or share is None or not signed_in.session.shares_screen(at=at):
        return None
    params = {"space": space, "share": share, "at": at, "tries": SCREEN_TRIES}
    rows = (await rows_in_one_trip([Statement(_MINE, params)], space=space))[0]
    if not rows:
        return None
    until, waiting, agent = rows[0]
    return Screen(until=until, code=screen_code(current().house_key, share) if waiting else None, agent=agent)
