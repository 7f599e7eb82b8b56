"""A professional writes to a person through their software: the same mail, taken and read by the same steps as any.

What is written becomes a message of RFC 5322 and goes the way of everything that arrives: durable first, then read by
the confined program, judged, scanned, delivered. So the same rules hold (only a professional opens, FIN ends), the same
budget counts, and the answer is the same whoever lives behind the number, or nobody (decision 0122).
"""

import uuid
from datetime import datetime
from typing import Final

from carnet.identity.api import Ins
from carnet.infra import randomness
from carnet.infra.db import system_work
from carnet.infra.installation import current
from carnet.kernel.actors import Actor
from carnet.kernel.errors import Invalid, Problem, TooLarge
from carnet.messaging import errors
from carnet.messaging.actions.accept_mail import accept_mail, spend_budget
from carnet.messaging.data import Accepted, Address, Beside, Envelope, Letter, ProfessionalWriting
from carnet.messaging.queries.practice import mailboxes_read_by
from carnet.messaging.rules.addresses import patient_address
from carnet.messaging.rules.composing import compose
from carnet.messaging.rules.letters import LONGEST_SUBJECT, LONGEST_TEXT

NOT_YOURS: Final = Problem(
    "mailbox-not-yours",
    "Vous ne pouvez pas écrire depuis cette boîte : choisissez la vôtre, ou une boîte partagée de votre structure.",
    "You cannot write from this mailbox: choose your own, or one your place shares.",
    "boite",
)
PEER: Final = "fhir"
NO_MAILBOX: Final = Problem(
    "no-mailbox",
    "L'annuaire ne connaît aucune boîte de messagerie sécurisée à votre nom.",
    "The directory knows no secure mailbox in your name.",
)


async def write_to_person(*, actor: Actor, ins: Ins, writing: ProfessionalWriting, at: datetime) -> Accepted:
    """Keep a professional's message to whoever has this INS; return once it is durable.

    Raises Invalid (`no-mailbox`, `message-empty`…), TooLarge, BudgetSpent, Unavailable. Says nothing of the person.
    """
    check_professional_writing(writing)
    sender, domain = await sender_of(actor=actor, writing=writing, at=at), current().limits.mail.domain
    person = Address(patient_address(ins.matricule, domain=domain))
    await spend_budget(sender=sender.address, at=at)
    letter = letter_of_professional(writing, sender, person)
    files = tuple(Beside(name=one.name, media_type=one.media_type, content=one.content) for one in writing.files)
    raw = compose(letter, files, software=actor.client_name or "", at=at, recipient=person)
    mail = Envelope(
        peer=PEER, sender=sender.address, recipient=person.address, raw=raw, author=actor, apart=writing.apart
    )
    await accept_mail(actor=actor, envelope=mail, at=at)
    return Accepted(message_id=letter.message_id.strip("<>"), sender=sender)


async def sender_of(*, actor: Actor, writing: ProfessionalWriting, at: datetime) -> Address:
    """Return the mailbox it is written from: the one asked for, else the first of their own, else the one they share.

    A shared one is named with who writes. Raises Invalid: none, or not theirs.
    """
    async with system_work(at=at) as w:
        held = await mailboxes_read_by(w, actor)
    if not held:
        raise Invalid(NO_MAILBOX)
    asked = writing.sender.lower()
    chosen = next((one for one in held if not asked or one.address == asked), None)
    if chosen is None:
        raise Invalid(NOT_YOURS)
    shared = chosen.rpps is None and chosen.label
    return Address(chosen.address, f"{chosen.label} ({actor.name})" if shared else actor.name)


def check_professional_writing(writing: ProfessionalWriting) -> None:
    """Raise Invalid with every problem at once, TooLarge for too many bytes."""
    limits = current().limits.mail
    found = (
        (not writing.subject.strip(), errors.NO_SUBJECT),
        (len(writing.subject) > LONGEST_SUBJECT, errors.SUBJECT_LONG),
        (not writing.text.strip() and not writing.files, errors.NO_TEXT),
        (len(writing.text) > LONGEST_TEXT, errors.TOO_LONG),
        (len(writing.files) > limits.attachments, errors.TOO_MANY),
    )
    problems = [problem for wrong, problem in found if wrong]
    if problems:
        raise Invalid(*problems)
    if sum(len(one.content) for one in writing.files) > limits.attachment_bytes:
        raise TooLarge(errors.TOO_MUCH)


def letter_of_professional(writing: ProfessionalWriting, sender: Address, to: Address) -> Letter:
    """Return the letter a professional wrote through software; its name is equal when it is sent again."""
    own_name = f"{sender.address}|{writing.sent_as}"
    name = uuid.uuid5(uuid.NAMESPACE_OID, own_name) if writing.sent_as else randomness.uuid7()
    answers = tuple(f"<{one}>" for one in writing.answers)
    return Letter(
        sender=sender,
        to=(to,),
        subject=" ".join(writing.subject.split()),
        text=writing.text.replace("\r\n", "\n").strip(),
        message_id=f"<{name.hex}@{sender.domain}>",
        in_reply_to=answers[0] if answers else "",
        references=answers[1:],
        ends=writing.ends,
    )
