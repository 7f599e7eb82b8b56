"""Mail that was acknowledged becomes a message: named steps, each with an explicit answer, nothing lost in between.

1. read: taken apart by the confined program; 2. judge: who sent it, and whether persons' mail is concerned; 3. check:
files are counted, weighed and scanned; 4. deliver: one transaction with the message, its trace and the news of it.
Whatever cannot go on waits in quarantine with its reason, where an operator sees it and may have it tried again.
"""

import asyncio
import hashlib
from datetime import datetime
from typing import Final
from uuid import UUID

from carnet.access.api import look_in
from carnet.formats.mail import ReadMail, read_mail
from carnet.infra import randomness
from carnet.infra.db import Work, rows_in_one_trip, work
from carnet.infra.db.work import Statement
from carnet.infra.installation import current
from carnet.infra.jobs.outbox import publish
from carnet.infra.vault import SpaceKeys
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, Reason, allow, refuse
from carnet.kernel.errors import Invalid
from carnet.kernel.ids import SpaceId
from carnet.messaging.actions.blobs import hold_blobs, put_blobs
from carnet.messaging.actions.storing import Kept, NewMessage, know_contact, store_message
from carnet.messaging.actions.take_report import take_report
from carnet.messaging.data import Address, Envelope, Letter, MessageState
from carnet.messaging.events import MessageReceived
from carnet.messaging.opening import Opened, checked_files
from carnet.messaging.queries.sealed import open_mail
from carnet.messaging.queries.threads import conversation_answered
from carnet.messaging.rules.judging import judge, letter_of
from carnet.messaging.rules.letters import said_subject
from carnet.spaces.api import keyset_statement, open_keys

_WAITING: Final = """
SELECT sealed, received_at FROM incoming_mail WHERE space_id = %(space)s AND mail_id = %(mail)s AND state <> 'done'
"""
_SETTLE: Final = """
UPDATE incoming_mail SET state = 'done', settled_at = %(at)s, sealed = NULL, reason = %(reason)s
WHERE space_id = %(space)s AND mail_id = %(mail)s AND state <> 'done'
"""
_QUARANTINE: Final = """
UPDATE incoming_mail SET state = 'quarantined', settled_at = %(at)s, reason = %(reason)s
WHERE space_id = %(space)s AND mail_id = %(mail)s AND state <> 'done'
"""


async def take_mail(*, actor: Actor, space: SpaceId, mail: UUID, at: datetime) -> None:
    """Turn one piece of acknowledged mail into a message, a delivery report, or a case of quarantine.

    May run any number of times. Raises Unavailable (scanner, store, database): to be tried again.
    """
    asked = [Statement(_WAITING, {"space": space, "mail": mail}), keyset_statement(space)]
    waiting, sealed_keys = await rows_in_one_trip(asked, space=space)
    keys = await open_keys(sealed_keys, space=space) if waiting else None
    if keys is None:
        return
    ((sealed, received_at),) = waiting
    envelope = open_mail(sealed, mail=mail, keys=keys)
    try:
        read = await asyncio.to_thread(read_mail, envelope.raw)
        sender = judge(envelope, read, domain=current().limits.mail.domain)
        if read.report is not None:
            await _take_report(actor, space, mail, sender, read, at)
            return
        files = await checked_files(read)
    except Invalid as refused:
        await _quarantine(actor, space, mail, envelope, refused.problems[0].code, at)
        return
    await _deliver(actor, space, mail, envelope, read, letter_of(read, sender=sender), files, keys, received_at, at)


async def _deliver(
    actor: Actor,
    space: SpaceId,
    mail: UUID,
    envelope: Envelope,
    read: ReadMail,
    letter: Letter,
    files: tuple[Opened, ...],
    keys: SpaceKeys,
    received_at: datetime,
    at: datetime,
) -> None:
    blobs = await put_blobs([one.content for one in files], space=space, keys=keys, at=at)
    kept = tuple(
        Kept(description=one.description, size=len(one.content), blob=blob)
        for one, blob in zip(files, blobs, strict=True)
    )
    message = randomness.uuid7()
    once = keys.digest(once_of(envelope, read, files), purpose="mail-once")
    async with work(space=space, at=at) as w:
        seen = await look_in(w, actor=actor)
        apart = envelope.apart or any(one.apart for one in files)
        conversation = await conversation_answered(w, letter, apart=apart, keys=seen.opened_keys)
        new = NewMessage(
            message=message,
            letter=letter,
            state=MessageState.RECEIVED,
            once=once,
            conversation=conversation,
            kept=kept,
            apart=apart,
            at=received_at,
        )
        stored = await store_message(w, new, keys=seen.opened_keys)
        await w.execute(
            _SETTLE, {"space": space, "mail": mail, "at": at, "reason": None if stored else "arrived-before"}
        )
        if stored is not None:
            await hold_blobs(w, blobs)
            await know_contact(w, letter.sender, ended=letter.ends, where=stored, keys=seen.opened_keys)
            who = envelope.author or as_sender(actor, letter.sender)
            await record(w, Act.RECEIVE_MESSAGE, allow(Ground.FEEDING), actor=who, details={"files": len(kept)})
            told = MessageReceived(space=space, message=message, conversation=stored.conversation, ends=letter.ends)
            await publish(w, told)


def once_of(envelope: Envelope, read: ReadMail, files: tuple[Opened, ...]) -> bytes:
    """Return what is equal for one message however often a peer sends it: traces added on the way are left out.

    So is the date when the message has a name: a server that takes one without a date writes its own, new each time.
    """
    if envelope.author is not None:  # made into mail here: only what was said counts, not how parts were told apart
        beside = "".join(one.description.sha256 for one in files)
        subject = said_subject(read.subject)
        return "\n".join((envelope.sender, *read.message_id, subject, read.text, beside)).encode()
    body = envelope.raw.partition(b"\r\n\r\n")[2]
    named = read.message_id or (read.date,)
    said = "\n".join((envelope.sender, *named, read.subject)).encode()
    return said + hashlib.sha256(body).digest()


async def _quarantine(actor: Actor, space: SpaceId, mail: UUID, envelope: Envelope, code: str, at: datetime) -> None:
    async with work(space=space, at=at) as w:
        if await w.execute(_QUARANTINE, {"space": space, "mail": mail, "at": at, "reason": code}):
            who = envelope.author or as_sender(actor, Address(envelope.sender))
            await record(w, Act.RECEIVE_MESSAGE, refuse(Reason.INVALID_INPUT), actor=who, details={"problems": [code]})


async def _take_report(actor: Actor, space: SpaceId, mail: UUID, sender: Address, read: ReadMail, at: datetime) -> None:
    async with work(space=space, at=at) as w:
        await take_report(w, actor=as_sender(actor, sender), sender=sender, read=read)
        await _settle_report(w, mail)


async def _settle_report(w: Work, mail: UUID) -> None:
    await w.execute(_SETTLE, {"space": w.space_id, "mail": mail, "at": w.at, "reason": "report"})


def as_sender(actor: Actor, sender: Address) -> Actor:
    """The gateway acts; the trace names the mailbox it acted for, as their operator proved it."""
    return Actor(kind=actor.kind, identifier=actor.identifier, name=sender.address, strong=True)
