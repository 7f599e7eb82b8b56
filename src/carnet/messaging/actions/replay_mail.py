"""An operator has mail that was set aside tried again, once what stood in its way is mended, without reading it.

Mail for an address nobody read is taken in anew: if its space has opened meanwhile it arrives there, else it waits on.
Mail between professionals begins again where it stood: to be read, or to be handed on.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from carnet.infra.db import system_work, work
from carnet.infra.installation import current
from carnet.infra.jobs.outbox import publish
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow
from carnet.kernel.errors import NotFound
from carnet.kernel.ids import SpaceId
from carnet.messaging.actions.accept_mail import accept_mail
from carnet.messaging.data import GATEWAY, Address, Envelope
from carnet.messaging.events import ColleagueMailArrived, ColleagueMailLeaving, MailArrived
from carnet.messaging.queries.sealed_by_house import open_envelope

_ASIDE: Final = """
UPDATE incoming_mail SET state = 'waiting', reason = NULL, settled_at = NULL
WHERE space_id = %(space)s AND mail_id = %(mail)s AND state = 'quarantined'
"""
_UNCLAIMED: Final = "SELECT sealed FROM unclaimed_mail WHERE mail_id = %(mail)s AND state = 'waiting' FOR UPDATE"
_COLLEAGUES: Final = """
UPDATE colleague_mail SET state = CASE WHEN letter_enc IS NULL THEN 'waiting' ELSE 'leaving' END, reason = NULL,
  tries = 0, changed_at = %(at)s, destination = %(destination)s
WHERE mail_id = %(mail)s AND state = 'quarantined' RETURNING state
"""
_COLLEAGUE: Final = "SELECT sealed FROM colleague_mail WHERE mail_id = %(mail)s AND state = 'quarantined' FOR UPDATE"
_DONE: Final = """
UPDATE unclaimed_mail SET state = 'done', sealed = NULL, settled_at = %(at)s WHERE mail_id = %(mail)s
"""


async def replay_mail(*, actor: Actor, space: SpaceId | None, mail: UUID, at: datetime) -> None:
    """Have one piece of mail tried again. space: None for mail of an address nobody read, or between professionals.

    Raises NotFound.
    """
    if space is None and await _hand_on_again(actor, mail, at):
        return
    if space is None:
        await _take_in_anew(actor, mail, at)
        return
    async with work(space=space, at=at) as w:
        if not await w.execute(_ASIDE, {"space": space, "mail": mail}):
            raise NotFound
        await record(w, Act.REPLAY_MAIL, allow(Ground.DUTY), actor=actor)
        await publish(w, MailArrived(space=space, mail=mail))


async def _hand_on_again(actor: Actor, mail: UUID, at: datetime) -> bool:
    async with system_work(at=at) as w:
        row = await w.row(_COLLEAGUE, {"mail": mail})
        if row is None:
            return False
        destination = Address(open_envelope(row[0], mail=mail).recipient).domain
        again = await w.row(_COLLEAGUES, {"mail": mail, "at": at, "destination": destination})
        read = again is not None and again[0] == "leaving"
        await record(w, Act.REPLAY_MAIL, allow(Ground.DUTY), actor=actor)
        await publish(w, ColleagueMailLeaving(mail=mail) if read else ColleagueMailArrived(mail=mail))
        return True


async def _take_in_anew(actor: Actor, mail: UUID, at: datetime) -> None:
    async with system_work(at=at) as w:
        row = await w.row(_UNCLAIMED, {"mail": mail})
        if row is None:
            raise NotFound
        plain = current().house_key.open(table="unclaimed_mail", column="sealed", row=mail, sealed=bytes(row[0]))
        # taken in first: a crash in between keeps it twice, and the same message is stored once
        await accept_mail(actor=GATEWAY, envelope=msgspec.msgpack.decode(plain, type=Envelope), at=at)
        await w.execute(_DONE, {"mail": mail, "at": at})
        await record(w, Act.REPLAY_MAIL, allow(Ground.DUTY), actor=actor)
