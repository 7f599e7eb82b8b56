"""Somebody lets the desk know, for a quarter of an hour, which page they are on; and stops when they like.

The code they read aloud opens one sharing for one agent. Ignored here: what the desk does with it (`desk_screen`).
"""

from datetime import datetime
from typing import Any

from carnet.identity.api import WebSession, share_screen_of
from carnet.infra import randomness
from carnet.infra.db import work
from carnet.infra.db.work import Statement, rows_in_one_trip
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Ground, Reason, allow, refuse
from carnet.kernel.ids import SpaceId
from carnet.spaces.rules.desk import SCREEN_LASTS
from carnet.spaces.screens import Position

_BEGIN = """
INSERT INTO screen_share (space_id, share_id, began_at, until) VALUES (%(space)s, %(share)s, %(at)s, %(until)s)
"""
_STOP = "UPDATE screen_share SET ended_at = %(at)s WHERE space_id = %(space)s AND ended_at IS NULL AND until > %(at)s"
_POSITION = """
UPDATE screen_share SET template = nullif(%(template)s, ''), path = nullif(%(path)s, ''), status = %(status)s,
  problems = %(problems)s
WHERE space_id = %(space)s AND share_id = %(share)s AND ended_at IS NULL AND until > %(at)s
"""


async def begin_screen(*, actor: Actor, session: WebSession, at: datetime) -> None:
    """Begin to share, ending what was shared before. Raises Refused (not in one's own space)."""
    space = _own(actor)
    share, until = randomness.uuid4(), at + SCREEN_LASTS
    async with work(space=space, at=at) as w:
        await w.execute(_STOP, {"space": space, "at": at})
        await w.execute(_BEGIN, {"space": space, "share": share, "at": at, "until": until})
        await share_screen_of(w, session=session, screen=share, until=until)
        await record(w, Act.SHARE_SCREEN, allow(Ground.OWN_SPACE), actor=actor)


async def stop_screen(*, actor: Actor, session: WebSession, at: datetime) -> None:
    """Stop sharing at once. actor: the session's holder, wherever they are. Doing it twice changes nothing."""
    space = _own(actor)
    async with work(space=space, at=at) as w:
        if await w.execute(_STOP, {"space": space, "at": at}):
            await record(w, Act.STOP_SCREEN, allow(Ground.OWN_SPACE), actor=actor)
        await share_screen_of(w, session=session, screen=None, until=None)


async def note_position(*, actor: Actor, session: WebSession, position: Position, at: datetime) -> None:
    """Write down where the session's holder is now; nothing when they stopped sharing meanwhile."""
    space, share = actor.space, session.screen
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


def _own(actor: Actor) -> SpaceId:
    """Return the space of a person in their own. Raises Refused."""
    if actor.kind is not ActorKind.PERSON or actor.space is None:
        refuse(Reason.OTHER_SPACE).raise_if_refused()
        raise AssertionError
    return actor.space
