"""Mail between professionals that was acknowledged is read by the same steps as any, then leaves for its addressee.

Taken apart by the confined program, judged, scanned: what cannot be goes to quarantine with its reason. What can be
read is kept for its addressee thirty days and handed on unchanged. It enters no space: a professional puts it into the
patient's record by an act of their own, or nobody does (decision 0174).
"""

import asyncio
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from carnet.formats.mail import ReadMail, read_mail
from carnet.infra.db import Work, system_work
from carnet.infra.installation import current
from carnet.infra.jobs.outbox import publish
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, Reason, allow, refuse
from carnet.kernel.errors import Invalid, Problem
from carnet.messaging.actions.take_mail import as_sender, once_of
from carnet.messaging.data import Address, Attachment, ColleagueLetter, Envelope
from carnet.messaging.events import ColleagueMailLeaving
from carnet.messaging.opening import Opened, checked_files
from carnet.messaging.queries.sealed_by_house import open_envelope, seal_colleague_letter
from carnet.messaging.rules.addresses import matricule_named
from carnet.messaging.rules.judging import judge, letter_of

ABOUT_NOBODY: Final = Problem(
    "mail-about-nobody",
    "L'en-tête X-MSS-INS ne désigne pas le patient annoncé.",
    "The header X-MSS-INS does not name the patient announced.",
)
_WAITING: Final = "SELECT sealed, received_at FROM colleague_mail WHERE mail_id = %(mail)s AND state = 'waiting'"
_TAKE: Final = """
UPDATE colleague_mail SET state = 'leaving', once = %(once)s, letter_enc = %(letter)s, changed_at = %(at)s
WHERE mail_id = %(mail)s AND state = 'waiting'
"""
# ## Two copies taken at once: the second waits for the first, and finds it ##
_HOLD: Final = "SELECT pg_advisory_xact_lock(hashtextextended(encode(%(once)s::bytea, 'hex'), 0))"
_BEFORE: Final = "SELECT 1 FROM colleague_mail WHERE once = %(once)s AND mail_id <> %(mail)s"
_AGAIN: Final = """
UPDATE colleague_mail SET state = 'done', reason = 'arrived-before', sealed = NULL, changed_at = %(at)s
WHERE mail_id = %(mail)s AND state = 'waiting'
"""
_ASIDE: Final = """
UPDATE colleague_mail SET state = 'quarantined', reason = %(reason)s, changed_at = %(at)s
WHERE mail_id = %(mail)s AND state = 'waiting'
"""


async def take_colleague_mail(*, actor: Actor, mail: UUID, at: datetime) -> None:
    """Read one piece of mail and have it leave, or set it aside. May run any number of times.

    Raises Unavailable (scanner, database): to be tried again.
    """
    async with system_work(at=at) as w:
        row = await w.row(_WAITING, {"mail": mail})
    if row is None:
        return
    envelope = open_envelope(row[0], mail=mail)
    try:
        read = await asyncio.to_thread(read_mail, envelope.raw)
        sender = judge(envelope, read, domain=current().limits.mail.domain)
        _check_patient(read, envelope)
        files = await checked_files(read)
    except Invalid as refused:
        await _aside(actor, mail, envelope, refused.problems[0].code, at)
        return
    letter = msgspec.structs.replace(letter_of(read, sender=sender), about=envelope.about)
    kept = ColleagueLetter(mail=mail, at=row[1], letter=letter, files=_described(files))
    async with system_work(at=at) as w:
        await _take(w, actor, kept, envelope, once_of(envelope, read, files))


async def _take(w: Work, actor: Actor, kept: ColleagueLetter, envelope: Envelope, same: bytes) -> None:
    said = b"\0".join((same, envelope.recipient.lower().encode(), envelope.about.encode()))
    once = current().house_key.digest(said.hex(), purpose="colleague-once")
    params = {"mail": kept.mail, "once": once, "at": w.at}
    await w.row(_HOLD, params)
    if await w.row(_BEFORE, params) is not None:
        await w.execute(_AGAIN, params)
    elif await w.execute(_TAKE, params | {"letter": seal_colleague_letter(kept)}):
        who = envelope.author or as_sender(actor, kept.letter.sender)
        told: dict[str, object] = {"files": len(kept.files), "colleague": True}
        await record(w, Act.RECEIVE_MESSAGE, allow(Ground.FEEDING), actor=who, details=told)
        await publish(w, ColleagueMailLeaving(mail=kept.mail))


def _check_patient(read: ReadMail, envelope: Envelope) -> None:
    """Two readings of the header cannot disagree unnoticed (threats T37)."""
    if matricule_named(read.mss.get("x-mss-ins", "")) != envelope.about:
        raise Invalid(ABOUT_NOBODY)


async def _aside(actor: Actor, mail: UUID, envelope: Envelope, code: str, at: datetime) -> None:
    async with system_work(at=at) as w:
        if await w.execute(_ASIDE, {"mail": mail, "reason": code, "at": at}):
            who = envelope.author or as_sender(actor, Address(envelope.sender))
            told: dict[str, object] = {"problems": [code], "colleague": True}
            await record(w, Act.RECEIVE_MESSAGE, refuse(Reason.INVALID_INPUT), actor=who, details=told)


def _described(files: tuple[Opened, ...]) -> tuple[Attachment, ...]:
    return tuple(
        Attachment(number=number, size=len(one.content), description=one.description)
        for number, one in enumerate(files, start=1)
    )
