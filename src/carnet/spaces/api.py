"""The door of spaces."""

from carnet.spaces.actions.activate import activate_enrolled
from carnet.spaces.actions.awake import awaken, awaken_in_advance
from carnet.spaces.actions.channel_apart import confirm_channel_apart, propose_channel_apart
from carnet.spaces.actions.contact import confirm_email, propose_email
from carnet.spaces.actions.death_contests import (
    contest_death,
    list_death_contests,
    see_death_contest,
    see_proof_of_life,
    store_answer,
    take_back_enrolled,
)
from carnet.spaces.actions.desk_code import renew_code
from carnet.spaces.actions.desk_contact import OUTCOMES, Deed, begin_contact, check_identity, end_contact, note_deed
from carnet.spaces.actions.desk_deeds import (
    HELP,
    Letter,
    end_sessions_for,
    help_with,
    note_closing,
    object_for,
    retract_for,
)
from carnet.spaces.actions.desk_screen import join_screen, see_screen
from carnet.spaces.actions.desk_tickets import close_overdue, close_ticket, leave_open
from carnet.spaces.actions.import_beneficiaries import Imported, import_beneficiaries
from carnet.spaces.actions.inform import Telling, Told, inform, take_bounces
from carnet.spaces.actions.objection import object_at_desk, object_on_line, retract_at_desk, retract_on_line
from carnet.spaces.actions.open_due import open_due_spaces
from carnet.spaces.actions.open_space import activate_space, open_space
from carnet.spaces.actions.proving import (
    NOT_RECOGNISED,
    Proof,
    Standing,
    note_missed_card,
    person_of,
    personal_words,
    prove_by_code,
    prove_by_identity,
    see_standing,
)
from carnet.spaces.actions.screen import begin_screen, note_position, stop_screen
from carnet.spaces.actions.send_again import send_again
from carnet.spaces.actions.settings import change_settings
from carnet.spaces.actions.tell_due import tell_due
from carnet.spaces.actions.terms import accept_terms
from carnet.spaces.actions.welcome import note_welcome
from carnet.spaces.beneficiary_file import Source
from carnet.spaces.data import Contact, Person, Proposed, Reach, SpaceSettings, SpaceView
from carnet.spaces.delegates import (
    Claim,
    Delegate,
    Place,
    delegate_of,
    digest_in,
    index_digest,
    open_place,
    person_digest,
    seal_place,
)
from carnet.spaces.events import ContactChanged, LifeChanged, SpaceErased
from carnet.spaces.farewell import Farewell, open_farewell, seal_farewell
from carnet.spaces.finding import find_by_digest, find_space, found_space
from carnet.spaces.holding import agent_only, held_contact, is_heard, see_contact
from carnet.spaces.passes import Pass, ProvedBy, card_shown, read_pass, write_pass
from carnet.spaces.queries.campaign import informed_today, waiting
from carnet.spaces.queries.contact import hold_contact, store_contact
from carnet.spaces.queries.death_contests import DeathContest, contest_in, was_taken_back
from carnet.spaces.queries.desk import (
    ContactLine,
    DeskContact,
    DeskStanding,
    contacts_since,
    find_somebody,
    names_them,
    standing_of,
)
from carnet.spaces.queries.ending import hold_life, life_in, store_life, to_zone, zone_in, zone_statement
from carnet.spaces.queries.find import find_statement, is_inhabited
from carnet.spaces.queries.keys import KEYSET_BESIDE, KEYSET_COLUMNS, keyset_statement, open_keys
from carnet.spaces.queries.person import keys_in, open_contact, open_person, person_statement, to_view, view_in
from carnet.spaces.queries.screen import screen_of
from carnet.spaces.queries.tickets import DeskTicket, tickets_of_desk, tickets_of_person
from carnet.spaces.receipts import Receipt, check_receipt
from carnet.spaces.rules.beneficiaries import CONTRADICTS, DEATH_CONTESTED, SPACE_OPEN
from carnet.spaces.rules.channels import Channel
from carnet.spaces.rules.death_contests import CONTEST_ANSWERED, CONTEST_FOUR_EYES, NO_PROOF_OF_LIFE, NotTakenBack
from carnet.spaces.rules.delays import zone_of
from carnet.spaces.rules.desk import ACCEPTED, NOT_CHECKED, NOT_OFFERED, Asker, Script, Shown, askers, offered
from carnet.spaces.rules.ending import Life, Motive, archive_day, deletion_day, live_on
from carnet.spaces.rules.families import Autonomy, autonomy, birthday, is_minor
from carnet.spaces.rules.lifecycle import Effect, Event, Outcome, Refusal, State
from carnet.spaces.rules.lifecycle_page import lifecycle_page
from carnet.spaces.rules.terms import TERMS, TEXTS
from carnet.spaces.rules.tickets import IN_CONTACT, Missing, TicketEnd, left_open
from carnet.spaces.schedules import campaign_schedules
from carnet.spaces.screens import Position, Screen, SeenScreen
from carnet.spaces.staging import traits_mac

