"""The door of notifications."""

from carnet.notifications.actions.add_notification import add_notification
from carnet.notifications.actions.change_list import (
    delete_notification,
    mark_accesses_known,
    mark_all_read,
    mark_notification,
)
from carnet.notifications.actions.email_digest import call_digests
from carnet.notifications.actions.email_notification import Mailing, email_notification
from carnet.notifications.agenda import tell_of_agenda
from carnet.notifications.data import NewAccess, News, NoticeCode, NotificationItem, NotificationPage
from carnet.notifications.events import DigestDue, KeptApartDue, NotificationAdded
from carnet.notifications.families import tell_family_of_closing, tell_of_delegation, tell_parents
from carnet.notifications.handlers import (
    ApartMailer,
    ContactMailer,
    DigestMailer,
    LifeMailer,
    Mailer,
    ProfessionalMailer,
    tell_of_block,
    tell_of_change,
    tell_of_consent,
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
)
from carnet.notifications.queries.listing import (
    count_unread,
    counting_statement,
    list_notifications,
    new_accesses_statement,
    to_new_accesses,
)
from carnet.notifications.schedules import notice_schedules

__all__ = [
    "ApartMailer",
    "ContactMailer",
    "DigestDue",
    "DigestMailer",
    "KeptApartDue",
    "LifeMailer",
    "Mailer",
    "Mailing",
    "NewAccess",
    "News",
    "NoticeCode",
    "NotificationAdded",
    "NotificationItem",
    "NotificationPage",
    "ProfessionalMailer",
    "add_notification",
    "call_digests",
    "count_unread",
    "counting_statement",
    "delete_notification",
    "email_notification",
    "list_notifications",
    "mark_accesses_known",
    "mark_all_read",
    "mark_notification",
    "new_accesses_statement",
    "notice_schedules",
    "tell_family_of_closing",
    "tell_of_agenda",
    "tell_of_block",
    "tell_of_change",
    "tell_of_consent",
    "tell_of_delegation",
    "tell_of_deletion",
    "tell_of_deposit",
    "tell_of_emergency",
    "tell_of_export",
    "tell_of_first_access",
    "tell_of_held_result",
    "tell_of_message",
    "tell_of_record",
    "tell_of_release",
    "tell_of_undelivered",
    "tell_parents",
    "to_new_accesses",
]
