"""The door of access."""

from carnet.access.actions.change_access import authorise, block, end_authorisation, unblock
from carnet.access.actions.consent import record_consent
from carnet.access.actions.consent_code import ConsentCode, make_consent_code
from carnet.access.actions.first_access import note_first_access
from carnet.access.data import Authorisation, ConsentScope, DocumentFacts, Effect, Need, SpaceFacts
from carnet.access.events import AccessChanged, ConsentRecorded, FirstAccess
from carnet.access.gate import Look, current_matrix, look, look_in, reader
from carnet.access.queries.lines import AccessLine, access_lines, lines_statement, to_lines
from carnet.access.queries.visibility import READER, VISIBLE, VisibleTo
from carnet.access.rules.decide import decide
from carnet.access.rules.matrix import HabilitationMatrix

__all__ = [
    "READER",
    "VISIBLE",
    "AccessChanged",
    "AccessLine",
    "Authorisation",
    "ConsentCode",
    "ConsentRecorded",
    "ConsentScope",
    "DocumentFacts",
    "Effect",
    "FirstAccess",
    "HabilitationMatrix",
    "Look",
    "Need",
    "SpaceFacts",
    "VisibleTo",
    "access_lines",
    "authorise",
    "block",
    "current_matrix",
    "decide",
    "end_authorisation",
    "lines_statement",
    "look",
    "look_in",
    "make_consent_code",
    "note_first_access",
    "reader",
    "record_consent",
    "to_lines",
    "unblock",
]
