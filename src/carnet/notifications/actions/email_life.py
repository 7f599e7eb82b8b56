"""The holder is told what became of their space (R1111-36 CSP): by e-mail, whatever they chose, for no page tells them.

Ignored here: people without an address; they find it at their next sign-in.
"""

import hashlib
from datetime import datetime
from uuid import UUID

from carnet.infra.db import work
from carnet.infra.jobs.handlers import GiveUp
from carnet.infra.mail import Mail, MailRefused
from carnet.infra.sms import SmsRefused
from carnet.journal.api import Act, Trace, append, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow
from carnet.kernel.errors import NotFound
from carnet.kernel.ids import SpaceId
from carnet.notifications.actions.email_notification import Mailing
from carnet.notifications.rules.channels import EMAIL, SMS
from carnet.notifications.rules.life_words import ERASED, life_letter, life_text
from carnet.spaces.api import open_farewell, view_in


async def email_life(
    *, actor: Actor, space: SpaceId, event: str, about: str = "", mailing: Mailing, at: datetime
) -> None:
    """Write to the holder of `space` about `event`. about: tells two of the same day apart in their Message-ID.

    Raises Unavailable (later) or GiveUp (the address is refused).
    """
    async with work(space=space, at=at) as w:
        try:
            view = await view_in(w)
        except NotFound:  # erased meanwhile: the last message tells of it
            return
        letter = life_letter(event, language=view.settings.language, link=mailing.sign_in)
        if letter is None or not view.contact.email:
            return
        key = f"{space}/{event}/{about or at.date()}"
        await _send(view.contact.email, letter, view.settings.language, key, mailing, at)
        await record(w, Act.NOTIFY, allow(Ground.DUTY), actor=actor, details={"channel": EMAIL, "code": event})


async def tell_destination(
    *, actor: Actor, space: SpaceId, event: str, to: str, about: str, mailing: Mailing, at: datetime
) -> None:
    """Tell of `event` where codes of a password went: an e-mail address, or a number. Raises as `email_life`.

    Whoever makes themselves a way in to somebody's space does not read there (decision 0090).
    """
    async with work(space=space, at=at) as w:
        try:
            view = await view_in(w)
        except NotFound:  # erased meanwhile
            return
        language = view.settings.language
        letter = life_letter(event, language=language, link=mailing.sign_in)
        if letter is None or to == view.contact.email:  # told by the message of that address
            return
        channel = EMAIL if "@" in to else SMS
        if channel == EMAIL:
            await _send(to, letter, language, f"{space}/{event}/{about}/{to}", mailing, at)
        else:
            await _send_text(to, life_text(event, language=language), mailing)
        await record(w, Act.NOTIFY, allow(Ground.DUTY), actor=actor, details={"channel": channel, "code": event})


async def _send_text(to: str, text: str, mailing: Mailing) -> None:
    if mailing.sms is None:
        raise GiveUp("nothing sends text messages here")
    try:
        await mailing.sms.send(to=to, text=text)
    except SmsRefused as refused:
        raise GiveUp("the number was refused") from refused


async def email_farewell(
    *, actor: Actor, certificate: UUID, language: str, sealed: bytes, mailing: Mailing, at: datetime
) -> None:
    """Say that it is done, with the number of the certificate: nothing else leads to it. Raises as `email_life`."""
    to = open_farewell(certificate, sealed)
    letter = life_letter(ERASED, language=language, link=mailing.certificates, number=_grouped(to.number))
    if letter is not None:
        await _send(to.address, letter, language, str(certificate), mailing, at)
        said = {"channel": EMAIL, "code": ERASED}
        async with work(space=None, at=at) as w:
            told = Trace(act=Act.NOTIFY, actor=actor, decision=allow(Ground.DUTY), at=at, space=None, details=said)
            await append(w, told)


async def _send(
    to: str, letter: tuple[str, str, str], language: str, about: str, mailing: Mailing, at: datetime
) -> None:
    subject, text, html = letter
    key = hashlib.sha256(f"carnet/life/{about}".encode()).hexdigest()[:32]
    try:
        await mailing.transport.send(
            Mail(to=to, subject=subject, text=text, html=html, language=language, message_key=key), at=at
        )
    except MailRefused as refused:
        raise GiveUp("the mail server refused the address") from refused


def _grouped(number: str) -> str:
    return "-".join(number[start : start + 4] for start in range(0, len(number), 4))
