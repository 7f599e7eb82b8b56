"""The door of messaging."""

from carnet.messaging.actions.accept_mail import BudgetSpent, accept_mail, spend_budget
from carnet.messaging.actions.change_conversation import delete_conversation, mark_opened
from carnet.messaging.actions.draft import save_draft
from carnet.messaging.actions.drop_mail import drop_mail
from carnet.messaging.actions.note_delivery import next_letter, note_refused, note_sent, note_trouble
from carnet.messaging.actions.note_saved import note_saved
from carnet.messaging.actions.replay_mail import replay_mail
from carnet.messaging.actions.send_message import Sent, send_message
from carnet.messaging.actions.take_mail import take_mail
from carnet.messaging.actions.write_to_person import write_to_person
from carnet.messaging.data import (
    GATEWAY,
    Accepted,
    Address,
    Attachment,
    AttachmentKind,
    Contact,
    Conversation,
    ConversationLine,
    Delivery,
    Description,
    Envelope,
    Folder,
    Head,
    Inbox,
    Letter,
    LetterToProfessional,
    Message,
    MessageState,
    NewFile,
    OutgoingLetter,
    ProfessionalWriting,
    QuarantinedMail,
    Writing,
)
from carnet.messaging.errors import TOO_MANY
from carnet.messaging.events import DeliveryFailed, MailArrived, MailLeaving, MessageReceived, ReceiptDue
from carnet.messaging.handlers import read_arrived
from carnet.messaging.queries.conversation import OpenedAttachment, contacts, read_attachment, read_conversation
from carnet.messaging.queries.inbox import count_unread, inbox, unread_statement
from carnet.messaging.queries.letters_to import letters_to
from carnet.messaging.queries.quarantine import quarantined
from carnet.messaging.queries.receipts import next_receipt
from carnet.messaging.rules.addresses import matricule_of, patient_address, read_address

__all__ = [
    "GATEWAY",
    "TOO_MANY",
    "Accepted",
    "Address",
    "Attachment",
    "AttachmentKind",
    "BudgetSpent",
    "Contact",
    "Conversation",
    "ConversationLine",
    "Delivery",
    "DeliveryFailed",
    "Description",
    "Envelope",
    "Folder",
    "Head",
    "Inbox",
    "Letter",
    "LetterToProfessional",
    "MailArrived",
    "MailLeaving",
    "Message",
    "MessageReceived",
    "MessageState",
    "NewFile",
    "OpenedAttachment",
    "OutgoingLetter",
    "ProfessionalWriting",
    "QuarantinedMail",
    "ReceiptDue",
    "Sent",
    "Writing",
    "accept_mail",
    "contacts",
    "count_unread",
    "delete_conversation",
    "drop_mail",
    "inbox",
    "letters_to",
    "mark_opened",
    "matricule_of",
    "next_letter",
    "next_receipt",
    "note_refused",
    "note_saved",
    "note_sent",
    "note_trouble",
    "patient_address",
    "quarantined",
    "read_address",
    "read_arrived",
    "read_attachment",
    "read_conversation",
    "replay_mail",
    "save_draft",
    "send_message",
    "spend_budget",
    "take_mail",
    "unread_statement",
    "write_to_person",
]
