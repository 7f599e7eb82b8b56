"""Mail arrives for one recipient: sealed and durable before anybody says 250, whoever lives behind the address.

An address nobody reads (no such space, not open, never existed) gives the same answer after the same time: its mail
is sealed with the key of the house and waits for the operator, thirty days (threats T29), or until its space is erased:
it is found by the digest of the number. Nothing is parsed here.
"""

import time
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from carnet.access.api import OPEN_STATES, look
from carnet.identity.api import Ins
from carnet.infra import randomness
from carnet.infra.db import rows_in_one_trip
from carnet.infra.db.work import Statement, rows_of_one
from carnet.infra.installation import current
from carnet.infra.jobs.outbox import deferral
from carnet.infra.vault import SpaceKeys
from carnet.infra.web.even_time import answer_evenly
from carnet.kernel.actors import Actor
from carnet.kernel.errors import CarnetError, Problem
from carnet.kernel.ids import SpaceId
from carnet.messaging.data import Envelope
from carnet.messaging.events import MailArrived
from carnet.messaging.queries.sealed import seal_mail
from carnet.messaging.rules.addresses import matricule_of
from carnet.spaces.api import find_statement, found_space, person_digest

BUDGET_SPENT: Final = Problem(
    "mail-budget",
    "Cette boîte a écrit à trop de personnes en une heure.",
    "This mailbox wrote to too many persons in an hour.",
)
_COUNT = """
INSERT INTO mail_budget (sender_digest, hour, addressed) VALUES (%(sender)s, %(hour)s, 1)
ON CONFLICT (sender_digest, hour) DO UPDATE SET addressed = mail_budget.addressed + 1 RETURNING addressed
"""
_FORGET_HOURS = "DELETE FROM mail_budget WHERE hour < %(before)s"
_KEEP = """
INSERT INTO incoming_mail (space_id, mail_id, received_at, peer, sender_domain, size, sealed)
SELECT space_id, %(mail)s::uuid, %(at)s::timestamptz, %(peer)s, %(domain)s, %(size)s::int, %(sealed)s::bytea
FROM authz WHERE space_id = %(space)s AND state IN ('OPEN', 'ACTIVE') FOR SHARE
RETURNING mail_id
"""
_KEEP_UNCLAIMED = """
INSERT INTO unclaimed_mail (mail_id, addressed, received_at, peer, sender_domain, size, sealed)
VALUES (%(mail)s, %(addressed)s::bytea[], %(at)s, %(peer)s, %(domain)s, %(size)s, %(sealed)s)
"""


class BudgetSpent(CarnetError):
    """A sender addressed too many persons lately: later."""


async def spend_budget(*, sender: str, at: datetime) -> None:
    """Count one more person addressed by `sender` this hour. Raises BudgetSpent, Unavailable."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    digest = current().house_key.digest(sender, purpose="mail-budget")
    ((addressed,),) = await rows_of_one(Statement(_COUNT, {"sender": digest, "hour": hour}))
    if addressed == 1:
        await rows_of_one(Statement(_FORGET_HOURS, {"before": at - timedelta(days=1)}))
    if addressed > current().limits.mail.hourly_persons:
        raise BudgetSpent(BUDGET_SPENT)


async def accept_mail(*, actor: Actor, envelope: Envelope, at: datetime) -> UUID:
    """Keep one recipient's mail; return its id once it is durable. Says nothing about whether anybody reads it.

    Raises Unavailable: nothing is kept, the peer tries again.
    """
    mail, since = randomness.uuid7(), time.monotonic()
    space = await _space_of(envelope.recipient)
    keys = None
    if space is not None:
        seen = await look(actor=actor, space=space, at=at)
        keys = seen.keys if seen.facts.state in OPEN_STATES else None
    else:
        await look(actor=actor, space=SpaceId(randomness.uuid4()), at=at)  # the same work for nobody
    if space is None or keys is None or not await _keep(space, keys, envelope, mail, at):
        await _keep_unclaimed(envelope, mail, at)
    await answer_evenly(_number(envelope.recipient), since=since)
    return mail


async def _space_of(recipient: str) -> SpaceId | None:
    finding = [find_statement(one) for one in _behind(recipient)]
    found = await rows_in_one_trip(finding, space=None)
    return await found_space([row for rows in found for row in rows][:1])


def _behind(recipient: str) -> list[Ins]:
    """Return whom an address may stand for: its number under every OID; a number nobody has when it is no address."""
    return [Ins(_number(recipient), oid) for oid in sorted(current().limits.accepted_ins_oids)]


def _number(recipient: str) -> str:
    return matricule_of(recipient, domain=current().limits.mail.domain) or "0" * 15


async def _keep(space: SpaceId, keys: SpaceKeys, envelope: Envelope, mail: UUID, at: datetime) -> bool:
    """Keep it; False when the space was closed or erased since it was looked at."""
    sealed = seal_mail(envelope, mail=mail, keys=keys)
    kept = Statement(_KEEP, _row(envelope, mail, sealed, at) | {"space": space})
    told = Statement(*deferral(MailArrived(space=space, mail=mail)))
    return bool((await rows_in_one_trip([kept, told], space=space))[0])


async def _keep_unclaimed(envelope: Envelope, mail: UUID, at: datetime) -> None:
    plain = msgspec.msgpack.encode(envelope)
    sealed = current().house_key.seal(table="unclaimed_mail", column="sealed", row=mail, plaintext=plain)
    addressed = [person_digest(one) for one in _behind(envelope.recipient)]  # so that an erasure finds it
    row = _row(envelope, mail, sealed, at) | {"addressed": addressed}
    await rows_in_one_trip([Statement(_KEEP_UNCLAIMED, row)], space=None)


def _row(envelope: Envelope, mail: UUID, sealed: bytes, at: datetime) -> dict[str, object]:
    return {
        "mail": mail,
        "at": at,
        "peer": envelope.peer,
        "domain": envelope.sender.rpartition("@")[2].lower(),
        "size": len(envelope.raw),
        "sealed": sealed,
    }
