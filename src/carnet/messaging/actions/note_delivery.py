"""A message leaves for one recipient: what the transport needs, and what became of it.

The queue is rows and their jobs. An operator that does not answer is left alone for longer and longer, with everything
that waits for it; what it puts off waits alone. After two days the person is told that the message did not arrive
(mes.md §3.8; RFC 5321 §4.5.4.1). The Message-ID stays the same at every attempt: an operator that took a message and
was not heard recognises it.

A document of the record is decided anew before each attempt: kept from the recipient since the sending, the whole
letter goes to them no more (decision 0228). So what leaves is always what was written, and the same at each attempt.
"""

import asyncio
from datetime import datetime
from typing import Final
from uuid import UUID

from carnet.access.api import kept_since
from carnet.infra.db import Work, work
from carnet.infra.installation import current
from carnet.infra.jobs.outbox import publish
from carnet.infra.vault import SpaceKeys
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow
from carnet.kernel.ids import SpaceId
from carnet.messaging.actions.blobs import give_up_blobs
from carnet.messaging.actions.destinations import PATIENCE, heard_from, left_alone, pause
from carnet.messaging.actions.spend_request import uncount_request
from carnet.messaging.data import Address, Beside, Description, Letter, MessageState, OutgoingLetter
from carnet.messaging.events import DeliveryFailed, MailLeaving
from carnet.messaging.queries.sealed import open_description, open_letter, open_recipient
from carnet.messaging.rules.composing import compose
from carnet.spaces.api import keys_in

EXPIRED: Final = "expired"
REFUSES_US: Final = "relay"
"""The relay seems to want nothing of us, whatever the letter."""
KEPT: Final = "kept-"
"""Begins the note of what the person keeps from this recipient since they sent it; `KeptBy` says how."""
_QUEUED: Final = """
SELECT o.destination, o.tries, o.address_enc, m.letter_enc, m.at, greatest(d.not_before, o.not_before),
  CASE WHEN o.note = %(refuses_us)s THEN o.changed_at END, m.author
FROM outgoing_mail o JOIN message m USING (space_id, message_id)
LEFT JOIN mail_destination d ON d.destination = o.destination
WHERE o.space_id = %(space)s AND o.message_id = %(message)s AND o.number = %(number)s AND o.state = 'queued'
"""
_FILES: Final = """
SELECT number, size, blob_id, description_enc, document_id FROM message_attachment
WHERE space_id = %(space)s AND message_id = %(message)s AND blob_id IS NOT NULL ORDER BY number
"""
_NOTE: Final = """
UPDATE outgoing_mail SET state = %(state)s, note = %(note)s, tries = tries + 1, changed_at = %(at)s
WHERE space_id = %(space)s AND message_id = %(message)s AND number = %(number)s AND state = 'queued'
RETURNING destination, tries
"""
_BEGUN: Final = """
SELECT greatest(m.at, o.not_before) FROM message m JOIN outgoing_mail o USING (space_id, message_id)
WHERE o.space_id = %(space)s AND o.message_id = %(message)s AND o.number = %(number)s
"""
_ALL: Final = "SELECT state FROM outgoing_mail WHERE space_id = %(space)s AND message_id = %(message)s"
_STATE: Final = "UPDATE message SET state = %(state)s WHERE space_id = %(space)s AND message_id = %(message)s"
_COPIES: Final = """
SELECT blob_id FROM message_attachment
WHERE space_id = %(space)s AND message_id = %(message)s AND document_id IS NOT NULL AND blob_id IS NOT NULL FOR UPDATE
"""
_DROP_COPIES: Final = """
UPDATE message_attachment SET blob_id = NULL
WHERE space_id = %(space)s AND message_id = %(message)s AND document_id IS NOT NULL
"""
ARRIVED: Final = frozenset({"sent", "delivered", "read"})


async def next_letter(
    *, actor: Actor, space: SpaceId, message: UUID, number: int, at: datetime
) -> OutgoingLetter | None:
    """Return what to hand over now; None when there is nothing left to do, when it must wait (it is queued again), or
    when the person keeps a document beside it from this recipient since they sent it (they are told).

    Raises Unavailable.
    """
    params = {"space": space, "message": message, "number": number, "refuses_us": REFUSES_US}
    async with work(space=space, at=at) as w:
        row = await w.row(_QUEUED, params)
        if row is None or row[3] is None:
            return None
        if row[5] is not None and row[5] > at:
            await publish(w, MailLeaving(space=space, message=message, number=number), not_before=row[5])
            return None
        keys = await keys_in(w)
        files = await w.rows(_FILES, params)
        destination, tries, address, letter_enc, written, _, refused_at, author = row
        letter = open_letter(letter_enc, message=message, keys=keys)
        recipient = open_recipient(address, message=message, number=number, keys=keys)
        sent = {one[4]: _described(message, one, keys).masked for one in files if one[4] is not None}
        kept = await kept_since(w, address=recipient.address, documents=sent, since=written) if sent else None
        if kept is not None:
            if await w.row(_NOTE, _noted(space, message, number, "failed", f"{KEPT}{kept}", at)) is not None:
                await _uncount(w, letter, recipient, author=author, written=written, keys=keys)
                await _failed(w, actor, message, number)
            return None
    content = tuple([await _file(space, message, one, keys) for one in files])
    software = current().limits.mail.software
    raw = await asyncio.to_thread(compose, letter, content, software=software, at=written, recipient=recipient)
    return OutgoingLetter(
        sender=letter.sender.address,
        recipient=recipient.address,
        destination=destination,
        tries=tries,
        refused_at=refused_at,
        raw=raw,
    )


