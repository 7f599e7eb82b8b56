"""What this capability does when it hears of something: one function an event, for the table in `config`.

Each may run twice for one event (at least once is what the queue promises): the key of the news makes it tell once.
"""

from datetime import UTC, datetime
from uuid import UUID

from carnet.access.api import (
    AccessBlocked,
    AttendingDoctorToTell,
    ConsentRecorded,
    EmergencyOpened,
    FirstAccess,
    access_lines,
)
from carnet.identity.api import CredentialAdded, open_destination
from carnet.infra.db import work
from carnet.kernel.ids import SpaceId
from carnet.messaging.api import DeliveryFailed, MessageReceived
from carnet.notifications.actions.add_notification import add_notification
from carnet.notifications.actions.email_contact import email_contact
from carnet.notifications.actions.email_digest import email_digest
from carnet.notifications.actions.email_life import email_farewell, email_life, tell_destination
from carnet.notifications.actions.email_notification import Mailing, email_notification
from carnet.notifications.actions.email_professional import EMERGENCY, RESULT_ASKED, Letter, email_professional
from carnet.notifications.actions.tell_apart import send_code_apart, tell_apart
from carnet.notifications.data import NOTIFIER, News, NoticeCode, holder_of
from carnet.notifications.events import DigestDue, KeptApartDue, NotificationAdded
from carnet.records.api import (
    DocumentChanged,
    DocumentDeleted,
    DocumentDeposited,
    DocumentReleased,
    ExportReady,
    RecordCarriedOver,
    ResultAsked,
    ResultHeld,
    pending_results,
)
from carnet.spaces.api import ContactChanged, LifeChanged, SpaceErased


async def tell_of_deposit(event: DocumentDeposited, /, *, at: datetime) -> None:
    """A document came, or a new version of one. The person's own are no news to them; of a record carried over they
    hear once.
    """
    if not (event.by_person or event.carried):
        code = NoticeCode.MODIF_DOCUMENT if event.replaces else NoticeCode.AJOUT_DOCUMENT
        news = News(code=code, key=f"deposit/{event.document}", document=event.document)
        await add_notification(actor=NOTIFIER, space=SpaceId(event.space), news=news, at=at)


async def tell_of_record(event: RecordCarriedOver, /, *, at: datetime) -> None:
    """Their earlier record (DMP) is in their space: told once, however many archives and documents it had."""
    news = News(code=NoticeCode.REPRISE_DMP, key="record-carried-over", document=event.document)
    await add_notification(actor=NOTIFIER, space=SpaceId(event.space), news=news, at=at)


async def tell_of_change(event: DocumentChanged, /, *, at: datetime) -> None:
    """Somebody else changed what is said about a document, or who may see it."""
    if not event.by_person:
        key = f"change/{event.document}/{event.at.astimezone(UTC).isoformat()}"
        news = News(code=NoticeCode.MODIF_DOCUMENT, key=key, document=event.document)
        await add_notification(actor=NOTIFIER, space=SpaceId(event.space), news=news, at=at)


async def tell_of_deletion(event: DocumentDeleted, /, *, at: datetime) -> None:
    """The author deleted a document."""
    if not event.by_person:
        news = News(code=NoticeCode.SUPP_DOC, key=f"delete/{event.document}", document=event.document)
        await add_notification(actor=NOTIFIER, space=SpaceId(event.space), news=news, at=at)


async def tell_of_release(event: DocumentReleased, /, *, at: datetime) -> None:
    """What was to be announced first may be seen now. The key makes it told once, whoever released it."""
    news = News(code=NoticeCode.REMISE_VISIBILITE_AUTO, key=f"release/{event.document}", document=event.document)
    await add_notification(actor=NOTIFIER, space=SpaceId(event.space), news=news, at=at)


