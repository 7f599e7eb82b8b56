"""The person writes: an answer, an answer to all, or a new message to somebody who wrote and did not end the exchange.

One transaction: rights held still, the message, one line a recipient in the queue, the trace. What it takes along was
stored before. Sending the same form twice sends one message. Sources: mes.md M2, M5, M6, §3.8.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from carnet.access.api import Look, Need, look, look_in
from carnet.infra import randomness
from carnet.infra.db import Work, work
from carnet.infra.installation import current
from carnet.infra.jobs.outbox import publish
from carnet.infra.vault import SpaceKeys
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Decision, Reason, refuse
from carnet.kernel.errors import Invalid, NotFound
from carnet.kernel.ids import SpaceId
from carnet.messaging.actions.ask_practices import ask_practices
from carnet.messaging.actions.blobs import hold_blobs, put_blobs
from carnet.messaging.actions.draft import drop_draft
from carnet.messaging.actions.storing import Kept, NewMessage, store_message
from carnet.messaging.data import Address, AttachmentKind, Description, Letter, MessageState, Writing
from carnet.messaging.events import MailLeaving
from carnet.messaging.queries.answering import Answered, answered, open_contacts
from carnet.messaging.queries.sealed import seal_recipient
from carnet.messaging.rules.addresses import patient_address
from carnet.messaging.rules.asking import WIRE, filled
from carnet.messaging.rules.permissions import may_begin, may_write
from carnet.messaging.rules.writing import check_writing, recipients_of, signature_of
from carnet.spaces.api import view_in

_QUEUE: Final = """
INSERT INTO outgoing_mail (space_id, message_id, number, destination, changed_at, address_enc, not_before)
VALUES (%(space)s, %(message)s, %(number)s, %(destination)s, %(at)s, %(address)s, %(later)s)
"""
_SENT: Final = "SELECT message_id, conversation_id FROM message WHERE space_id = %(space)s AND once = %(once)s"


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """What was written: its conversation, to be shown."""

    message: UUID
    conversation: UUID


async def send_message(*, actor: Actor, space: SpaceId, writing: Writing, at: datetime) -> Sent:
    """Store and queue one message; return where it is once it is durable.

    Raises Invalid (fields of the form as paths; `conversation-ended`, `recipient-not-contact`), NotFound (no such
    conversation), Refused, Unavailable.
    """
    limits, writing = current().limits.mail, filled(writing)
    check_writing(writing, most_bytes=limits.attachment_bytes, most_files=limits.attachments)
    before = await look(actor=actor, space=space, at=at)
    allowed = _decide(before, writing).allowed
    contents = [one.content for one in writing.files] if allowed else []
    keys = before.opened_keys if contents else None
    blobs = await put_blobs(contents, space=space, keys=keys, at=at) if keys is not None else ()
    message = randomness.uuid7()
    async with work(space=space, at=at) as w:
        seen = await look_in(w, actor=actor)
        decision = _decide(seen, writing)
        problem: Invalid | NotFound | None = None
        sent: Sent | None = None
        if decision.allowed:
            try:
                sent = await _write(w, seen, writing, message, blobs)
            except (Invalid, NotFound) as refused:
                problem, decision = refused, refuse(Reason.INVALID_INPUT)
        await record(w, Act.SEND_MESSAGE, decision, actor=actor, details={"files": len(writing.files)})
    if problem is not None:
        raise problem
    if sent is None:
        decision.raise_if_refused()
        raise NotFound
    return sent


def _decide(seen: Look, writing: Writing) -> Decision:
    in_space, held = seen.decide(Need.EDIT), seen.facts.delegation
    if writing.answers is None:
        return may_begin(in_space, held=held, at=seen.at)
    return may_write(in_space, held=held)


async def _write(w: Work, seen: Look, writing: Writing, message: UUID, blobs: tuple[UUID, ...]) -> Sent:
    """Decide who gets it and store it; raises before anything is written."""
    keys, limits = seen.opened_keys, current().limits.mail
    view = await view_in(w)
    person = view.person
    own = Address(patient_address(person.ins.matricule, domain=limits.domain), person.display_name)
    before = await answered(w, writing.answers, actor=seen.actor, keys=keys) if writing.answers is not None else None
    known = await open_contacts(w, actor=seen.actor, keys=keys)
    to, cc = recipients_of(writing, before.latest if before else None, contacts=known, own=own)
    once = keys.digest((writing.request_id or message).bytes, purpose="mail-written")
    language = view.settings.language
    taken = await ask_practices(w, writing, to, actor=seen.actor, once=once, keys=keys, language=language)
    letter = _letter(writing, before, own, to, cc, message, seen.actor)
    letter = msgspec.structs.replace(letter, automatic=taken.automatic)
    kept = tuple(
        Kept(description=_described(writing, place), size=len(one.content), blob=blob, document=one.document)
        for place, (one, blob) in enumerate(zip(writing.files, blobs, strict=True))
    )
    await drop_draft(w, actor=seen.actor, conversation=writing.answers, draft=writing.draft)
    new = NewMessage(
        message=message,
        letter=letter,
        state=MessageState.QUEUED,
        once=once,
        conversation=writing.answers,
        kept=kept,
        author=seen.actor.delegation,
        at=w.at,
    )
    stored = await store_message(w, new, keys=keys)
    if stored is None:  # this form was sent before
        return await _sent_before(w, once)
    await hold_blobs(w, blobs)
    await _queue(w, message, (*to, *cc), taken.not_before, keys)
    return Sent(message=message, conversation=stored.conversation)


async def _queue(
    w: Work, message: UUID, everybody: tuple[Address, ...], not_before: Mapping[str, datetime], keys: SpaceKeys
) -> None:
    for number, one in enumerate(everybody, start=1):
        sealed = seal_recipient(one, message=message, number=number, keys=keys)
        params = {"space": w.space_id, "message": message, "number": number, "destination": one.domain}
        later = not_before.get(one.address)
        await w.execute(_QUEUE, params | {"at": w.at, "address": sealed, "later": later})
        await publish(w, MailLeaving(space=w.space_id, message=message, number=number), not_before=later)


async def _sent_before(w: Work, once: bytes) -> Sent:
    row = await w.row(_SENT, {"space": w.space_id, "once": once})
    if row is None:
        raise NotFound
    return Sent(message=row[0], conversation=row[1])


def _letter(
    writing: Writing,
    before: Answered | None,
    own: Address,
    to: tuple[Address, ...],
    cc: tuple[Address, ...],
    message: UUID,
    actor: Actor,
) -> Letter:
    latest = before.latest if before else None
    return Letter(
        sender=own,
        to=to,
        cc=cc,
        subject=f"Re: {before.subject}" if before and writing.asking is None else " ".join(writing.subject.split()),
        text=writing.text.replace("\r\n", "\n").strip(),
        message_id=f"<{message.hex}@{own.domain}>",
        in_reply_to=latest.message_id if latest else "",
        references=latest.references[-20:] if latest else (),
        signature=signature_of(actor, own.name),
        written_by="" if actor.kind is ActorKind.PERSON else actor.name,
        codes=tuple(dict.fromkeys(one.type_code for one in writing.files if one.type_code)),
        asks=WIRE[writing.asking.kind] if writing.asking else "",
    )


def _described(writing: Writing, place: int) -> Description:
    one = writing.files[place]
    kind = AttachmentKind.DOCUMENT if one.document is not None else AttachmentKind.FILE
    return Description(
        name=one.name,
        media_type=one.media_type,
        kind=kind,
        type_code=one.type_code,
        said=one.said,
        masked=one.masked,
    )
