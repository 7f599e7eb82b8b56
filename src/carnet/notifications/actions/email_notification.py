"""One e-mail for one line of the list, as exactly once as SMTP allows.

The line stays locked while the message is handed over (bounded seconds), so two workers never send it together, and
`emailed_at` commits right after the server took it. A crash between the two sends it again with the same Message-ID.
What the person may not know of any more is not mailed. Only the sending is a trace: it is what left the house.

A burst is one message: the first line of a subject is mailed at once, and the words say nothing of which, so it speaks
for every line that waits with it. Those that come within `Mailing.group` of it wait for the end of that time and share
the next one.
"""

import hashlib
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from carnet.infra.db import Work, work
from carnet.infra.installation import current
from carnet.infra.jobs.handlers import GiveUp
from carnet.infra.jobs.outbox import publish
from carnet.infra.mail import Mail, MailRefused, MailTransport
from carnet.infra.sms import SmsSender
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow
from carnet.kernel.errors import NotFound
from carnet.kernel.ids import SpaceId
from carnet.notifications.data import holder_of
from carnet.notifications.events import KeptApartDue, NotificationAdded
from carnet.notifications.queries.shown import LINES, MAILABLE, SHOWN, WITH_READER, shown_to
from carnet.notifications.rules.channels import CANNOT_BE_SILENCED, EMAIL, codes_of, is_told, subject_of
from carnet.notifications.rules.words import html, plain_text, words_for
from carnet.spaces.api import SpaceView, is_minor, view_in

# ## Which news is it? ##
_CODE = "SELECT code FROM notification WHERE space_id = %(space)s AND notification_id = %(id)s"
# ## The line to mail and those that wait with it, if they may still be shown; locked until the mail is gone, in one
# order: of two lines of a burst handled at once, one waits for the other and finds itself spoken for ##
_PENDING = f"""
{WITH_READER}
SELECT n.notification_id, n.read_at FROM {LINES}
WHERE (n.notification_id = %(id)s OR n.code = ANY(%(codes)s)) AND n.emailed_at IS NULL AND {SHOWN}
  AND {MAILABLE}
ORDER BY n.notification_id FOR UPDATE OF n
"""
_LAST = "SELECT max(emailed_at) FROM notification WHERE space_id = %(space)s AND code = ANY(%(codes)s)"
_SENT = "UPDATE notification SET emailed_at = %(at)s WHERE space_id = %(space)s AND notification_id = ANY(%(sent)s)"


class Mailing(msgspec.Struct, frozen=True, kw_only=True):
    """How notices are mailed. sign_in: address of the portal's sign-in page, the same for everybody. group: how long
    after a message those of the same subject wait for one another. certificates: where a certificate of erasure is
    asked for. sms: for who gave a number for what they keep apart; None where nothing sends any.
    """

    transport: MailTransport
    sign_in: str
    group: timedelta = timedelta()
    certificates: str = ""
    sms: SmsSender | None = None


async def email_notification(
    *, actor: Actor, space: SpaceId, notification: UUID, mailing: Mailing, at: datetime
) -> bool:
    """Mail one line, with those it speaks for, and return whether a message left; too soon, it is put off.

    Raises Unavailable (mail server or database: later) or GiveUp (the address is refused for good).
    """
    async with work(space=space, at=at) as w:
        row = await w.row(_CODE, {"space": space, "id": notification})
        if row is None:
            return False
        code = row[0]
        codes = codes_of(subject_of(code)) if mailing.group else []
        to, view = await _recipient(w, code)
        if view is None or (to is None and view.contact.apart is None):
            return False
        params = shown_to(holder_of(space), space=space, at=at) | {"id": notification, "codes": codes}
        waiting = {row[0]: row[1] for row in await w.rows(_PENDING, params | {"minor": of_a_minor(view, at=at)})}
        if notification not in waiting and view.contact.apart is not None:
            await publish(w, KeptApartDue(space=space, notification=notification))
        if notification not in waiting or to is None:
            return False
        if waiting[notification] is not None and code not in CANNOT_BE_SILENCED:
            return False
        if await _put_off(w, codes, notification, mailing.group):
            return False
        try:
            await mailing.transport.send(_compose(code, to, view, notification, mailing.sign_in), at=at)
        except MailRefused:
            raise GiveUp("the mail server refused the address") from None
        await w.execute(_SENT, {"at": at, "space": space, "sent": list(waiting)})
        await record(w, Act.NOTIFY, allow(Ground.DUTY), actor=actor, details={"channel": EMAIL, "code": code})
    return True


def of_a_minor(view: SpaceView, *, at: datetime) -> bool:
    """Tell whether this is a minor's space: the mailbox may be a parent's."""
    majority_age = current().limits.family.majority_age
    return is_minor(view.person.traits.birth_date, majority_age=majority_age, at=at)


async def _put_off(w: Work, codes: list[str], notification: UUID, group: timedelta) -> bool:
    row = await w.row(_LAST, {"space": w.space_id, "codes": codes}) if codes else None
    if row is None or row[0] is None or row[0] + group <= w.at:
        return False
    await publish(w, NotificationAdded(space=w.space_id, notification=notification), not_before=row[0] + group)
    return True


async def _recipient(w: Work, code: str) -> tuple[str | None, SpaceView | None]:
    try:
        view = await view_in(w)
    except NotFound:  # erased meanwhile: nobody left to tell
        return None, None
    return (view.contact.email if is_told(code, view.settings, channel=EMAIL) else None), view


def _compose(code: str, to: str, view: SpaceView, notification: UUID, sign_in: str) -> Mail:
    language = view.settings.language
    return Mail(
        to=to,
        subject=words_for(code, language=language).subject,
        text=plain_text(code, language=language, sign_in=sign_in),
        html=html(code, language=language, sign_in=sign_in),
        language=language,
        message_key=message_key(notification),
    )


def message_key(notification: UUID) -> str:
    """Return what stands for a notification in a Message-ID: always the same, leading nowhere."""
    return hashlib.sha256(b"carnet/notice/" + notification.bytes).hexdigest()[:32]
