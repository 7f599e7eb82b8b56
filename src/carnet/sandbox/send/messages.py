"""What professionals wrote to personas, handed to Carnet's mail gateway as any operator of the trust space would.

One file holds them, `population/messages.toml`. Ignores answers: persons write theirs themselves.
"""

import time
from collections.abc import Iterable
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import msgspec

from carnet.sandbox.documents.data import SandboxDocument
from carnet.sandbox.population.data import MSS_DOMAIN, PATIENTS_DOMAIN, Population
from carnet.sandbox.providers.operator import KEPT, REFUSED, hand_over

FILE = Path(__file__).parents[1] / "population" / "messages.toml"
PATIENCE = 20


class Message(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One message. to, author: logins; about: title of a document of the person, attached; accepts: `X-MSS-DEMANDES`;
    over: the professional ends the exchange (`X-MSS-MES: FIN`).
    """

    to: str
    author: str
    subject: str
    text: str
    about: str = ""
    accepts: str = ""
    over: bool = False


class _Messages(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    message: tuple[Message, ...]


def load_messages() -> tuple[Message, ...]:
    """All of them, in the order they were sent. msgspec.ValidationError when the file is malformed."""
    return msgspec.toml.decode(FILE.read_bytes(), type=_Messages).message


def send_messages(people: Population, documents: Iterable[SandboxDocument], *, port: int) -> str:
    """Hand all of them to the gateway, which may still be starting; return which one was not kept and why, or ""."""
    deadline = time.monotonic() + PATIENCE
    known = tuple(documents)
    for number, message in enumerate(load_messages()):
        mail = as_mail(message, number=number, people=people, documents=known)
        while (answer := hand_over(mail, port)) == REFUSED and time.monotonic() < deadline:
            time.sleep(0.1)
        if answer != KEPT:
            return f"{message.subject}: {answer}"
    return ""


def as_mail(message: Message, *, number: int, people: Population, documents: Iterable[SandboxDocument]) -> EmailMessage:
    """The message as mail, number being its place in the file. StopIteration when `about` names no document."""
    author, person = people.professional(message.author), people.person(message.to)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = f'"{author.display}" <{author.mailbox}>'
    mail["To"] = f"{person.matricule.lower()}@{PATIENTS_DOMAIN}"
    mail["Subject"] = message.subject
    # the same each time: a population prepared in two goes has each message once
    mail["Message-ID"] = f"<sandbox-{number}@{MSS_DOMAIN}>"
    if message.accepts:
        mail["X-MSS-DEMANDES"] = message.accepts
    if message.over:
        mail["X-MSS-MES"] = "FIN"
    mail.set_content(message.text.strip() + "\n")
    if message.about:
        told = next(one for one in documents if one.title == message.about and one.person.login == message.to)
        kind, _, subkind = told.media_type.partition("/")
        mail.add_attachment(told.content, maintype=kind, subtype=subkind, filename=told.file_name)
    return mail
