"""The search parameters that exist, one table: what is read, what is refused, and what the CapabilityStatement says.

Source: IHE MHD 4.2 §2:3.66.4.1.2 (lists), §2:3.67.4.1.2 (documents); FHIR R4 §3.1.1 (search).
"""

from typing import Final

import msgspec


class Parameter(msgspec.Struct, frozen=True):
    """One parameter. kind: http://hl7.org/fhir/search-param-type."""

    name: str
    kind: str
    documentation: str


_PATIENT: Final = (
    Parameter("patient", "reference", "Patient/{id}; or patient.identifier, one of the two"),
    Parameter("patient.identifier", "token", "INS as urn:oid:{authority}|{matricule}; better sent by POST"),
)

DOCUMENTS: Final = (
    *_PATIENT,
    Parameter("_id", "token", "Logical id; needs no patient"),
    Parameter("_lastUpdated", "date", "Last change, as far as this reader may know"),
    Parameter("status", "token", "current, superseded, entered-in-error"),
    Parameter("type", "token", "typeCode (JDV_J66)"),
    Parameter("category", "token", "classCode (JDV_J06)"),
    Parameter("date", "date", "When the document came here (DocumentReference.date)"),
    Parameter("creation", "date", "When it was written (attachment.creation)"),
    Parameter("period", "date", "Act it reports (context.period); documents without one do not match"),
    Parameter("facility", "token", "context.facilityType (JDV_J02)"),
    Parameter("setting", "token", "context.practiceSetting (JDV_J04)"),
    Parameter("security-label", "token", "Confidentiality (JDV_J08)"),
    Parameter("format", "token", "content.format (JDV_J10, JDV_J60)"),
    Parameter("identifier", "token", "masterIdentifier or identifier"),
    Parameter("author.identifier", "token", "RPPS of the first author, or FINESS of the author's organisation"),
    Parameter("author.family", "string", "Beginning of an author's family name, case and accents forgiven"),
    Parameter("author.given", "string", "Beginning of an author's given name, case and accents forgiven"),
)
LISTS: Final = (
    *_PATIENT,
    Parameter("_id", "token", "Logical id; needs no patient"),
    Parameter("code", "token", "submissionset; folders do not exist here, so match nothing"),
    Parameter("status", "token", "current: no set has another status"),
    Parameter("date", "date", "When it was submitted"),
    Parameter("identifier", "token", "uniqueId of the set"),
    Parameter("source.identifier", "token", "FINESS of the organisation that sent it"),
)
PATIENTS: Final = (Parameter("identifier", "token", "INS as urn:oid:{authority}|{matricule}; better sent by POST"),)
COMMUNICATIONS: Final = (
    *_PATIENT,
    Parameter("category", "token", "colleague: what professionals wrote to this one, about any patient; alone"),
)
CONSENTS: Final = (*_PATIENT, Parameter("status", "token", "active or inactive"))

MAILBOXES_OF_PLACES: Final = (
    Parameter("name", "string", "Every word is the beginning of a word of the name; case and accents forgiven"),
    Parameter("address-city", "string", "Beginning of the town"),
    Parameter("mailbox-mss", "string", "A mailbox, exactly"),
    Parameter("mailbox-mss-type", "token", "PER, ORG, APP or CAB (JDV_J139)"),
)
MAILBOXES_OF_PEOPLE: Final = (*MAILBOXES_OF_PLACES, Parameter("role", "token", "Profession (TRE_G15)"))
MAILBOX_RULES: Final = (Parameter("mailbox-mss", "string", "A mailbox, exactly"),)

RESULT: Final = frozenset({"_count", "_sort", "_summary", "_total", "_format", "_pretty"})
LIST_RESULT: Final = frozenset({"_count", "_summary", "_total", "_format", "_pretty"})
PLAIN_RESULT: Final = frozenset({"_count", "_summary", "_total", "_format", "_pretty"})
CURSOR: Final = "_cursor"
SORTS: Final = {
    "date": "received",
    "-date": "-received",
    "creation": "date",
    "-creation": "-date",
}
SUMMARIES: Final = frozenset({"count", "false"})
TOTALS: Final = frozenset({"none", "estimate", "accurate"})
REFUSED: Final = frozenset({"related", "_query", "_filter", "_content", "_text", "_has", "_list"})
"""Ignoring these would give an answer to another question; they are refused even from a lenient client."""
