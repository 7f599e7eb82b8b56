"""A read receipt that could not be handed over now leaves later: for a day and a half, then it is given up.

Nobody waits for it as for a message: its loss is told to nobody.
"""

from datetime import datetime
from typing import Final

import msgspec

from carnet.infra.db import system_work
from carnet.infra.jobs.outbox import publish
from carnet.messaging.actions.destinations import pause
from carnet.messaging.events import ReceiptDue

MOST_TRIES: Final = 16


async def put_off_receipt(event: ReceiptDue, *, at: datetime) -> bool:
    """Have `event` heard again later; False when it was tried often enough."""
    tries = event.tries + 1
    if tries >= MOST_TRIES:
        return False
    async with system_work(at=at) as w:
        await publish(w, msgspec.structs.replace(event, tries=tries), not_before=at + pause(tries))
    return True
