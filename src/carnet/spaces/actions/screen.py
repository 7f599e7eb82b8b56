"""Somebody lets the desk know, for a quarter of an hour, which page they are on; and stops when they like.

The code they read aloud opens one sharing for one agent. Ignored here: what the desk does with it (`desk_screen`).
"""

from datetime import datetime
from typing import Any

from carnet.identity.api import SignedIn, share_screen_of
from carnet.infra import randomness
from carnet.infra.db import Work, work
from carnet.infra.db.work import Statement, rows_in_one_trip
from carnet.infra.installation import current
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Ground, Reason, allow, refuse
from carnet.kernel.ids import SpaceId
from carnet.spaces.rules.desk import SCREEN_LASTS, SCREEN_TRIES
from carnet.spaces.screens import Position, Screen, screen_code

_BEGIN = """
INSERT INTO screen_share (space_id, share_id, began_at, until) VALUES (%(space)s, %(share)s, %(at)s, %(until)s)
"""
_STOP = "UPDATE screen_share SET ended_at = %(at)s WHERE space_id = %(space)s AND ended_at IS NULL AND until > %(at)s"
# ## What one session shares ##
_MINE = """
SELECT until, contact_id IS NULL AND misses < %(tries)s, agent FROM screen_share
WHERE space_id = %(space)s AND share_id = %(share)s AND ended_at IS NULL AND until > %(at)s
"""
_POSITION = """
UPDATE screen_share SET template = nullif(%(template)s, ''), path = nullif(%(path)s, ''), status = %(status)s,
  problems = %(problems)s
WHERE space_id = %(space)s AND share_id = %(share)s AND ended_at IS NULL AND until > %(at)s
"""


async def begin_screen(*, signed_in: SignedIn, at: datetime) -> None:
    """Begin to share, ending what was shared before. Raises Refused (not in one's own space)."""
    actor, session = signed_in.actor, signed_in.session
    space = _own(actor)
    share, until = randomness.uuid4(), at + SCREEN_LASTS
    async with work(space=space, at=at) as w:
        await w.execute(_STOP, {"space": space, "at": at})
        await w.execute(_BEGIN, {"space": space, "share": share, "at": at, "until": until})
        await share_screen_of(w, session=session, screen=share, until=until)
        await record(w, Act.SHARE_SCREEN, allow(Ground.OWN_SPACE), actor=actor)


async def stop_screen(*, signed_in: SignedIn, at: datetime) -> None:
    """Stop sharing at once, from wherever the session is. Doing it twice changes nothing."""
    holder, session = signed_in.session.holder, signed_in.session
    space = _own(holder)
    async with work(space=space, at=at) as w:
        await _stop(w, signed_in)
        await share_screen_of(w, session=session, screen=None, until=None)


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


async def note_position(*, signed_in: SignedIn, position: Position, at: datetime) -> None:
    """Write down where the person is now; nothing when they stopped sharing meanwhile."""
    space, share = signed_in.session.holder.space, signed_in.session.screen
    if space is None or share is None:
        return
    where: dict[str, Any] = {
        "template": position.template,
        "path": position.path,
        "status": position.status,
        "problems": list(position.problems),
    }
    params = where | {"space": space, "share": share, "at": at}
    await rows_in_one_trip([Statement(_POSITION, params)], space=space)


async def _stop(w: Work, signed_in: SignedIn) -> None:
    if await w.execute(_STOP, {"space": w.space_id, "at": w.at}):
        await record(w, Act.STOP_SCREEN, allow(Ground.OWN_SPACE), actor=signed_in.session.holder)


def _own(actor: Actor) -> SpaceId:
    """Return the space of a person in their own. Raises Refused."""
    if actor.kind is not ActorKind.PERSON or actor.space is None:
        refuse(Reason.OTHER_SPACE).raise_if_refused()
        raise AssertionError
    return actor.space
