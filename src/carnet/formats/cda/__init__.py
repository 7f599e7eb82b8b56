"""Clinical documents (HL7 CDA R2): read from hostile bytes, shown as HTML of our own making."""

from carnet.formats.cda.model import (
    INS_OIDS,
    ClinicalDocument,
    Code,
    EmbeddedPart,
    Encounter,
    Identifier,
    Moment,
    Organisation,
    Participant,
    Patient,
    PatientTraits,
    PersonName,
    RelatedDocument,
    Section,
    ServiceEvent,
)
from carnet.formats.cda.plain_text import summary_text
from carnet.formats.cda.reading import read
from carnet.formats.cda.rendering import STYLESHEET, render_html

__all__ = [
    "INS_OIDS",
    "STYLESHEET",
    "ClinicalDocument",
    "Code",
    "EmbeddedPart",
    "Encounter",
    "Identifier",
    "Moment",
    "Organisation",
    "Participant",
    "Patient",
    "PatientTraits",
    "PersonName",
    "RelatedDocument",
    "Section",
    "ServiceEvent",
    "read",
    "render_html",
    "summary_text",
]
