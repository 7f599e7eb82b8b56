"""The door of messaging."""

from carnet.messaging.actions.accept_colleague_mail import accept_colleague_mail
from carnet.messaging.actions.accept_mail import BudgetSpent, accept_mail, spend_budget
from carnet.messaging.actions.answer_colleague import answer_colleague
from carnet.messaging.actions.change_conversation import (
    delete_conversation,
    keep_conversation_apart,
    mark_opened,
    place_conversation,
)
from carnet.messaging.actions.draft import delete_draft, save_draft
from carnet.messaging.actions.drop_mail import drop_mail
from carnet.messaging.actions.empty_bins import empty_bins
from carnet.messaging.actions.end_forgotten import end_forgotten
from carnet.messaging.actions.hand_on import next_colleague_mail, note_colleague_mail
from carnet.messaging.actions.heed_header import heed_header
from carnet.messaging.actions.note_delivery import KEPT, REFUSES_US, next_letter, note_refused, note_sent, note_trouble
from carnet.messaging.actions.note_saved import note_saved
from carnet.messaging.actions.put_off_receipt import put_off_receipt
from carnet.messaging.actions.replay_mail import replay_mail
from carnet.messaging.actions.send_message import Sent, send_message
from carnet.messaging.actions.set_rules import set_mailbox_rules
from carnet.messaging.actions.take_mail import take_mail
from carnet.messaging.actions.write_to_colleague import write_to_colleague
from carnet.messaging.actions.write_to_person import write_to_person
from carnet.messaging.data import (
    COLLEAGUE_MAIL_STAYS,
    GATEWAY,
    Accepted,
    Address,
    Attachment,
    AttachmentKind,
    ColleagueLetter,
    ColleagueLetters,
    Contact,
    Conversation,
    ConversationLine,
    Delivery,
    Description,
    Draft,
    Envelope,
    Folder,
    Head,
    Inbox,
    Letter,
    LettersToProfessional,
    LetterToProfessional,
    Mark,
    Message,
    MessageState,
    NewFile,
    OutgoingLetter,
    Place,
    ProfessionalWriting,
    QuarantinedMail,
    Writing,
)
from carnet.messaging.errors import TOO_MANY
from carnet.messaging.events import (
    ColleagueMailArrived,
    ColleagueMailLeaving,
    DeliveryFailed,
    MailArrived,
    MailLeaving,
    MessageReceived,
    ReceiptDue,
)
from carnet.messaging.handlers import announce_received, read_arrived, read_colleague_mail
from carnet.messaging.opening import Opened
from carnet.messaging.practices import (
    LONGEST_AUTOMATIC,
    MOST_ABSENCES,
    MOST_OPENINGS,
    Absence,
    Asking,
    KnownRules,
    Opening,
    OwnedMailbox,
    Period,
    PracticeRules,
    Quota,
    RequestKind,
    SetBy,
)
from carnet.messaging.queries.colleague_letters import (
    TEXT,
    FoundLetter,
    came_to,
    colleague_file,
    colleague_files,
    colleague_letter,
    colleague_letters,
    search_colleague_letters,
)
from carnet.messaging.queries.conversation import (
    OpenedAttachment,
    contacts,
    practice_answered,
    read_attachment,
    read_conversation,
)
from carnet.messaging.queries.copying import (
    NAMELESS,
    NOBODY,
    UNREADABLE,
    CopiedConversation,
    copy_contacts,
    copy_conversations,
)
from carnet.messaging.queries.drafts import drafts
from carnet.messaging.queries.inbox import News, count_unread, inbox, look_for_news, to_news, unread_statement
from carnet.messaging.queries.letters_to import letter_to, letters_to
from carnet.messaging.queries.practice import owned_mailbox, rules_of, settable_mailboxes
from carnet.messaging.queries.quarantine import quarantined
from carnet.messaging.queries.receipts import next_receipt
from carnet.messaging.queries.searching import FoundConversation, search_messages
from carnet.messaging.queries.trust_space import reaches_colleague
from carnet.messaging.rules.addresses import matricule_named, matricule_of, patient_address, read_address
from carnet.messaging.rules.asking import FORMS, WIRE
from carnet.messaging.rules.finding import Answer
from carnet.messaging.rules.marks import read_mark, written_mark
from carnet.messaging.rules.practice_rules import away, check_rules, may_set, opens_again
from carnet.messaging.rules.practice_words import hours_text, read_hours, read_quota

__all__ = [
    "COLLEAGUE_MAIL_STAYS",
    "FORMS",
    "GATEWAY",
    "KEPT",
    "LONGEST_AUTOMATIC",
    "MOST_ABSENCES",
    "MOST_OPENINGS",
    "NAMELESS",
    "NOBODY",
    "REFUSES_US",
    "TEXT",
    "TOO_MANY",
    "UNREADABLE",
    "WIRE",
    "Absence",
    "Accepted",
    "Address",
    "Answer",
    "Asking",
    "Attachment",
    "AttachmentKind",
    "BudgetSpent",
    "ColleagueLetter",
    "ColleagueLetters",
    "ColleagueMailArrived",
    "ColleagueMailLeaving",
    "Contact",
    "Conversation",
    "ConversationLine",
    "CopiedConversation",
    "Delivery",
    "DeliveryFailed",
    "Description",
    "Draft",
    "Envelope",
    "Folder",
    "FoundConversation",
    "FoundLetter",
    "Head",
    "Inbox",
    "KnownRules",
    "Letter",
    "LetterToProfessional",
    "LettersToProfessional",
    "MailArrived",
    "MailLeaving",
    "Mark",
    "Message",
    "MessageReceived",
    "MessageState",
    "NewFile",
    "News",
    "Opened",
    "OpenedAttachment",
    "Opening",
    "OutgoingLetter",
    "OwnedMailbox",
    "Period",
    "Place",
    "PracticeRules",
    "ProfessionalWriting",
    "QuarantinedMail",
    "Quota",
    "ReceiptDue",
    "RequestKind",
    "Sent",
    "SetBy",
    "Writing",
    "accept_colleague_mail",
    "accept_mail",
    "announce_received",
    "answer_colleague",
    "away",
    "came_to",
    "check_rules",
    "colleague_file",
    "colleague_files",
    "colleague_letter",
    "colleague_letters",
    "contacts",
    "copy_contacts",
    "copy_conversations",
    "count_unread",
    "delete_conversation",
    "delete_draft",
    "drafts",
    "drop_mail",
    "empty_bins",
    "end_forgotten",
    "heed_header",
    "hours_text",
    "inbox",
    "keep_conversation_apart",
    "letter_to",
    "letters_to",
    "look_for_news",
    "mark_opened",
    "matricule_named",
    "matricule_of",
    "may_set",
    "next_colleague_mail",
    "next_letter",
    "next_receipt",
    "note_colleague_mail",
    "note_refused",
    "note_saved",
    "note_sent",
    "note_trouble",
    "opens_again",
    "owned_mailbox",
    "patient_address",
    "place_conversation",
    "practice_answered",
    "put_off_receipt",
    "quarantined",
    "reaches_colleague",
    "read_address",
    "read_arrived",
    "read_attachment",
    "read_colleague_mail",
    "read_conversation",
    "read_hours",
    "read_mark",
    "read_quota",
    "replay_mail",
    "rules_of",
    "save_draft",
    "search_colleague_letters",
    "search_messages",
    "send_message",
    "set_mailbox_rules",
    "settable_mailboxes",
    "spend_budget",
    "take_mail",
    "to_news",
    "unread_statement",
    "write_to_colleague",
    "write_to_person",
    "written_mark",
]
