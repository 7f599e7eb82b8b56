"""The mailbox of every professional of the sandbox: what persons wrote to them, and answering.

Read it as the plainest webmail there is. Messages are those of the mailbox that swallows everything; what is written
goes to Carnet's gateway by SMTP, as from any operator of the trust space: to a person, or to another professional about
one (`X-MSS-INS`).
"""

import asyncio
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import make_msgid
from typing import Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath
from litestar.response import Redirect

from carnet.sandbox.population.data import MSS_DOMAIN, PATIENTS_DOMAIN, Population
from carnet.sandbox.providers.mailbox import Mail, Mailbox
from carnet.sandbox.providers.operator import hand_over
from carnet.sandbox.providers.pages import Pages, language_of

Asked = Request[Any, Any, Any]


class Correspondent(msgspec.Struct, frozen=True):
    """Somebody to choose from: how they are called, their address."""

    name: str
    address: str


def office_router(mailbox: Mailbox, pages: Pages, people: Population, *, gateway: int) -> Router:
    """`/mss` lists what professionals received; `/mss/ecrire` writes; `/mss/{id}` reads. gateway: Carnet's port."""
    doctors = [Correspondent(one.display, one.mailbox) for one in people.professionals]
    doctors += [Correspondent(f"Secrétariat, {one.name}", one.mailbox) for one in people.organisations if one.mailbox]
    persons = [Correspondent(one.display, f"{one.matricule.lower()}@{PATIENTS_DOMAIN}") for one in people.persons]

    @get("/mss", sync_to_thread=True)
    def listing(request: Asked) -> Response[str]:
        mails = tuple(mailbox.search(f"@{MSS_DOMAIN}"))
        return pages.answer("mss_list.html", language=language_of(request), look=None, mails=mails)

    @get("/mss/ecrire", sync_to_thread=True)
    def form(request: Asked) -> Response[str]:
        asked = request.query_params
        answered = mailbox.get(asked.get("re", "")) if asked.get("re") else None
        told: dict[str, Any] = _prefilled(answered, asked.get("de", ""), asked.get("a", ""))
        told |= {"doctors": doctors, "persons": persons}
        return pages.answer("mss_write.html", language=language_of(request), look=None, **told)

    @post("/mss/envoyer", status_code=303)
    async def send(request: Asked) -> Redirect | Response[str]:
        fields = await request.form()
        message = _message({name: str(value) for name, value in fields.items() if isinstance(value, str)}, doctors)
        given = fields.get("fichier")
        if isinstance(given, UploadFile) and given.filename:
            kind, _, subkind = (given.content_type or "application/octet-stream").partition("/")
            message.add_attachment(await given.read(), maintype=kind, subtype=subkind, filename=given.filename)
        told = await asyncio.to_thread(hand_over, message, gateway)
        return pages.answer("mss_sent.html", language=language_of(request), look=None, told=told)

    @get("/mss/{mail_id:str}", sync_to_thread=True)
    def one(request: Asked, mail_id: FromPath[str]) -> Response[str]:
        mail = mailbox.get(mail_id)
        status = 404 if mail is None else 200
        return pages.answer("mss_mail.html", language=language_of(request), status=status, look=None, mail=mail)

    return Router(path="/", route_handlers=[listing, form, send, one])


def _prefilled(answered: Mail | None, sender: str, to: str) -> dict[str, str]:
    if answered is None:
        return {"sender": sender, "to": to, "subject": "", "answers": "", "about": ""}
    return {
        "sender": next(iter(answered.recipients), ""),
        "to": answered.sender.rpartition("<")[2].rstrip(">"),
        "subject": answered.subject if answered.subject.startswith("Re:") else f"Re: {answered.subject}",
        "answers": answered.message_id,
        "about": f"{answered.ins.lower()}@{PATIENTS_DOMAIN}",
    }


def _message(fields: dict[str, str], doctors: list[Correspondent]) -> EmailMessage:
    sender = fields.get("de", "")
    name = next((one.name for one in doctors if one.address == sender), "")
    message = EmailMessage(policy=SMTP)
    message["From"] = f'"{name}" <{sender}>'
    message["To"] = fields.get("a", "").splitlines()[0] if fields.get("a") else ""
    message["Subject"] = " ".join(fields.get("objet", "").split())
    message["Message-ID"] = make_msgid(domain=MSS_DOMAIN)
    if fields.get("re"):
        message["In-Reply-To"] = " ".join(fields["re"].split())
        message["References"] = " ".join(fields["re"].split())
    if fields.get("lu"):
        message["Disposition-Notification-To"] = sender
    if any(one.address == fields.get("a") for one in doctors):
        message["X-MSS-INS"] = fields.get("patient", "").partition("@")[0].upper()
    if fields.get("fin"):
        message["X-MSS-MES"] = "FIN"
    message.set_content(fields.get("texte", "").replace("\r\n", "\n"))
    return message
