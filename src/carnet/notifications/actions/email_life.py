"""The holder is told what became of their space (R1111-36 CSP): by e-mail, whatever they chose, for no page tells them.

Ignored here: people without an address; they find it at their next sign-in.
"""

import hashlib
from datetime import datetime
from uuid import UUID

from carnet.infra.db import work
from carnet.infra.jobs.handlers import GiveUp
from carnet.infra.mail import Mail, MailRefused
from carnet.journal.api import Act, Trace, append, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow
from carnet.kernel.errors import NotFound
from carnet.kernel.ids import SpaceId
from carnet.notifications.actions.email_notification import Mailing
from carnet.notifications.rules.channels import EMAIL
from carnet.notifications.rules.life_words import ERASED, life_letter
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
