"""What mail waits for an operator, and why? Never what it says, nor whom it is for."""

from datetime import datetime
from typing import Final

from carnet.infra.db import Database, work
from carnet.messaging.data import QuarantinedMail

# ## Everything set aside, oldest first; and mail for addresses nobody reads ##
_ASIDE: Final = """
SELECT space_id, mail_id, received_at, peer, sender_domain, size, reason FROM incoming_mail
WHERE state = 'quarantined' ORDER BY received_at LIMIT %(limit)s
"""
_COLLEAGUES: Final = """
SELECT NULL::uuid, mail_id, received_at, peer, sender_domain, size, reason FROM colleague_mail
WHERE state = 'quarantined' ORDER BY received_at LIMIT %(limit)s
"""
_UNCLAIMED: Final = """
SELECT NULL::uuid, mail_id, received_at, peer, sender_domain, size, 'unclaimed' FROM unclaimed_mail
WHERE state = 'waiting' ORDER BY received_at LIMIT %(limit)s
"""


async def quarantined(*, batch: Database, at: datetime, limit: int = 500) -> tuple[QuarantinedMail, ...]:
    """Return what waits for an operator. batch: the database as carnet_batch."""
    async with work(space=None, at=at, database_=batch) as w:
        asked = (_ASIDE, _COLLEAGUES, _UNCLAIMED)
        rows = [row for one in asked for row in await w.rows(one, {"limit": limit})]
    return tuple(
        QuarantinedMail(
            space=space,
            mail=mail,
            received_at=received_at,
            peer=peer,
            sender_domain=domain,
            size=size,
            reason=reason or "",
        )
        for space, mail, received_at, peer, domain, size, reason in rows
    )
