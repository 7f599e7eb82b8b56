"""Running the real worker in tests: the table of handlers as `config` writes it, and an empty queue to start from."""

import datetime as dt

import psycopg

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
from carnet.identity.api import CredentialAdded
from carnet.infra.jobs.retrying import Retrying
from carnet.infra.jobs.worker import run_until_idle
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
from carnet.spaces.api import ContactChanged, LifeChanged, SpaceErased

SIGN_IN = "https://carnet.test/connexion"
CERTIFICATES = "https://carnet.test/certificat"


def table(transport=None, *, texts=False, group=dt.timedelta(), postman=None, sms=None):
    """The handlers of every event; without `transport` no mail is sent. texts: documents' words are read."""
    usual = {"sign_in": SIGN_IN, "group": group, "certificates": CERTIFICATES, "sms": sms}
    mailing = Mailing(transport=transport, **usual) if transport else None
    return {
        DocumentDeposited: (tell_of_deposit, want_text) if texts else (tell_of_deposit,),
        RecordCarriedOver: (tell_of_record,),
        DocumentChanged: (tell_of_change,),
        DocumentDeleted: (tell_of_deletion, drop_text),
        TextWanted: (take_text,),
        PagesWaiting: (recognise_text,),
        AccessBlocked: (tell_of_block,),
        AgendaDue: (tell_of_agenda,),
        ConsentRecorded: (tell_of_consent,),
        FirstAccess: (tell_of_first_access,),
        DelegationChanged: (tell_of_delegation,),
        AccessChanged: (),
        AccessDisputed: (),
        EmergencyOpened: (tell_of_emergency,),
        AttendingDoctorToTell: (ProfessionalMailer(mailing).emergency,) if mailing else (),
        DocumentReleased: (tell_of_release,),
        ExportReady: (tell_of_export,),
        ResultHeld: (tell_of_held_result,),
        ResultAsked: (ProfessionalMailer(mailing).result_asked,) if mailing else (),
        NotificationAdded: (tell_parents, Mailer(mailing)) if mailing else (tell_parents,),
        ContactChanged: (ContactMailer(mailing),) if mailing else (),
        KeptApartDue: (ApartMailer(mailing),) if mailing else (),
        DigestDue: (DigestMailer(mailing),) if mailing else (),
        MailArrived: (read_arrived,),
        ColleagueMailArrived: (read_colleague_mail,),
        MessageReceived: (tell_of_message, announce_received),
        DeliveryFailed: (tell_of_undelivered,),
        MailLeaving: (postman.letter,) if postman else (),
        ColleagueMailLeaving: (postman.colleague,) if postman else (),
        ReceiptDue: (postman.receipt,) if postman else (),
        LifeChanged: (tell_family_of_closing, LifeMailer(mailing).changed) if mailing else (tell_family_of_closing,),
        CredentialAdded: (LifeMailer(mailing).way_in,) if mailing else (),
        SpaceErased: (LifeMailer(mailing).erased,) if mailing else (),
    }


def as_owner(house):
    """A connection as superuser on the house's database: the test's eye, never the product's."""
    conninfo = psycopg.conninfo.make_conninfo(house.superuser_url, dbname=database_name(house))
    return psycopg.connect(conninfo, autocommit=True, options="-c search_path=carnet,vault,jobs")


def database_name(house) -> str:
    return psycopg.conninfo.conninfo_to_dict(house.url("carnet_app"))["dbname"]


def empty_queue(house) -> None:
    """Forget every job other tests left."""
    with as_owner(house) as conn:
        conn.execute("DELETE FROM procrastinate_jobs")


def jobs(house, *, status=None) -> list[tuple]:
    """(id, status, attempts, type of event) of the events in the queue."""
    with as_owner(house) as conn:
        return conn.execute(
            "SELECT id, status::text, attempts, args -> 'event' ->> 'type' FROM procrastinate_jobs"
            " WHERE task_name = 'handle_event' AND (%(status)s::text IS NULL OR status::text = %(status)s) ORDER BY id",
            {"status": status},
        ).fetchall()


def hasten(house) -> None:
    """Let whatever is to be tried again later be due now."""
    with as_owner(house) as conn:
        conn.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'")


async def deliver(house, *, transport=None, handlers=None, retrying=None) -> None:
    """Handle everything that waits, once."""
    await run_until_idle(
        house.url("carnet_app"), handlers=handlers or table(transport), retrying=retrying or Retrying()
    )