async def tell_of_held_result(event: ResultHeld, /, *, at: datetime) -> None:
    """A result waits to be explained: the person knows that it does, and may ask for it. Nothing says what it is.

    A line that says so names no document, so that it could not be kept from a simple session: none where it would have
    to. Whoever proved twice finds what waits on the first page.
    """
    async with work(space=SpaceId(event.space), at=at) as w:
        waiting = await pending_results(w, actor=holder_of(SpaceId(event.space)))
    if not any(one.hold == event.hold for one in waiting):
        return
    news = News(code=NoticeCode.RESULTAT_RETENU, key=f"hold/{event.hold}")
    await add_notification(actor=NOTIFIER, space=SpaceId(event.space), news=news, at=at)


async def tell_of_export(event: ExportReady, /, *, at: datetime) -> None:
    """The copy the person asked for is ready; whoever did not ask for it must hear of it too."""
    news = News(code=NoticeCode.COPIE_PRETE, key=f"export/{event.export}")
    await add_notification(actor=NOTIFIER, space=SpaceId(event.space), news=news, at=at)


async def tell_of_emergency(event: EmergencyOpened, /, *, at: datetime) -> None:
    """A professional opened the space in an emergency: the person hears at once (R1111-48 CSP)."""
    news = News(
        code=NoticeCode.ACCES_BRIS_GLACE, key=f"emergency/{event.emergency}", grantee=event.rpps, happened_at=event.at
    )
    await add_notification(actor=NOTIFIER, space=SpaceId(event.space), news=news, at=at)


async def tell_of_consent(event: ConsentRecorded, /, *, at: datetime) -> None:
    """A professional wrote down that the person agrees: the person hears at once (threats T04)."""
    key = _access_key(event.rpps, event.at)
    news = News(code=NoticeCode.ACCES_DMP_PS, key=key, grantee=event.rpps, happened_at=event.at)
    await add_notification(actor=NOTIFIER, space=SpaceId(event.space), news=news, at=at)


async def tell_of_first_access(event: FirstAccess, /, *, at: datetime) -> None:
    """A professional opened the space for the first time.

    When it rests on a consent they wrote down themselves, the person was told of that very consent: one access, told
    once (same key), whichever of the two events is handled first.
    """
    async with work(space=SpaceId(event.space), at=at) as w:
        lines = await access_lines(w)
    since = next(
        (line.starts_at for line in lines if line.identifier == event.rpps and line.origin == "professional"), event.at
    )
    key = _access_key(event.rpps, since)
    news = News(code=NoticeCode.ACCES_DMP_PS, key=key, grantee=event.rpps, happened_at=event.at)
    await add_notification(actor=NOTIFIER, space=SpaceId(event.space), news=news, at=at)


async def tell_of_block(event: AccessBlocked, /, *, at: datetime) -> None:
    """An administrator keeps somebody out in the person's name: they hear of it, for only they may lift it."""
    news = News(code=NoticeCode.BLOCAGE_ACCES, key=f"block/{event.line}", grantee=event.rpps)
    await add_notification(actor=NOTIFIER, space=SpaceId(event.space), news=news, at=at)


async def tell_of_message(event: MessageReceived, /, *, at: datetime) -> None:
    """A professional wrote: the person hears that something waits, never from whom or about what (threats T12)."""
    news = News(code=NoticeCode.RECEPTION_MESSAGE, key=f"message/{event.message}")
    await add_notification(actor=NOTIFIER, space=SpaceId(event.space), news=news, at=at)


async def tell_of_undelivered(event: DeliveryFailed, /, *, at: datetime) -> None:
    """A message the person wrote will not arrive."""
    news = News(code=NoticeCode.ECHEC_MESSAGE, key=f"undelivered/{event.message}")
    await add_notification(actor=NOTIFIER, space=SpaceId(event.space), news=news, at=at)


class ContactMailer:
    """Hears that an address is to be confirmed or was changed, of either channel; built by `config` as `Mailer` is."""

    def __init__(self, mailing: Mailing) -> None:
        self._mailing = mailing

    async def __call__(self, event: ContactChanged, /, *, at: datetime) -> None:
        """Write to whom it concerns; raises to be tried again later."""
        try:
            await email_contact(actor=NOTIFIER, space=SpaceId(event.space), mailing=self._mailing, at=at)
        finally:  # an address that refuses ends the event, and says nothing of the other channel
            await send_code_apart(actor=NOTIFIER, space=SpaceId(event.space), mailing=self._mailing, at=at)


