"""Professionals' mail, as operators hand it over."""

import itertools
from email.message import EmailMessage
from email.policy import SMTP

from carnet.identity.api import DirectoryFeed, FeedMailbox, import_directory
from carnet.messaging.actions.take_colleague_mail import take_colleague_mail
from carnet.messaging.api import GATEWAY, Envelope, accept_colleague_mail, accept_mail
from factories.world import AT, OPERATOR

DOMAIN = "patient.carnet.invalid"
DOCTOR = "claire.marchand@chu.mssante.invalid"
_numbers = itertools.count(1)


def address_of(person) -> str:
    return f"{person.ins.matricule.lower()}@{DOMAIN}"


def letter(person=None, *, sender=DOCTOR, to=None, subject="Vos résultats", text="Bonjour, tout va bien.", ends=False,
           answers="", files=(), message_id=None, **headers) -> EmailMessage:  # fmt: skip
    """A professional's message, ready to be handed over."""
    message = EmailMessage(policy=SMTP)
    message["From"] = f"Dr Claire Marchand <{sender}>"
    message["To"] = to or address_of(person)
    message["Subject"] = subject
    message["Message-ID"] = message_id or f"<{next(_numbers)}@chu.mssante.invalid>"
    if answers:
        message["In-Reply-To"] = answers
    if ends:
        message["X-MSS-MES"] = "FIN"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    for name, media_type, content in files:
        kind, _, subkind = media_type.partition("/")
        message.add_attachment(content, maintype=kind, subtype=subkind, filename=name)
    return message


async def hand_over(message, *, to, sender=DOCTOR, at=AT):
    """What the gateway does once it let a message in."""
    raw = message if isinstance(message, bytes) else message.as_bytes()
    envelope = Envelope(peer="chu", sender=sender, recipient=to, raw=raw)
    return await accept_mail(actor=GATEWAY, envelope=envelope, at=at)


async def mailbox_of(doctor) -> str:
    """Give a professional a mailbox in their own name; return it."""
    box = FeedMailbox(address=f"paul.{doctor.rpps}@mssante.invalid", kind="PER", rpps=doctor.rpps)
    await import_directory(actor=OPERATOR, feed=DirectoryFeed(mailboxes=(box,)), at=AT)
    return box.address


async def from_colleague(doctor, ins, *files, at=AT, to=None, sender=DOCTOR, **options):
    """A message of a colleague about somebody, arrived in a professional's mailbox; its id."""
    to = to or await mailbox_of(doctor)
    raw = letter(to=to, sender=sender, X_MSS_INS=ins.matricule, files=files, **options).as_bytes()
    envelope = Envelope(peer="chu", sender=sender, recipient=to, raw=raw, about=ins.matricule)
    mail = await accept_colleague_mail(envelope=envelope, at=at)
    await take_colleague_mail(actor=GATEWAY, mail=mail, at=at)
    return mail
