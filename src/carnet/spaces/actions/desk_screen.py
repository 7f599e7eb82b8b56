"""An agent types the code somebody reads to them, and sees for a while on which page that person is.

Only in contact with that person, their identity checked: a code is tried against one sharing, never looked up. What is
seen is a position (`spaces.screens`), each one in the person's journal before it is shown. Opens no key of a space.
"""

import hmac
from datetime import datetime
from typing import Any
from uuid import UUID

from carnet.identity.api import is_screen_live
from carnet.infra.db import Work, work
from carnet.infra.installation import current
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, Reason, allow, refuse
from carnet.kernel.errors import Invalid, NotFound
from carnet.spaces.actions.desk_contact import Deed, note_deed
from carnet.spaces.holding import held_contact, see_contact
from carnet.spaces.rules.desk import NOT_OFFERED, SCREEN_CODE, SCREEN_TRIES, Script, offered
from carnet.spaces.screens import Position, SeenScreen, screen_code

# ## The sharing of a space that waits for its code, held: two agents with one code have one winner ##
_WAITING = """
SELECT share_id FROM screen_share WHERE space_id = %(space)s AND contact_id IS NULL AND ended_at IS NULL
  AND until > %(at)s AND misses < %(tries)s
ORDER BY began_at DESC LIMIT 1 FOR UPDATE
"""
_MISSED = "UPDATE screen_share SET misses = misses + 1 WHERE space_id = %s AND share_id = %s"
_JOIN = """
UPDATE screen_share SET contact_id = %(contact)s, agent = %(agent)s, joined_at = %(at)s
WHERE space_id = %(space)s AND share_id = %(share)s
"""
_SEEN = """
SELECT share_id, until, template, path, status, problems, told FROM screen_share
WHERE space_id = %(space)s AND contact_id = %(contact)s AND ended_at IS NULL AND until > %(at)s
ORDER BY began_at DESC LIMIT 1 FOR UPDATE
"""
_TOLD = "UPDATE screen_share SET told = %s WHERE space_id = %s AND share_id = %s"


async def join_screen(*, actor: Actor, contact: UUID, code: str, at: datetime) -> None:
    """Use the code somebody gave. Raises Invalid (one answer for a wrong code and for none), NotFound, Refused."""
    _, standing = await see_contact(actor=actor, contact=contact, at=at)
    if standing.space is None or Script.SCREEN not in offered(standing.state):
        raise Invalid(NOT_OFFERED)
    async with work(space=standing.space, at=at) as w:
        held = await held_contact(w, actor=actor, contact=contact, checked=True)
        share = await _share_of(w, code)
        if share is None:
            await record(w, Act.DESK_SCREEN, refuse(Reason.CODE_WRONG), actor=actor)
        else:
            joined = {"contact": contact, "agent": actor.name, "at": at, "space": w.space_id, "share": share}
            await w.execute(_JOIN, joined)
            await note_deed(w, held, actor=actor, deed=Deed(script=Script.SCREEN, name="screen", act=Act.DESK_SCREEN))
    if share is None:
        raise Invalid(SCREEN_CODE)


async def see_screen(*, actor: Actor, contact: UUID, at: datetime) -> SeenScreen:
    """Return where the person is, after writing it in their journal. Raises NotFound (stopped, over), Refused."""
    _, standing = await see_contact(actor=actor, contact=contact, at=at)
    if standing.space is None:
        raise NotFound
    async with work(space=standing.space, at=at) as w:
        await held_contact(w, actor=actor, contact=contact, checked=True)
        row = await w.row(_SEEN, {"space": w.space_id, "contact": contact, "at": at})
        if row is None or not await is_screen_live(w, screen=row[0]):
            raise NotFound
        return await _seen(w, row, actor=actor)


async def _share_of(w: Work, code: str) -> UUID | None:
    """Return the sharing this code opens; a wrong one is counted against the sharing that waits."""
    row = await w.row(_WAITING, {"space": w.space_id, "at": w.at, "tries": SCREEN_TRIES})
    if row is None:
        return None
    share: UUID = row[0]
    typed = "".join(code.split()).encode()
    if hmac.compare_digest(screen_code(current().house_key, share).encode(), typed):
        return share
    await w.execute(_MISSED, (w.space_id, share))
    return None


async def _seen(w: Work, row: tuple[Any, ...], *, actor: Actor) -> SeenScreen:
    share, until, template, path, status, problems, told = row
    if status is None:
        return SeenScreen(until=until, position=None)
    position = Position(template=template or "", path=path or "", status=status, problems=tuple(problems))
    where = position.path or "-"
    if where != told:
        await w.execute(_TOLD, (where, w.space_id, share))
        await record(w, Act.DESK_PAGE, allow(Ground.DUTY), actor=actor, details={"page": where})
    return SeenScreen(until=until, position=position)
