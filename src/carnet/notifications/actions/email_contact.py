"""Writing about the address itself: the code that proves it, and a word to the one it takes the place of.

What is to be sent is in the sealed contact, never in the event, and stays held while a message is handed over. A crash
in between sends it again with the same Message-ID.
"""

import hashlib
from datetime import datetime

import msgspec

from carnet.infra.db import Work, work
from carnet.infra.jobs.handlers import GiveUp
from carnet.infra.mail import Mail, MailRefused
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow
from carnet.kernel.errors import NotFound
from carnet.kernel.ids import SpaceId
from carnet.notifications.actions.email_notification import Mailing
from carnet.notifications.rules.channels import EMAIL
from carnet.notifications.rules.contact_words import ADDRESS_CHANGED, CODE, letter
from carnet.spaces.api import hold_contact, store_contact, view_in


async def email_contact(*, actor: Actor, space: SpaceId, mailing: Mailing, at: datetime) -> None:
    """Send what waits about the address of `space`. Raises Unavailable (later) or GiveUp (an address is refused)."""
    refused = False
    async with work(space=space, at=at) as w:
        try:
            held = await hold_contact(w)
            language = (await view_in(w)).settings.language
        except NotFound:  # erased meanwhile: nobody left to tell
            return
        proposed = held.proposed
        if proposed is not None and not proposed.mailed and proposed.until > at:
            words = letter(CODE, language=language, sign_in=mailing.sign_in, code=proposed.code)
            refused |= not await _send(w, proposed.address, words, language, mailing, actor, kind=CODE)
            held = msgspec.structs.replace(held, proposed=msgspec.structs.replace(proposed, mailed=True))
            await store_contact(w, held)
        if held.former is not None:
            words = letter(ADDRESS_CHANGED, language=language, sign_in=mailing.sign_in)
            await _send(w, held.former, words, language, mailing, actor, kind=ADDRESS_CHANGED)
            await store_contact(w, msgspec.structs.replace(held, former=None))
    if refused:
        raise GiveUp("the mail server refused the address to confirm")


async def _send(
    w: Work, to: str, words: tuple[str, str, str], language: str, mailing: Mailing, actor: Actor, *, kind: str
) -> bool:
    subject, text, html = words
    key = hashlib.sha256(f"carnet/contact/{w.space_id}/{to}/{text}".encode()).hexdigest()[:32]
    mail = Mail(to=to, subject=subject, text=text, html=html, language=language, message_key=key)
    try:
        await mailing.transport.send(mail, at=w.at)
    except MailRefused:
        return False
    await record(w, Act.NOTIFY, allow(Ground.DUTY), actor=actor, details={"channel": EMAIL, "code": kind})
    return True
