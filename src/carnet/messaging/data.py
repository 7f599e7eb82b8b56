"""The shapes of messaging. Everything that says what somebody wrote, or to whom, lies sealed in the rows.

A message belongs to one conversation of one space. Bytes beside it are blobs of their own; a document of the record is
a reference, resolved by the decision each time somebody reads it.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import msgspec

from carnet.formats.xdm_metadata import SaidOfDocument
from carnet.kernel.actors import Actor, ActorKind
from carnet.messaging.practices import Asking, PracticeRules

COLLEAGUE_MAIL_STAYS = timedelta(days=30)
"""How long mail between professionals can be read here (decision 0174)."""
GATEWAY = Actor(kind=ActorKind.SYSTEM, identifier="mssante", name="Messagerie", strong=True)
"""Who acts when mail arrives or leaves; its name in a trace is the sender's address, proved by their operator."""


class Address(msgspec.Struct, frozen=True):
    """A mailbox: `address` in lower case; `name` as the other side writes it, never to be trusted alone."""

    address: str
    name: str = ""

    @property
    def domain(self) -> str:
        """What stands behind the `@`."""
        return self.address.rpartition("@")[2]


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """Mail as SMTP took it for one recipient. peer: whose certificate (or place) it came under; sender: MAIL FROM,
    empty for a report; raw: the bytes of RFC 5322 with CR LF. author: the professional who wrote it through their
    software, as their token proved them; None for what came by SMTP. apart: written in a minor's secret connection.
    about: matricule of the patient professionals write to one another about, empty for mail to a person.
    """

    peer: str
    sender: str
    recipient: str
    raw: bytes
    author: Actor | None = None
    apart: bool = False
    about: str = ""


class MessageState(StrEnum):
    """RECEIVED came in; the others were written here. PARTLY: some recipients could not be reached."""

    RECEIVED = "received"
    DRAFT = "draft"
    QUEUED = "queued"
    SENT = "sent"
    PARTLY = "partly"
    FAILED = "failed"


class AttachmentKind(StrEnum):
    """FILE: bytes of their own. DOCUMENT: a reference to the record. CLINICAL: a CDA out of an IHE_XDM archive."""

    FILE = "file"
    DOCUMENT = "document"
    CLINICAL = "clinical"


