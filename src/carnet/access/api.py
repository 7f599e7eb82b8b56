"""The door of access."""

from carnet.access.actions.answer_guardianship import answer_guardianship
from carnet.access.actions.answer_heir import answer_heir, end_heir_reading
from carnet.access.actions.answer_invitation import Beside, answer_invitation, end_delegation
from carnet.access.actions.approve_emergency import (
    WaitingEmergency,
    approve_emergency,
    end_emergency,
    waiting_emergencies,
)
from carnet.access.actions.ask_for_heir import AskedByHeir, ask_for_heir
from carnet.access.actions.ask_guardianship import AskedGuardianship, Judgment, ask_guardianship, lacking
from carnet.access.actions.attach import attach_representative
from carnet.access.actions.cases import Outcome, ReviewCase, close_case, list_cases
from carnet.access.actions.change_access import authorise, block, end_authorisation, unblock
from carnet.access.actions.change_list import Grantee
from carnet.access.actions.consent import record_consent
from carnet.access.actions.consent_code import ConsentCode, make_consent_code
from carnet.access.actions.dispute import dispute_access
from carnet.access.actions.emergency import EmergencyAnswer, open_emergency
from carnet.access.actions.first_access import note_first_access
from carnet.access.actions.invite import invite_carer, invite_representative
from carnet.access.actions.keep_apart import keep_apart, mark_apart
from carnet.access.actions.load_matrix import note_matrix
from carnet.access.actions.own_consents import OwnConsent, own_consents
from carnet.access.actions.record_guardian import (
    GUARDIANS,
    bar_representative,
    end_representative,
    record_guardian,
)
from carnet.access.actions.refuse_heirs import refuse_heirs
from carnet.access.actions.restrict import Wish, end_restriction, restrict
from carnet.access.actions.see_guardianship import list_guardianships, see_guardianship, see_judgment
from carnet.access.actions.see_heirs import (
    list_heirs_requests,
    own_heirs_requests,
    see_heirs_proof,
    see_heirs_request,
)
from carnet.access.actions.switches import AccessSwitches, change_switches, declare_attending_doctor
from carnet.access.actions.teams import end_team, record_team
from carnet.access.data import (
    Authorisation,
    ConsentScope,
    Delegation,
    DocumentFacts,
    Effect,
    Emergency,
    HeirsReading,
    Mode,
    Need,
    Restriction,
    RestrictionEffect,
    SpaceFacts,
)
from carnet.access.events import (
    ENDED,
    ENDING,
    INVITED,
    RECORDED,
    AccessBlocked,
    AccessChanged,
    AccessDisputed,
    AttendingDoctorToTell,
    ConsentRecorded,
    DelegationChanged,
    EmergencyOpened,
    FirstAccess,
)
from carnet.access.gate import Look, current_matrix, look, look_in, reader, seat_matrix
from carnet.access.own_data import emergency_professions, safeguard_topics
from carnet.access.policy import policy_version
from carnet.access.queries.closed import ClosedSince, closed_since
from carnet.access.queries.closing import end_all_rights, end_heirs, forget_delegates, forget_own_side
from carnet.access.queries.delegation_list import Delegations
from carnet.access.queries.delegations import DelegationLine, Standing, delegations
from carnet.access.queries.guardianship import GuardianshipRequest
from carnet.access.queries.heirs import HeirsRequest, heirs_refused
from carnet.access.queries.kept_apart import is_kept_apart, kept_apart
from carnet.access.queries.kept_since import KeptBy, kept_since
from carnet.access.queries.lineage import (
    AMENDED,
    KNOWN_CHANGED,
    KNOWN_RESOURCE_VERSION,
    KNOWN_STATUS,
    KNOWN_VERSION,
    LINEAGE,
)
from carnet.access.queries.lines import (
    AccessLine,
    access_lines,
    known_facts,
    lines_known_to,
    lines_statement,
    to_lines,
)
from carnet.access.queries.own_lists import (
    AttendingDoctor,
    CareTeam,
    Dispute,
    EmergencyAccess,
    attending_doctor,
    care_teams,
    disputes,
    emergency_accesses,
)
from carnet.access.queries.places import Held, Side, side_of
from carnet.access.queries.secret_consents import SecretConsent, secret_consents_statement, to_secret_consents
from carnet.access.queries.visibility import READER, VISIBLE, VisibleTo
from carnet.access.rules.decide import OPEN_STATES, decide, stepped_up
from carnet.access.rules.delegating import PURPOSES, Wanted
from carnet.access.rules.explaining import (
    Explained,
    MatrixProvenance,
    Viewer,
    explain,
    matrix_provenance,
    matrix_rows,
)
from carnet.access.rules.guardianship import NOBODY_THERE, Measure, NotRecorded
from carnet.access.rules.heirs_requests import (
    CHOSEN,
    NO_CAPACITY,
    NO_REASON,
    Capacity,
    Purpose,
    Refusal,
)
from carnet.access.rules.matrix import Habilitation, HabilitationMatrix, MatrixChange
from carnet.access.seeing_as import SeenAs, see_as

