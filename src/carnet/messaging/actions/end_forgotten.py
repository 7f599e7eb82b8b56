"""Mail between professionals about somebody erased, set aside: it waits for no operator, as nobody may read it again.

What could never be read goes back to its sender as "not delivered", then goes; what its sender could not be told of
either goes at once. The trace stays. Erased is erased, and no doctor is left believing that a letter arrived.
"""

from datetime import datetime
from typing import Final

from carnet.infra.db import system_work
from carnet.infra.jobs.outbox import publish
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow
from carnet.messaging.events import ColleagueMailLeaving

UNREAD: Final = "unread"
_TELL: Final = """
UPDATE colleague_mail SET state = 'refused', reason = %(unread)s, changed_at = %(at)s, tries = 0,
  destination = sender_domain
WHERE state = 'quarantined' AND forget AND letter_enc IS NULL AND sender_domain <> %(nobody)s RETURNING mail_id
"""
_DROP: Final = "DELETE FROM colleague_mail WHERE state = 'quarantined' AND forget"


async def end_forgotten(*, actor: Actor, at: datetime) -> int:
    """End what waits about people who were erased; return how many letters. Raises Unavailable."""
    async with system_work(at=at) as w:
        told = [row[0] for row in await w.rows(_TELL, {"unread": UNREAD, "nobody": "", "at": at})]
        for mail in told:
            await publish(w, ColleagueMailLeaving(mail=mail))
        gone = await w.execute(_DROP)
        for _ in range(len(told) + gone):
            await record(w, Act.DROP_MAIL, allow(Ground.DUTY), actor=actor, details={"colleague": True})
    return len(told) + gone
