"""The door of records."""

from carnet.formats.searching.finding import Piece, Snippet
from carnet.records.actions.add_own import add_own_document, ask_to_add
from carnet.records.actions.archive import archive_document
from carnet.records.actions.arrange_desk import arrange_desk
from carnet.records.actions.attest import attest, note_paper
from carnet.records.actions.carry_over import MOST_ARCHIVE_BYTES, CarriedOver, LeftOut, carry_over
from carnet.records.actions.confidentiality import mask_document, reveal_document
from carnet.records.actions.delete import delete_document
from carnet.records.actions.deposit import deposit, deposit_own
from carnet.records.actions.edit_own import edit_own_document
from carnet.records.actions.establish import establish
from carnet.records.actions.find_patient import FoundPatient, find_patient
from carnet.records.actions.hold import HoldReason, ask_result, hold_document
from carnet.records.actions.keep_from_representatives import keep_from_representatives
from carnet.records.actions.lift import lift_codes
from carnet.records.actions.mark_read import mark_read
from carnet.records.actions.nearness import near
from carnet.records.actions.note_visit import note_visit
from carnet.records.actions.refusing import journalled_input, refuse_unknown, refuse_without_space
from carnet.records.actions.release import release_document, release_due
from carnet.records.actions.want_texts import want_texts
from carnet.records.data import (
    CONFIDENTIALITY_CODES,
    Author,
    Coding,
    DeclaredDocument,
    Deposit,
    DocumentEntry,
    DocumentMetadata,
    Established,
    NewDocument,
    Receipt,
    ResourceEntry,
    Stored,
    Submission,
)
from carnet.records.errors import ABOUT_WHOM
from carnet.records.events import (
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
)
from carnet.records.handlers import drop_text, recognise_text, take_text, want_text
from carnet.records.queries.copying import CopyPage, copy_pages
from carnet.records.queries.desk import DeskPreferences, desk_preferences
from carnet.records.queries.holds import PendingResult, pending_results, pending_statement, to_pending
from carnet.records.queries.known import File, KnownDocuments, known_documents
from carnet.records.queries.listing import MAX_COUNT, Listing, Matching, Resources, list_documents, list_resources
from carnet.records.queries.listing_statements import DocumentQuery, Texts
from carnet.records.queries.own_receipts import own_receipts
from carnet.records.queries.page_words import words_of_pages
from carnet.records.queries.reading import OpenedContent, OpenedEntry, read_content, read_entry
from carnet.records.queries.receipts import OwnReceipt, ShownDocument, ShownList, shown_that_day
from carnet.records.queries.sealed import open_metadata, open_resource, unique_id_digest
from carnet.records.queries.submissions import SubmissionEntry, SubmissionQuery, list_submissions
from carnet.records.queries.text_search import Hit, Search, SearchResult, search_documents
from carnet.records.queries.together import Together, list_together
from carnet.records.queries.versions import Version, versions_of
from carnet.records.rules.archived_document import said_in_archive
from carnet.records.rules.confidentiality import labels_of
from carnet.records.rules.declared_texts import checked_text
from carnet.records.rules.document_reference import IS_ARCHIVED
from carnet.records.rules.own_document import OwnDescription, read_request_id

__all__ = [
    "ABOUT_WHOM",
    "CONFIDENTIALITY_CODES",
    "IS_ARCHIVED",
    "MAX_COUNT",
    "MOST_ARCHIVE_BYTES",
    "Author",
    "CarriedOver",
    "Coding",
    "CopyPage",
    "DeclaredDocument",
    "Deposit",
    "DeskPreferences",
    "DocumentChanged",
    "DocumentDeleted",
    "DocumentDeposited",
    "DocumentEntry",
    "DocumentMetadata",
    "DocumentQuery",
    "DocumentReleased",
    "Established",
    "ExportReady",
    "File",
    "FoundPatient",
    "Hit",
    "HoldReason",
    "KnownDocuments",
    "LeftOut",
    "Listing",
    "Matching",
    "NewDocument",
    "OpenedContent",
    "OpenedEntry",
    "OwnDescription",
    "OwnReceipt",
    "PagesWaiting",
    "PendingResult",
    "Piece",
    "Receipt",
    "RecordCarriedOver",
    "ResourceEntry",
    "Resources",
    "ResultAsked",
    "ResultHeld",
    "Search",
    "SearchResult",
    "ShownDocument",
    "ShownList",
    "Snippet",
    "Stored",
    "Submission",
    "SubmissionEntry",
    "SubmissionQuery",
    "TextWanted",
    "Texts",
    "Together",
    "Version",
    "add_own_document",
    "archive_document",
    "arrange_desk",
    "ask_result",
    "ask_to_add",
    "attest",
    "carry_over",
    "checked_text",
    "copy_pages",
    "delete_document",
    "deposit",
    "deposit_own",
    "desk_preferences",
    "drop_text",
    "edit_own_document",
    "establish",
    "find_patient",
    "hold_document",
    "journalled_input",
    "keep_from_representatives",
    "known_documents",
    "labels_of",
    "lift_codes",
    "list_documents",
    "list_resources",
    "list_submissions",
    "list_together",
    "mark_read",
    "mask_document",
    "near",
    "note_paper",
    "note_visit",
    "open_metadata",
    "open_resource",
    "own_receipts",
    "pending_results",
    "pending_statement",
    "read_content",
    "read_entry",
    "read_request_id",
    "recognise_text",
    "refuse_unknown",
    "refuse_without_space",
    "release_document",
    "release_due",
    "reveal_document",
    "said_in_archive",
    "search_documents",
    "shown_that_day",
    "take_text",
    "to_pending",
    "unique_id_digest",
    "versions_of",
    "want_text",
    "want_texts",
    "words_of_pages",
]
