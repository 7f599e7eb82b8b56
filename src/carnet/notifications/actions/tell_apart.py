"""What no ordinary message tells is told by the channel the person gave for it: what they keep apart.

So is what a minor keeps secret from those who act for them. Neutral words, one message for all that waits, and those
that come within `Mailing.group` of it share the next. As `email_notification`: the lines stay locked while the message
is handed over. The trace is one a simple session, representatives and carers are never shown.
"""

import contextlib
import hashlib
from datetime import datetime
from uuid import UUID

import msgspec

from carnet.infra.db import Work, work
from carnet.infra.jobs.handlers import GiveUp
from carnet.infra.jobs.outbox import publish
from carnet.infra.mail import Mail, MailRefused
from carnet.infra.sms import SmsRefused
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow
from carnet.kernel.errors import NotFound
from carnet.kernel.ids import SpaceId
from carnet.notifications.actions.email_notification import Mailing, of_a_minor
from carnet.notifications.data import PROVED, holder_of
from carnet.notifications.events import KeptApartDue
from carnet.notifications.queries.shown import LINES, MAILABLE, SHOWN, WITH_READER, shown_to
from carnet.notifications.rules.apart_words import CODE, NEWS, apart_page, apart_words
from carnet.spaces.api import SpaceView, hold_contact, store_contact, view_in

# ## Lines nobody was told of and nobody read, that a session with a fresh proof may know of ##
_WAITING = f"""
{WITH_READER}
SELECT n.notification_id FROM {LINES}
WHERE n.emailed_at IS NULL AND n.told_apart_at IS NULL AND n.read_at IS NULL AND {SHOWN}
ORDER BY n.notification_id FOR UPDATE OF n
"""
# ## Those of them that an ordinary message may tell of ##
_ORDINARY = f"""
{WITH_READER} SELECT n.notification_id FROM {LINES} WHERE n.notification_id = ANY(%(ids)s) AND {SHOWN} AND {MAILABLE}
"""
_LAST = "SELECT max(told_apart_at) FROM notification WHERE space_id = %s"
_TOLD = "UPDATE notification SET told_apart_at = %(at)s WHERE space_id = %(space)s AND notification_id = ANY(%(told)s)"


async def tell_apart(*, actor: Actor, space: SpaceId, notification: UUID, mailing: Mailing, at: datetime) -> bool:
    """Tell of one line, with those that wait beside it, and return whether a message left; too soon, it is put off.

    Raises Unavailable (later) or GiveUp (the address or number is refused for good).
    """
    async with work(space=space, at=at) as w:
        try:
            view = await view_in(w)
        except NotFound:  # erased meanwhile: nobody left to tell
            return False
        if view.contact.apart is None:
            return False
        told = await _waiting(w, view)
        if notification not in told:
            return False
        row = await w.row(_LAST, (space,))
        if row is not None and row[0] is not None and row[0] + mailing.group > at:
            due = KeptApartDue(space=space, notification=notification)
            await publish(w, due, not_before=row[0] + mailing.group)
            return False
        words = apart_words(NEWS, language=view.settings.language)
        key = hashlib.sha256(b"carnet/apart/" + notification.bytes).hexdigest()[:32]
        await _send(mailing, view.contact.apart, words, language=view.settings.language, key=key, at=at)
        await w.execute(_TOLD, {"at": at, "space": space, "told": told})
        await record(w, Act.NOTIFY_APART, allow(Ground.DUTY), actor=actor)
    return True


async def _waiting(w: Work, view: SpaceView) -> list[UUID]:
    at, space = w.at, w.space_id
    proved = shown_to(holder_of(space, proved_until=at + PROVED), space=space, at=at)
    ids = [row[0] for row in await w.rows(_WAITING, proved)]
    simple = shown_to(holder_of(space), space=space, at=at) | {"ids": ids, "minor": of_a_minor(view, at=at)}
    ordinary = {row[0] for row in await w.rows(_ORDINARY, simple)}
    return [one for one in ids if one not in ordinary]


async def send_code_apart(*, actor: Actor, space: SpaceId, mailing: Mailing, at: datetime) -> None:
    """Send the code that proves the channel, once.

    A wrong address or number is nobody's failure: its code will not come back. Raises Unavailable (later).
    """
    async with work(space=space, at=at) as w:
        try:
            held, language = await hold_contact(w), (await view_in(w)).settings.language
        except NotFound:  # erased meanwhile
            return
        proposed = held.apart_proposed
        if proposed is None or proposed.mailed or proposed.until <= at:
            return
        mailed = msgspec.structs.replace(proposed, mailed=True)
        await store_contact(w, msgspec.structs.replace(held, apart_proposed=mailed))
        key = hashlib.sha256(f"carnet/apart/{space}/{proposed.code}".encode()).hexdigest()[:32]
        words = apart_words(CODE, language=language, code=proposed.code)
        with contextlib.suppress(GiveUp):
            await _send(mailing, proposed.address, words, language=language, key=key, at=at)
            await record(w, Act.NOTIFY_APART, allow(Ground.DUTY), actor=actor, details={"what": "code"})


async def _send(mailing: Mailing, to: str, words: tuple[str, str], *, language: str, key: str, at: datetime) -> None:
    subject, sentence = words
    try:
        if "@" not in to:
            if mailing.sms is None:
                raise GiveUp("nothing sends text messages here")
            await mailing.sms.send(to=to, text=sentence)
            return
        html = apart_page(subject, sentence, language=language)
        mail = Mail(to=to, subject=subject, text=f"{sentence}\n", html=html, language=language, message_key=key)
        await mailing.transport.send(mail, at=at)
    except (MailRefused, SmsRefused):
        raise GiveUp("the address or number given for what is kept apart was refused") from None
