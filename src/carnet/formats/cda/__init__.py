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
from carnet.formats.cda.reading import read

__all__ = [
    "INS_OIDS",
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
]
