"""The shape of a trace: the acts that exist and what an entry holds."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Decision
from carnet.kernel.ids import SpaceId


class Act(StrEnum):
    """Every act that leaves a trace. Adding one means adding its sentence (portal) and its line in the act list."""

    SIGN_IN = "sign-in"
    SIGN_OUT = "sign-out"
    END_SESSION = "end-session"
    OPEN_SPACE = "open-space"
    ACTIVATE_SPACE = "activate-space"
    FIND_PATIENT = "find-patient"
    LIST_DOCUMENTS = "list-documents"
    SEARCH_DOCUMENTS = "search-documents"
    LIST_SUBMISSIONS = "list-submissions"
    READ_METADATA = "read-metadata"
    READ_DOCUMENT = "read-document"
    DOWNLOAD_DOCUMENT = "download-document"
    DEPOSIT_DOCUMENT = "deposit-document"
    REPLACE_DOCUMENT = "replace-document"
    CARRY_OVER_DOCUMENT = "carry-over-document"
    DELETE_DOCUMENT = "delete-document"
    EDIT_DOCUMENT = "edit-document"
    ARCHIVE_DOCUMENT = "archive-document"
    UNARCHIVE_DOCUMENT = "unarchive-document"
    MASK_DOCUMENT = "mask-document"
    REVEAL_DOCUMENT = "reveal-document"
    FIRST_ACCESS = "first-access"
    RECORD_CONSENT = "record-consent"
    AUTHORISE = "authorise"
    END_AUTHORISATION = "end-authorisation"
    BLOCK = "block"
    UNBLOCK = "unblock"
    OPEN_EMERGENCY = "open-emergency"
    ASK_EMERGENCY = "ask-emergency"
    APPROVE_EMERGENCY = "approve-emergency"
    END_EMERGENCY = "end-emergency"
    DISPUTE_ACCESS = "dispute-access"
    CLOSE_CASE = "close-case"
    LIST_CASES = "list-cases"
    CHANGE_SWITCHES = "change-switches"
    MAKE_CONSENT_CODE = "make-consent-code"
    RECORD_TEAM = "record-team"
    END_TEAM = "end-team"
    DECLARE_DOCTOR = "declare-doctor"
    RESTRICT = "restrict"
    END_RESTRICTION = "end-restriction"
    SAFEGUARD = "safeguard"
    HOLD_DOCUMENT = "hold-document"
    ASK_RESULT = "ask-result"
    RELEASE_DOCUMENT = "release-document"
    SEE_AS = "see-as"
    VIEW_JOURNAL = "view-journal"
    EXPORT_JOURNAL = "export-journal"
    READ_NOTIFICATION = "read-notification"
    DELETE_NOTIFICATION = "delete-notification"
    NOTIFY = "notify"
    NOTIFY_APART = "notify-apart"
    RECEIVE_MESSAGE = "receive-message"
    LIST_MESSAGES = "list-messages"
    READ_MESSAGE = "read-message"
    READ_ATTACHMENT = "read-attachment"
    COLLECT_MESSAGES = "collect-messages"
    SEND_MESSAGE = "send-message"
    DELIVER_MESSAGE = "deliver-message"
    SAVE_DRAFT = "save-draft"
    PLACE_CONVERSATION = "place-conversation"
    DELETE_CONVERSATION = "delete-conversation"
    REPLAY_MAIL = "replay-mail"
    DROP_MAIL = "drop-mail"
    LIST_AGENDA = "list-agenda"
    ADD_APPOINTMENT = "add-appointment"
    CHANGE_APPOINTMENT = "change-appointment"
    CANCEL_APPOINTMENT = "cancel-appointment"
    DELETE_APPOINTMENT = "delete-appointment"
    ADD_REMINDER = "add-reminder"
    CHANGE_REMINDER = "change-reminder"
    DELETE_REMINDER = "delete-reminder"
    SET_MAILBOX_RULES = "set-mailbox-rules"
    CHANGE_SETTINGS = "change-settings"
    REGISTER_SOFTWARE = "register-software"
    SUSPEND_SOFTWARE = "suspend-software"
    REINSTATE_SOFTWARE = "reinstate-software"
    ISSUE_TOKEN = "issue-token"  # noqa: S105 - the name of an act, not a secret
    SEARCH_DIRECTORY = "search-directory"
    IMPORT_DIRECTORY = "import-directory"
    LOAD_MATRIX = "load-matrix"
    ROTATE_KEYS = "rotate-keys"
    DESTROY_SPACE_KEY = "destroy-space-key"
    COLLECT_ORPHANS = "collect-orphans"
    PURGE_EXPIRED = "purge-expired"
    RETRY_DEAD_LETTER = "retry-dead-letter"
    READ_TEXTS = "read-texts"
    LIST_IDENTITY_FLAGS = "list-identity-flags"
    LOOK_FOR_MISUSE = "look-for-misuse"
    BEGIN_LOG = "begin-log"
    CONFIRM_CLOCK = "confirm-clock"
    CLOSE_ALERT = "close-alert"
    IMPORT_BENEFICIARIES = "import-beneficiaries"
    CARRY_OVER_RECORDS = "carry-over-records"
    INFORM_BENEFICIARIES = "inform-beneficiaries"
    OPEN_DUE_SPACES = "open-due-spaces"
    RECORD_OPPOSITION = "record-opposition"
    RETRACT_OPPOSITION = "retract-opposition"
    ACCEPT_TERMS = "accept-terms"
    CLOSE_SPACE = "close-space"
    REOPEN_SPACE = "reopen-space"
    LEAVE_OPEN = "leave-open"
    ASK_DELETION = "ask-deletion"
    CANCEL_DELETION = "cancel-deletion"
    SUSPEND_SPACE = "suspend-space"
    LIFT_SUSPENSION = "lift-suspension"
    RECORD_DEATH = "record-death"
    ERASE_SPACE = "erase-space"
    ASK_EXPORT = "ask-export"
    MAKE_EXPORT = "make-export"
    DOWNLOAD_EXPORT = "download-export"
    PROVE_IDENTITY = "prove-identity"
    ACT_FOR = "act-for"
    RECORD_DELEGATION = "record-delegation"
    INVITE_DELEGATE = "invite-delegate"
    ANSWER_INVITATION = "answer-invitation"
    END_DELEGATION = "end-delegation"
    REGISTER_AGENT = "register-agent"
    END_AGENT = "end-agent"
    DESK_FIND = "desk-find"
    DESK_CHECK = "desk-check"
    DESK_BEFORE = "desk-before"
    DESK_ACTIVATION = "desk-activation"
    DESK_LOST_ACCESS = "desk-lost-access"
    DESK_SESSIONS = "desk-sessions"
    DESK_DISPUTE = "desk-dispute"
    DESK_LEFT_OPEN = "desk-left-open"
    DESK_TAKEN_UP = "desk-taken-up"
    DESK_TICKET_CLOSED = "desk-ticket-closed"
    DESK_END = "desk-end"
    SHARE_SCREEN = "share-screen"
    STOP_SCREEN = "stop-screen"
    DESK_SCREEN = "desk-screen"
    DESK_PAGE = "desk-page"
    DESK_CODE = "desk-code"
    ASK_FOR_HEIR = "ask-for-heir"
    SEE_HEIR_REQUEST = "see-heir-request"
    ANSWER_HEIR = "answer-heir"
    END_HEIR_READING = "end-heir-reading"
    REFUSE_HEIRS = "refuse-heirs"
    CONTEST_DEATH = "contest-death"
    SEE_DEATH_CONTEST = "see-death-contest"
    ANSWER_DEATH_CONTEST = "answer-death-contest"
    TAKE_BACK_DEATH = "take-back-death"
    ASK_GUARDIANSHIP = "ask-guardianship"
    SEE_GUARDIANSHIP = "see-guardianship"
    ANSWER_GUARDIANSHIP = "answer-guardianship"
    VIEW_INDICATORS = "view-indicators"
    COUNT_INDICATORS = "count-indicators"
    ADD_CREDENTIAL = "add-credential"
    DROP_CREDENTIAL = "drop-credential"
    SEND_LOGIN_CODE = "send-login-code"


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """One entry about to be written. `space` None goes to the security journal, which names no patient."""

    act: Act
    actor: Actor
    decision: Decision
    at: datetime
    space: SpaceId | None
    documents: tuple[Any, ...] = ()
    details: dict[str, Any] = {}
    on_behalf_of: str | None = None


class JournalEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry as read back, for its person."""

    seq: int
    at: datetime
    act: str
    outcome: str
    reason: str | None
    ground: str | None
    actor_kind: str
    actor_id: str
    actor_name: str
    profession: str | None
    organisation: str | None
    organisation_name: str | None
    client_id: str | None
    client_name: str | None
    on_behalf_of: str | None
    session: str | None
    document_ids: tuple[Any, ...]
    details: dict[str, Any]
