"""Which handler hears which event, and what is done at fixed times: one table each, and the worker that runs them."""

import asyncio
import signal
from datetime import timedelta

from carnet.access.api import (
    AccessBlocked,
    AccessChanged,
    AccessDisputed,
    AttendingDoctorToTell,
    ConsentRecorded,
    DelegationChanged,
    EmergencyOpened,
    FirstAccess,
)
from carnet.agenda.api import AgendaDue
from carnet.config.connect import connected
from carnet.config.mail import mail_settings, sms_sender, telling_of
from carnet.config.messaging_settings import relay_of
from carnet.config.settings import Settings
from carnet.identity.api import CredentialAdded
from carnet.infra.db.database import Database
from carnet.infra.jobs.handlers import Handlers
from carnet.infra.jobs.worker import Schedule, run_worker
from carnet.infra.mail import MailTransport
from carnet.infra.telemetry import configure_logging
from carnet.interfaces.mssante.outbound import Postman
from carnet.interfaces.portal.setting import language_for
from carnet.interfaces.portal.sources.copied_journal import copied_journal
from carnet.journeys.api import ErasureList, export_schedules, in_step, upkeep_schedules
from carnet.messaging.api import (
    ColleagueMailArrived,
    ColleagueMailLeaving,
    DeliveryFailed,
    MailArrived,
    MailLeaving,
    MessageReceived,
    ReceiptDue,
    announce_received,
    read_arrived,
    read_colleague_mail,
)
from carnet.notifications.api import (
    ApartMailer,
    ContactMailer,
    DigestDue,
    DigestMailer,
    KeptApartDue,
    LifeMailer,
    Mailer,
    Mailing,
    NotificationAdded,
    ProfessionalMailer,
    notice_schedules,
    tell_family_of_closing,
    tell_of_agenda,
    tell_of_block,
    tell_of_change,
    tell_of_consent,
    tell_of_delegation,
    tell_of_deletion,
    tell_of_deposit,
    tell_of_emergency,
    tell_of_export,
    tell_of_first_access,
    tell_of_held_result,
    tell_of_message,
    tell_of_record,
    tell_of_release,
    tell_of_undelivered,
    tell_parents,
)
from carnet.records.api import (
    DocumentChanged,
    DocumentDeleted,
    DocumentDeposited,
    DocumentReleased,
    ExportReady,
    PagesWaiting,
    RecordCarriedOver,
    ResultAsked,
    ResultHeld,
    TextWanted,
    drop_text,
    recognise_text,
    take_text,
    want_text,
)
from carnet.spaces.api import ContactChanged, LifeChanged, SpaceErased, campaign_schedules


def handlers(settings: Settings) -> Handlers:
    """Return the table of events."""
    mailing = Mailing(
        transport=MailTransport(mail_settings(settings)),
        sign_in=f"{settings.base_url}/connexion",
        group=timedelta(minutes=settings.notice_group_minutes),
        certificates=f"{settings.base_url}/certificat",
        sms=sms_sender(settings),
    )
    postman = Postman(relay_of(settings))
    return {
        DocumentDeposited: (tell_of_deposit, want_text),
        RecordCarriedOver: (tell_of_record,),
        DocumentChanged: (tell_of_change,),
        DocumentDeleted: (tell_of_deletion, drop_text),
        TextWanted: (take_text,),
        PagesWaiting: (recognise_text,),
        ConsentRecorded: (tell_of_consent,),
        FirstAccess: (tell_of_first_access,),
        DelegationChanged: (tell_of_delegation,),
        AccessBlocked: (tell_of_block,),
        AgendaDue: (tell_of_agenda,),
        AccessChanged: (),
        AccessDisputed: (),
        EmergencyOpened: (tell_of_emergency,),
        AttendingDoctorToTell: (ProfessionalMailer(mailing).emergency,),
        DocumentReleased: (tell_of_release,),
        ExportReady: (tell_of_export,),
        ResultHeld: (tell_of_held_result,),
        ResultAsked: (ProfessionalMailer(mailing).result_asked,),
        NotificationAdded: (tell_parents, Mailer(mailing)),  # last: an address that refuses ends the event
        KeptApartDue: (ApartMailer(mailing),),
        DigestDue: (DigestMailer(mailing),),
        ContactChanged: (ContactMailer(mailing),),
        MailArrived: (read_arrived,),
        ColleagueMailArrived: (read_colleague_mail,),
        MessageReceived: (tell_of_message, announce_received),
        DeliveryFailed: (tell_of_undelivered,),
        MailLeaving: (postman.letter,),
        ColleagueMailLeaving: (postman.colleague,),
        ReceiptDue: (postman.receipt,),
        LifeChanged: (tell_family_of_closing, LifeMailer(mailing).changed),
        CredentialAdded: (LifeMailer(mailing).way_in,),
        SpaceErased: (LifeMailer(mailing).erased,),
    }


def erasure_list(settings: Settings) -> ErasureList:
    """Return where erasures are noted outside the database."""
    return ErasureList(settings.home / "erasures")


def schedules(settings: Settings, *, batch: Database) -> tuple[Schedule, ...]:
    """Return what the worker does at fixed times; what cannot be undone asks the clock first."""
    languages = (language_for("fr"), language_for("en"))
    campaign = campaign_schedules(batch=batch, telling=telling_of(settings), begins=settings.campaign_begins)
    return (
        *export_schedules(batch=batch, languages=languages, journal=copied_journal),
        *in_step((*upkeep_schedules(batch=batch, listed=erasure_list(settings)), *campaign), batch=batch),
        *notice_schedules(batch=batch),
    )


async def work_until_stopped(settings: Settings) -> None:
    """Run the worker until SIGTERM or SIGINT, then finish what was begun."""
    configure_logging(settings.log_level)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, stop.set)
    batch = Database(
        settings.batch_url or "",
        min_size=1,
        max_size=2,
        statement_timeout=600_000,
        application="carnet-batch",
        aside=True,
    )
    await batch.open()
    try:
        async with connected(settings, name="carnet-worker"):
            await run_worker(
                settings.database_url or "",
                handlers=handlers(settings),
                schedules=schedules(settings, batch=batch),
                stop=stop,
            )
    finally:
        await batch.close()
