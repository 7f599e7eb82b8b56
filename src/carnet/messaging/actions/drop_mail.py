"""An operator gives up mail that was set aside and that nobody will ever read: hostile, or broken for good.

Its bytes go, the trace stays: in the person's journal when the mail was theirs. Nothing of it was ever shown.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from carnet.infra.db import system_work, work
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow
from carnet.kernel.errors import NotFound
from carnet.kernel.ids import SpaceId

_ASIDE: Final = """
UPDATE incoming_mail SET state = 'done', sealed = NULL, settled_at = %(at)s, reason = 'dropped'
WHERE space_id = %(space)s AND mail_id = %(mail)s AND state = 'quarantined'
"""
_UNCLAIMED: Final = """
UPDATE unclaimed_mail SET state = 'done', sealed = NULL, settled_at = %(at)s
WHERE mail_id = %(mail)s AND state = 'waiting'
"""

_COLLEAGUES: Final = """
UPDATE colleague_mail SET state = 'done', sealed = NULL, letter_enc = NULL, once = NULL, changed_at = %(at)s,
  reason = 'dropped'
WHERE mail_id = %(mail)s AND state = 'quarantined'
"""


async def drop_mail(*, actor: Actor, space: SpaceId | None, mail: UUID, at: datetime) -> None:
    """Give one piece of mail up. space: None for mail of an address nobody read, or between professionals.

    Raises NotFound.
    """
    params = {"space": space, "mail": mail, "at": at}
    async with system_work(at=at) if space is None else work(space=space, at=at) as w:
        ways = (_UNCLAIMED, _COLLEAGUES) if space is None else (_ASIDE,)
        if not sum([await w.execute(one, params) for one in ways]):
            raise NotFound
        await record(w, Act.DROP_MAIL, allow(Ground.DUTY), actor=actor)