class ApartMailer:
    """Hears of a line no ordinary message tells of; built by `config` as `Mailer` is."""

    def __init__(self, mailing: Mailing) -> None:
        self._mailing = mailing

    async def __call__(self, event: KeptApartDue, /, *, at: datetime) -> None:
        """Write by the channel the person gave for it; raises to be tried again later."""
        space = SpaceId(event.space)
        await tell_apart(actor=NOTIFIER, space=space, notification=event.notification, mailing=self._mailing, at=at)


class LifeMailer:
    """Hears what became of a space: its holder is told; built by `config` as `Mailer` is."""

    def __init__(self, mailing: Mailing) -> None:
        self._mailing = mailing

    async def changed(self, event: LifeChanged, /, *, at: datetime) -> None:
        """Write to the holder; raises to be tried again later."""
        await email_life(actor=NOTIFIER, space=SpaceId(event.space), event=event.event, mailing=self._mailing, at=at)

    async def way_in(self, event: CredentialAdded, /, *, at: datetime) -> None:
        """Write about a way of signing in that was added, where it is told; raises to be tried again later."""
        said, space = "credential-waits" if event.waits else "credential-added", SpaceId(event.space)
        if event.to:
            to = open_destination(event.about, event.to)
            await tell_destination(
                actor=NOTIFIER, space=space, event=said, to=to, about=event.about, mailing=self._mailing, at=at
            )
            return
        await email_life(actor=NOTIFIER, space=space, event=said, about=event.about, mailing=self._mailing, at=at)

    async def erased(self, event: SpaceErased, /, *, at: datetime) -> None:
        """Write for the last time; raises to be tried again later."""
        await email_farewell(
            actor=NOTIFIER,
            certificate=event.certificate,
            language=event.language,
            sealed=event.to,
            mailing=self._mailing,
            at=at,
        )


class Mailer:
    """Hears that a line was added and mails it; built by `config` with the mail server's settings."""

    def __init__(self, mailing: Mailing) -> None:
        self._mailing = mailing

    async def __call__(self, event: NotificationAdded, /, *, at: datetime) -> None:
        """Mail the line; raises to be tried again later."""
        await email_notification(
            actor=NOTIFIER,
            space=SpaceId(event.space),
            notification=event.notification,
            mailing=self._mailing,
            at=at,
        )


class DigestMailer:
    """Hears that the week of a digest is over and mails it; built by `config` with the mail server's settings."""

    def __init__(self, mailing: Mailing) -> None:
        self._mailing = mailing

    async def __call__(self, event: DigestDue, /, *, at: datetime) -> None:
        """Mail it; raises to be tried again later."""
        await email_digest(actor=NOTIFIER, space=SpaceId(event.space), mailing=self._mailing, at=at)


class ProfessionalMailer:
    """Hears what professionals must be told of by e-mail: emergencies at their patients', results asked for."""

    def __init__(self, mailing: Mailing) -> None:
        self._mailing = mailing

    async def emergency(self, event: AttendingDoctorToTell, /, *, at: datetime) -> None:
        """Mail the attending doctor; raises to be tried again later."""
        await self._send(event.space, event.emergency, event.rpps, EMERGENCY, at)

    async def result_asked(self, event: ResultAsked, /, *, at: datetime) -> None:
        """Mail whoever holds the result, when it is a professional; raises to be tried again later."""
        await self._send(event.space, event.hold, event.held_by, RESULT_ASKED, at)

    async def _send(self, space: UUID, about: UUID, rpps: str, letter: Letter, at: datetime) -> None:
        await email_professional(
            actor=NOTIFIER,
            space=SpaceId(space),
            about=about,
            rpps=rpps,
            letter=letter,
            mailing=self._mailing,
            at=at,
        )


def _access_key(rpps: str, since: datetime) -> str:
    return f"access/{rpps}/{since.astimezone(UTC).isoformat()}"
