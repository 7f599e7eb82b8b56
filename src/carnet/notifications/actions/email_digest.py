"""Once a week, for who wants it: did anybody else come? Said with neutral words; who it was, only the journal tells.

A yes or a no, never a number (threats T12); counted is what a simple session of the person would be told, so that what
is withheld or kept apart changes no word of it. That the law is about to change who reads what is said to everybody.
As `email_notification`: the row of the space stays locked while the message is handed over, and a message sent again
has the same Message-ID.
"""

import hashlib
from datetime import datetime, timedelta
from uuid import UUID

from carnet.access.api import OPEN_STATES, current_matrix, kept_apart
from carnet.infra.db import Database, system_work, work
from carnet.infra.jobs.handlers import GiveUp
from carnet.infra.jobs.outbox import publish
from carnet.infra.mail import Mail, MailRefused
from carnet.journal.api import Act, Filter, entries, record
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Ground, allow
from carnet.kernel.errors import NotFound
from carnet.kernel.ids import SpaceId
from carnet.notifications.actions.email_notification import Mailing, of_a_minor
from carnet.notifications.data import holder_of
from carnet.notifications.events import DigestDue
from carnet.notifications.rules.channels import EMAIL
from carnet.notifications.rules.words import RULES_CHANGE, WEEK_QUIET, WEEK_VISITED, html, plain_text, words_for
from carnet.spaces.api import SpaceView, view_in

WEEK = timedelta(days=7)
AT_ONCE = 1_000
OTHERS = tuple(
    str(one) for one in (ActorKind.PROFESSIONAL, ActorKind.SOFTWARE, ActorKind.REPRESENTATIVE, ActorKind.CARER)
)
# ## Spaces whose week is over, from one on; whose message did not leave is asked again the next day ##
_DUE = """
SELECT space_id FROM space WHERE digest_at <= %(before)s AND space_id > %(after)s ORDER BY space_id LIMIT %(most)s
"""
_LAST = "SELECT digest_at FROM space WHERE space_id = %(space)s AND digest_at <= %(before)s FOR UPDATE"
_SENT = "UPDATE space SET digest_at = %(at)s WHERE space_id = %(space)s"


async def call_digests(*, actor: Actor, batch: Database, at: datetime) -> int:
    """Have the digests that are due sent, each by a job of its own; return how many. Called twice, none is sent twice.

    batch: the database as carnet_batch, which sees of spaces only which asked for a digest.
    """
    called, after = 0, UUID(int=0)
    while True:
        async with work(space=None, at=at, database_=batch) as w:
            due = await w.rows(_DUE, {"before": at - WEEK, "after": after, "most": AT_ONCE})
            if due:
                details = {"channel": EMAIL, "called": len(due)}
                await record(w, Act.NOTIFY, allow(Ground.DUTY), actor=actor, details=details)
        async with system_work(at=at) as w:
            for (space,) in due:
                await publish(w, DigestDue(space=space), patient=True)
        called += len(due)
        if len(due) < AT_ONCE:
            return called
        after = due[-1][0]


async def email_digest(*, actor: Actor, space: SpaceId, mailing: Mailing, at: datetime) -> bool:
    """Mail the digest of a space when its week is over; return whether a message left.

    Raises Unavailable (mail server or database: later) or GiveUp (the address is refused for good).
    """
    async with work(space=space, at=at) as w:
        row = await w.row(_LAST, {"space": space, "before": at - WEEK})
        if row is None:
            return False
        try:
            view = await view_in(w)
        except NotFound:  # erased meanwhile
            return False
        wanted = "weekly" in view.settings.notice_channels and view.state in OPEN_STATES
        if view.contact.email is None or not wanted:
            return False
        apart = kept_apart(holder_of(space), at=at, mailed_to_minor=of_a_minor(view, at=at))
        came = Filter(actors=OTHERS, since=row[0], apart=apart)
        code = WEEK_VISITED if await entries(w, filter_=came, limit=1) else WEEK_QUIET
        try:
            mail = _compose(code, view.contact.email, view, row[0], sign_in=mailing.sign_in, at=at)
            await mailing.transport.send(mail, at=at)
        except MailRefused:
            raise GiveUp("the mail server refused the address") from None
        await w.execute(_SENT, {"at": at, "space": space})
        await record(w, Act.NOTIFY, allow(Ground.DUTY), actor=actor, details={"channel": EMAIL, "code": code})
    return True


def _announced(language: str, at: datetime) -> str:
    change = current_matrix().announced(on=at.date())
    return RULES_CHANGE.get(language, RULES_CHANGE["fr"]) if change and change.day > at.date() else ""


def _compose(code: str, to: str, view: SpaceView, since: datetime, *, sign_in: str, at: datetime) -> Mail:
    language = view.settings.language
    beside = _announced(language, at)
    about = f"carnet/digest/{view.space}/{since.isoformat()}"
    return Mail(
        to=to,
        subject=words_for(code, language=language).subject,
        text=plain_text(code, language=language, sign_in=sign_in, beside=beside),
        html=html(code, language=language, sign_in=sign_in, beside=beside),
        language=language,
        message_key=hashlib.sha256(about.encode()).hexdigest()[:32],
    )