__all__ = [
    "AMENDED",
    "CHOSEN",
    "ENDED",
    "ENDING",
    "GUARDIANS",
    "INVITED",
    "KNOWN_CHANGED",
    "KNOWN_RESOURCE_VERSION",
    "KNOWN_STATUS",
    "KNOWN_VERSION",
    "LINEAGE",
    "NOBODY_THERE",
    "NO_CAPACITY",
    "NO_REASON",
    "OPEN_STATES",
    "PURPOSES",
    "READER",
    "RECORDED",
    "VISIBLE",
    "AccessBlocked",
    "AccessChanged",
    "AccessDisputed",
    "AccessLine",
    "AccessSwitches",
    "AskedByHeir",
    "AskedGuardianship",
    "AttendingDoctor",
    "AttendingDoctorToTell",
    "Authorisation",
    "Beside",
    "Capacity",
    "CareTeam",
    "ClosedSince",
    "ConsentCode",
    "ConsentRecorded",
    "ConsentScope",
    "Delegation",
    "DelegationChanged",
    "DelegationLine",
    "Delegations",
    "Dispute",
    "DocumentFacts",
    "Effect",
    "Emergency",
    "EmergencyAccess",
    "EmergencyAnswer",
    "EmergencyOpened",
    "Explained",
    "FirstAccess",
    "Grantee",
    "GuardianshipRequest",
    "Habilitation",
    "HabilitationMatrix",
    "HeirsReading",
    "HeirsRequest",
    "Held",
    "Judgment",
    "KeptBy",
    "Look",
    "MatrixChange",
    "MatrixProvenance",
    "Measure",
    "Mode",
    "Need",
    "NotRecorded",
    "Outcome",
    "OwnConsent",
    "Purpose",
    "Refusal",
    "Restriction",
    "RestrictionEffect",
    "ReviewCase",
    "SecretConsent",
    "SeenAs",
    "Side",
    "SpaceFacts",
    "Standing",
    "Viewer",
    "VisibleTo",
    "WaitingEmergency",
    "Wanted",
    "Wish",
    "access_lines",
    "answer_guardianship",
    "answer_heir",
    "answer_invitation",
    "approve_emergency",
    "ask_for_heir",
    "ask_guardianship",
    "attach_representative",
    "attending_doctor",
    "authorise",
    "bar_representative",
    "block",
    "care_teams",
    "change_switches",
    "close_case",
    "closed_since",
    "current_matrix",
    "decide",
    "declare_attending_doctor",
    "delegations",
    "dispute_access",
    "disputes",
    "emergency_accesses",
    "emergency_professions",
    "end_all_rights",
    "end_authorisation",
    "end_delegation",
    "end_emergency",
    "end_heir_reading",
    "end_heirs",
    "end_representative",
    "end_restriction",
    "end_team",
    "explain",
    "forget_delegates",
    "forget_own_side",
    "heirs_refused",
    "invite_carer",
    "invite_representative",
    "is_kept_apart",
    "keep_apart",
    "kept_apart",
    "kept_since",
    "known_facts",
    "lacking",
    "lines_known_to",
    "lines_statement",
    "list_cases",
    "list_guardianships",
    "list_heirs_requests",
    "look",
    "look_in",
    "make_consent_code",
    "mark_apart",
    "matrix_provenance",
    "matrix_rows",
    "note_first_access",
    "note_matrix",
    "open_emergency",
    "own_consents",
    "own_heirs_requests",
    "policy_version",
    "reader",
    "record_consent",
    "record_guardian",
    "record_team",
    "refuse_heirs",
    "restrict",
    "safeguard_topics",
    "seat_matrix",
    "secret_consents_statement",
    "see_as",
    "see_guardianship",
    "see_heirs_proof",
    "see_heirs_request",
    "see_judgment",
    "side_of",
    "stepped_up",
    "to_lines",
    "to_secret_consents",
    "unblock",
    "waiting_emergencies",
]
