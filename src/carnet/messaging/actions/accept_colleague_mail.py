"""Mail from a professional to another one about a patient: sealed and durable before anybody says 250.

The patient is looked for nowhere: who they are is a header, and whether there is such a person, with an open space or a
closed one, changes neither the answer nor the time it takes. Nothing is parsed here (decision 0174).
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from carnet.identity.api import Ins
from carnet.infra import randomness
from carnet.infra.db import rows_in_one_trip
from carnet.infra.db.work import Statement
from carnet.infra.installation import current
from carnet.infra.jobs.outbox import deferral
from carnet.messaging.data import Envelope
from carnet.messaging.events import ColleagueMailArrived
from carnet.messaging.queries.sealed_by_house import mailbox_digest, seal_envelope
from carnet.spaces.api import person_digest

_KEEP: Final = """
INSERT INTO colleague_mail (mail_id, addressee, about, received_at, peer, sender_domain, destination, size, changed_at,
  sealed)
VALUES (%(mail)s, %(addressee)s, %(about)s::bytea[], %(at)s, %(peer)s, %(sender)s, %(destination)s, %(size)s, %(at)s,
  %(sealed)s)
"""


async def accept_colleague_mail(*, envelope: Envelope, at: datetime) -> UUID:
    """Keep one addressee's copy; return its id once it is durable. `envelope.about` names the patient.

    Raises Unavailable: nothing is kept, the peer tries again.
    """
    mail = randomness.uuid7()
    recipient = envelope.recipient.lower()
    behind = [Ins(envelope.about, oid) for oid in sorted(current().limits.accepted_ins_oids)]
    row = {
        "mail": mail,
        "addressee": mailbox_digest(recipient),
        "about": [person_digest(one) for one in behind],
        "at": at,
        "peer": envelope.peer,
        "sender": envelope.sender.rpartition("@")[2],
        "destination": recipient.rpartition("@")[2],
        "size": len(envelope.raw),
        "sealed": seal_envelope(envelope, mail=mail),
    }
    told = Statement(*deferral(ColleagueMailArrived(mail=mail)))
    await rows_in_one_trip([Statement(_KEEP, row), told], space=None)
    return mail