__all__ = [
    "ACCEPTED",
    "CONTEST_ANSWERED",
    "CONTEST_FOUR_EYES",
    "CONTRADICTS",
    "DEATH_CONTESTED",
    "HELP",
    "IN_CONTACT",
    "KEYSET_BESIDE",
    "KEYSET_COLUMNS",
    "NOT_CHECKED",
    "NOT_OFFERED",
    "NOT_RECOGNISED",
    "NO_PROOF_OF_LIFE",
    "OUTCOMES",
    "SPACE_OPEN",
    "TERMS",
    "TEXTS",
    "Asker",
    "Autonomy",
    "Channel",
    "Claim",
    "Contact",
    "ContactChanged",
    "ContactLine",
    "DeathContest",
    "Deed",
    "Delegate",
    "DeskContact",
    "DeskStanding",
    "DeskTicket",
    "Effect",
    "Event",
    "Farewell",
    "Imported",
    "Letter",
    "Life",
    "LifeChanged",
    "Missing",
    "Motive",
    "NotTakenBack",
    "Outcome",
    "Pass",
    "Person",
    "Place",
    "Position",
    "Proof",
    "Proposed",
    "ProvedBy",
    "Reach",
    "Receipt",
    "Refusal",
    "Screen",
    "Script",
    "SeenScreen",
    "Shown",
    "Source",
    "SpaceErased",
    "SpaceSettings",
    "SpaceView",
    "Standing",
    "State",
    "Telling",
    "TicketEnd",
    "Told",
    "accept_terms",
    "activate_enrolled",
    "activate_space",
    "agent_only",
    "archive_day",
    "askers",
    "autonomy",
    "awaken",
    "awaken_in_advance",
    "begin_contact",
    "begin_screen",
    "birthday",
    "campaign_schedules",
    "card_shown",
    "change_settings",
    "check_identity",
    "check_receipt",
    "close_overdue",
    "close_ticket",
    "confirm_channel_apart",
    "confirm_email",
    "contacts_since",
    "contest_death",
    "contest_in",
    "delegate_of",
    "deletion_day",
    "digest_in",
    "end_contact",
    "end_sessions_for",
    "find_by_digest",
    "find_somebody",
    "find_space",
    "find_statement",
    "found_space",
    "held_contact",
    "help_with",
    "hold_contact",
    "hold_life",
    "import_beneficiaries",
    "index_digest",
    "inform",
    "informed_today",
    "is_heard",
    "is_inhabited",
    "is_minor",
    "join_screen",
    "keys_in",
    "keyset_statement",
    "leave_open",
    "left_open",
    "life_in",
    "lifecycle_page",
    "list_death_contests",
    "live_on",
    "names_them",
    "note_closing",
    "note_deed",
    "note_missed_card",
    "note_position",
    "note_welcome",
    "object_at_desk",
    "object_for",
    "object_on_line",
    "offered",
    "open_contact",
    "open_due_spaces",
    "open_farewell",
    "open_keys",
    "open_person",
    "open_place",
    "open_space",
    "person_digest",
    "person_of",
    "person_statement",
    "personal_words",
    "propose_channel_apart",
    "propose_email",
    "prove_by_code",
    "prove_by_identity",
    "read_pass",
    "renew_code",
    "retract_at_desk",
    "retract_for",
    "retract_on_line",
    "screen_of",
    "seal_farewell",
    "seal_place",
    "see_contact",
    "see_death_contest",
    "see_proof_of_life",
    "see_screen",
    "see_standing",
    "send_again",
    "standing_of",
    "stop_screen",
    "store_answer",
    "store_contact",
    "store_life",
    "take_back_enrolled",
    "take_bounces",
    "tell_due",
    "tickets_of_desk",
    "tickets_of_person",
    "to_view",
    "to_zone",
    "traits_mac",
    "view_in",
    "waiting",
    "was_taken_back",
    "write_pass",
    "zone_in",
    "zone_of",
    "zone_statement",
]