class Description(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of an attachment, sealed. sha256: hexadecimal, of its bytes; unique_id, type_code, title: out of
    the clinical document when it is one, or what else says so (IHE_XDM metadata, `X-MSS-CODECDA`). said: what the
    archive it leaves in says of it; None for what leaves as it is. masked: a document of the record professionals did
    not see already when the person sent it.
    """

    name: str
    media_type: str
    kind: AttachmentKind = AttachmentKind.FILE
    sha256: str = ""
    unique_id: str = ""
    type_code: str = ""
    title: str = ""
    said: SaidOfDocument | None = None
    masked: bool = False


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """One attachment of a message. number: from 1. document: the record document referred to; saved_as: the document
    it was saved as. size in bytes.
    """

    number: int
    size: int
    description: Description
    blob: UUID | None = None
    document: UUID | None = None
    saved_as: UUID | None = None


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """What a message says, sealed as one. message_id: of RFC 5322, with its angle brackets; signature: the automatic
    line of who wrote for the person, written_by: their name; ends: `X-MSS-MES: FIN`; notes: codes of what was odd about
    it (see `words`); codes: types of the clinical documents beside it, as `X-MSS-CODECDA` says; asks: the kind of
    request it is, as `X-MSS-DEMANDE` names it; automatic: what the practice answers at once; about: matricule of the
    patient one professional writes to another about.
    """

    sender: Address
    to: tuple[Address, ...]
    subject: str
    text: str
    message_id: str
    cc: tuple[Address, ...] = ()
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    signature: str = ""
    ends: bool = False
    wants_receipt: bool = False
    notes: tuple[str, ...] = ()
    asks: str = ""
    automatic: str = ""
    written_by: str = ""
    codes: tuple[str, ...] = ()
    about: str = ""


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """How a message fares with one recipient. state: queued, sent, delivered, read, failed; note: code of why;
    not_before: when a practice that was closed gets it.
    """

    number: int
    address: Address
    state: str
    note: str | None
    tries: int
    changed_at: datetime
    not_before: datetime | None = None


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message of a conversation, opened. author: the delegation of whoever wrote for the person."""

    message_id: UUID
    conversation_id: UUID
    at: datetime
    state: MessageState
    read_at: datetime | None
    letter: Letter
    attachments: tuple[Attachment, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    author: UUID | None = None

    @property
    def mine(self) -> bool:
        """Whether it was written here."""
        return self.state is not MessageState.RECEIVED


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What the inbox shows of a conversation, sealed. people: the professionals in it, latest writer first."""

    subject: str
    people: tuple[Address, ...]
    excerpt: str
    attachments: bool = False
    mine: bool = False


class Place(StrEnum):
    """Where the person put a conversation."""

    INBOX = "inbox"
    ARCHIVE = "archive"
    BIN = "bin"


class ConversationLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the inbox. unread: messages not yet opened; ended: the professional ended the exchange; draft: the
    reader keeps one in it; place: where the person put it; apart: kept from those who act for them.
    """

    conversation_id: UUID
    head: Head
    last_at: datetime
    messages: int
    unread: int
    ended: bool
    draft: bool
    place: Place = Place.INBOX
    apart: bool = False


class Folder(StrEnum):
    """What the inbox shows. ALL: whatever was not put away; ENDED: ended by the professional or put away."""

    ALL = "all"
    UNREAD = "unread"
    SENT = "sent"
    ENDED = "ended"
    BIN = "bin"


class Mark(msgspec.Struct, frozen=True):
    """Where a page of a list ended: when and which its last line was; the next page begins after it."""

    at: datetime
    line: UUID


class Inbox(msgspec.Struct, frozen=True, kw_only=True):
    """One page of conversations, latest first. total: in this folder, counted up to MOST_COUNTED; unread: conversations
    with something new, counted up to MOST_UNREAD; drafts: the reader's own; after: where the next page begins, None
    when there is none; may_begin: whether this reader may write a message that answers none.
    """

    lines: tuple[ConversationLine, ...]
    total: int
    unread: int
    drafts: int = 0
    after: Mark | None = None
    may_begin: bool = True


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody began to write. conversation: what it answers, None for a new message; to: an address."""

    draft_id: UUID
    at: datetime
    text: str
    conversation: UUID | None = None
    subject: str = ""
    to: str = ""


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation with its messages, oldest first. may_answer: false once ended, or when nobody could be reached, or
    for who only reads; may_write: whether this reader changes anything.
    """

    line: ConversationLine
    messages: tuple[Message, ...]
    may_answer: bool
    may_write: bool = True


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody the person may write to. last_at: when they last wrote (first, for who acts for the
    person: later could be apart), None for a pharmacy only visited; key: what
    names them in this space; rules: what they accept, when they said so.
    """

    address: Address
    last_at: datetime | None
    ended: bool
    key: str = ""
    rules: PracticeRules | None = None


class NewFile(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes to send along, already checked and cleaned; or a document of the record (`document`) with its bytes as
    they may be read now, `masked` from professionals or not. type_code: of a clinical document; said: what the archive
    it leaves in says of it.
    """

    name: str
    media_type: str
    content: bytes
    document: UUID | None = None
    type_code: str = ""
    said: SaidOfDocument | None = None
    masked: bool = False


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it travels beside a letter. said: it is a clinical document and leaves in an IHE_XDM archive."""

    name: str
    media_type: str
    content: bytes
    said: SaidOfDocument | None = None


class Writing(msgspec.Struct, frozen=True, kw_only=True):
    """What a person writes. to: addresses among their contacts; answers: the conversation answered, None for a new one;
    to_all: answer everybody in it; request_id: of the form, so that sending it twice sends one message; asking: the
    short form of a practice instead of subject and text; draft: what was kept of it, gone once it is sent.
    """

    text: str = ""
    subject: str = ""
    to: tuple[str, ...] = ()
    answers: UUID | None = None
    to_all: bool = False
    files: tuple[NewFile, ...] = ()
    request_id: UUID | None = None
    asking: Asking | None = None
    draft: UUID | None = None


class OutgoingLetter(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a transport needs for one recipient. raw: RFC 5322 with CR LF; ours: written here, so that the
    transport may sign it; refused_at: when it was last put off because the relay seemed to want nothing of us.
    """

    sender: str
    recipient: str
    destination: str
    tries: int
    raw: bytes
    ours: bool = True
    refused_at: datetime | None = None


class ProfessionalWriting(msgspec.Struct, frozen=True, kw_only=True):
    """What a professional writes to a person through their software. answers: Message-IDs of what it answers, without
    angle brackets; ends: it ends the exchange; sent_as: the software's own name for it, so that sending it twice
    delivers it once; apart: the minor wants it kept from who represents them (the conversation stays so); sender: the
    mailbox it is written from, "" for their own.
    """

    subject: str
    text: str
    files: tuple[NewFile, ...] = ()
    answers: tuple[str, ...] = ()
    ends: bool = False
    sent_as: str | None = None
    apart: bool = False
    sender: str = ""


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """Kept durably, read later: whether anybody lives at that address is not told. message_id: bare."""

    message_id: str
    sender: Address


class LetterToProfessional(msgspec.Struct, frozen=True, kw_only=True):
    """A message a person wrote to one of a professional's own mailboxes. contents: bytes by number, when asked for."""

    space: UUID
    message: UUID
    at: datetime
    letter: Letter
    attachments: tuple[Attachment, ...]
    contents: dict[int, bytes] = {}


class LettersToProfessional(msgspec.Struct, frozen=True, kw_only=True):
    """One page of them, latest first. total: of all pages; after: where the next page begins, None at the end."""

    letters: tuple[LetterToProfessional, ...]
    total: int
    after: Mark | None = None


class ColleagueLetter(msgspec.Struct, frozen=True, kw_only=True):
    """What another professional wrote about a patient, as its addressee may read it. about: the patient's matricule, as
    the message says; files: what lies beside it, without bytes.
    """

    mail: UUID
    at: datetime
    letter: Letter
    files: tuple[Attachment, ...]

    @property
    def about(self) -> str:
        """The patient's matricule; whether there is such a person is not known here."""
        return self.letter.about


class ColleagueLetters(msgspec.Struct, frozen=True, kw_only=True):
    """One page of them, latest first. total: of all pages; after: where the next page begins, None at the end."""

    letters: tuple[ColleagueLetter, ...]
    total: int
    after: Mark | None = None


class QuarantinedMail(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator sees of mail that waits for a decision: never what it says, nor to whom."""

    space: UUID | None
    mail: UUID
    received_at: datetime
    peer: str
    sender_domain: str
    size: int
    reason: str