_Row = tuple[int, int, UUID, bytes, UUID | None]


def _described(message: UUID, row: _Row, keys: SpaceKeys) -> Description:
    return open_description(row[3], message=message, number=row[0], keys=keys)


async def _file(space: SpaceId, message: UUID, row: _Row, keys: SpaceKeys) -> Beside:
    _, size, blob, *_ = row
    described = _described(message, row, keys)
    reader = await current().blobs.open(blob, keys=keys, space_id=space, size=size)
    content = await reader.read()
    return Beside(name=described.name, media_type=described.media_type, content=content, said=described.said)


async def note_sent(*, actor: Actor, space: SpaceId, message: UUID, number: int, at: datetime) -> None:
    """The operator took responsibility for it."""
    async with work(space=space, at=at) as w:
        row = await w.row(_NOTE, _noted(space, message, number, "sent", None, at))
        if row is not None:
            await heard_from(w, row[0])
            await record(w, Act.DELIVER_MESSAGE, allow(Ground.DUTY), actor=actor, details={"state": "sent"})
            await settle_message(w, message)


async def note_refused(*, actor: Actor, space: SpaceId, message: UUID, number: int, code: str, at: datetime) -> None:
    """The operator refused it for good. code: RFC 3463 class, or the SMTP reply's digits."""
    async with work(space=space, at=at) as w:
        if await w.row(_NOTE, _noted(space, message, number, "failed", code[:9], at)) is not None:
            await _failed(w, actor, message, number)


async def note_trouble(
    *, actor: Actor, space: SpaceId, message: UUID, number: int, code: str, silent: bool, at: datetime
) -> None:
    """It could not be handed over now: queued again, later each time; after PATIENCE it failed.

    silent: the operator answers nobody, so whatever else goes there waits too; else only this message does.
    """
    async with work(space=space, at=at) as w:
        row = await w.row(_NOTE, _noted(space, message, number, "queued", code[:9], at))
        if row is None:
            return
        destination, tries = row
        begun = await w.row(_BEGUN, _noted(space, message, number, "queued", None, at))
        if begun is not None and at - begun[0] > PATIENCE:
            await w.row(_NOTE, _noted(space, message, number, "failed", EXPIRED, at))
            await _failed(w, actor, message, number)
            return
        again = await left_alone(w, destination) if silent else at + pause(tries)
        await publish(w, MailLeaving(space=space, message=message, number=number), not_before=again)
        await record(w, Act.DELIVER_MESSAGE, allow(Ground.DUTY), actor=actor, details={"state": "waiting"})


async def settle_message(work: Work, message: UUID) -> None:
    """Bring a message's own state in line with its recipients'; copies made only for the way are given up."""
    params = {"space": work.space_id, "message": message}
    states = {row[0] for row in await work.rows(_ALL, params)}
    if "queued" in states or not states:
        return
    arrived = states & ARRIVED
    state = MessageState.FAILED if not arrived else MessageState.PARTLY if states - ARRIVED else MessageState.SENT
    await work.execute(_STATE, params | {"state": state.value})
    copies = [row[0] for row in await work.rows(_COPIES, params)]
    await work.execute(_DROP_COPIES, params)
    await give_up_blobs(work, copies)


async def _uncount(
    w: Work, letter: Letter, recipient: Address, *, author: UUID | None, written: datetime, keys: SpaceKeys
) -> None:
    """A request that never left counts no more with the practice it was for."""
    if letter.asks:
        await uncount_request(w, recipient.address, author=author, at=written, keys=keys)


async def _failed(w: Work, actor: Actor, message: UUID, number: int) -> None:
    await record(w, Act.DELIVER_MESSAGE, allow(Ground.DUTY), actor=actor, details={"state": "failed"})
    await publish(w, DeliveryFailed(space=w.space_id, message=message, number=number))
    await settle_message(w, message)


def _noted(space: SpaceId, message: UUID, number: int, state: str, note: str | None, at: datetime) -> dict[str, object]:
    return {"space": space, "message": message, "number": number, "state": state, "note": note, "at": at}
