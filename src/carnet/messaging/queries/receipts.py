"""The read receipt a sender asked for, when the person opened their message. It quotes nothing."""

from datetime import datetime
from typing import Final
from uuid import UUID

from carnet.infra.db import work
from carnet.infra.installation import current
from carnet.kernel.ids import SpaceId
from carnet.messaging.data import Address, OutgoingLetter
from carnet.messaging.queries.sealed import open_letter
from carnet.messaging.rules.addresses import patient_address
from carnet.messaging.rules.composing import receipt
from carnet.spaces.api import keys_in, view_in

_OPENED: Final = """
SELECT letter_enc, read_at FROM message WHERE space_id = %(space)s AND message_id = %(message)s
  AND state = 'received' AND read_at IS NOT NULL AND letter_enc IS NOT NULL
"""


async def next_receipt(*, space: SpaceId, message: UUID, at: datetime) -> OutgoingLetter | None:
    """Return the receipt to hand over, None when there is none to send. Equal each time it is asked for."""
    async with work(space=space, at=at) as w:
        row = await w.row(_OPENED, {"space": space, "message": message})
        if row is None:
            return None
        view = await view_in(w)
        keys = await keys_in(w)
    letter = open_letter(row[0], message=message, keys=keys)
    domain = current().limits.mail.domain
    own = Address(patient_address(view.person.ins.matricule, domain=domain), view.person.display_name)
    raw = receipt(
        sender=own,
        to=letter.sender,
        subject=letter.subject,
        original=letter.message_id,
        message_id=f"<lu-{message.hex}@{domain}>",
        at=row[1],
    )
    return OutgoingLetter(
        sender="", recipient=letter.sender.address, destination=letter.sender.domain, tries=0, raw=raw
    )
