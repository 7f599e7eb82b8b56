"""The door of records."""

from carnet.records.actions.confidentiality import mask_document, reveal_document
from carnet.records.actions.delete import delete_document
from carnet.records.actions.deposit import deposit, deposit_own, refuse_unknown
from carnet.records.actions.mark_read import mark_read
from carnet.records.data import (
    CONFIDENTIALITY_CODES,
    Author,
    Coding,
    Deposit,
    DocumentEntry,
    DocumentMetadata,
    NewDocument,
    Receipt,
    Stored,
    Submission,
)
from carnet.records.events import DocumentChanged, DocumentDeleted, DocumentDeposited
from carnet.records.queries.listing import DocumentQuery, Listing, list_documents
from carnet.records.queries.reading import OpenedContent, OpenedEntry, read_content, read_entry
from carnet.records.queries.sealed import open_metadata, open_resource, unique_id_digest
from carnet.records.queries.submissions import SubmissionEntry, SubmissionQuery, list_submissions

__all__ = [
    "CONFIDENTIALITY_CODES",
    "Author",
    "Coding",
    "Deposit",
    "DocumentChanged",
    "DocumentDeleted",
    "DocumentDeposited",
    "DocumentEntry",
    "DocumentMetadata",
    "DocumentQuery",
    "Listing",
    "NewDocument",
    "OpenedContent",
    "OpenedEntry",
    "Receipt",
    "Stored",
    "Submission",
    "SubmissionEntry",
    "SubmissionQuery",
    "delete_document",
    "deposit",
    "deposit_own",
    "list_documents",
    "list_submissions",
    "mark_read",
    "mask_document",
    "open_metadata",
    "open_resource",
    "read_content",
    "read_entry",
    "refuse_unknown",
    "reveal_document",
    "unique_id_digest",
]
