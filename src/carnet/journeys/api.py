"""The door of journeys."""

from carnet.journeys.acting import (
    Profile,
    act_for,
    act_for_oneself,
    profiles,
    whoever,
)
from carnet.journeys.actions.answer_death_contest import answer_death_contest
from carnet.journeys.actions.close_at_desk import close_at_desk
from carnet.journeys.actions.collect_orphans import Collected, collect_orphans
from carnet.journeys.actions.count_indicators import LIFE, Figure, count_indicators, publish_figures
from carnet.journeys.actions.destroy_space_key import destroy_space_key
from carnet.journeys.actions.erase_spaces import carry_out_due, erase_space, repeat_erasures
from carnet.journeys.actions.export_data import ask_export, expire_exports, make_exports, open_export
from carnet.journeys.actions.leave_family import ForChild, close_with_children
from carnet.journeys.actions.leave_space import (
    ask_deletion,
    cancel_deletion,
    close_space,
    close_suspended,
    lift_suspension,
    record_death,
    reopen_space,
    suspend_space,
)
from carnet.journeys.actions.purge_expired import purge_expired
from carnet.journeys.actions.record_reported_death import record_reported_death
from carnet.journeys.actions.retire_key import retire_key
from carnet.journeys.actions.retry_dead_letter import retry_dead_letter
from carnet.journeys.actions.rotate_keys import KeyFiles, Rotated, rotate_keys
from carnet.journeys.certificates import number_of, read_number, written_number
from carnet.journeys.children import Child, ChildChoice, children_of
from carnet.journeys.code_post import CodePost
from carnet.journeys.colleague_mail import deposit_from_colleague
from carnet.journeys.copy_archive import JournalOf
from carnet.journeys.copy_message_words import conversation_page
from carnet.journeys.erasure_list import ErasureList
from carnet.journeys.finding import space_of_matricule
from carnet.journeys.helping import answer_as, answer_invitation_to, end_help, stop_helping
from carnet.journeys.in_step import in_step
from carnet.journeys.messages import (
    Saved,
    open_attachment,
    open_conversation,
    proposed_category,
    save_attachment,
    title_of,
    write_message,
)
from carnet.journeys.own_ways import KeyAnswer, KeyQuestion, OwnWays, Visit, began_with_own_way, hashed_password
from carnet.journeys.patient_file import Added, Patient, add_for_patient, find_patient, see_patient
from carnet.journeys.queries.certificates import IssuedCertificate, find_certificate
from carnet.journeys.queries.exports import ExportLine, exports_of
from carnet.journeys.queries.figures import figures
from carnet.journeys.queries.operator_views import (
    IdentityFlag,
    IdentityFlags,
    count_events,
    list_dead_letters,
    list_identity_flags,
)
from carnet.journeys.reopening import reopen_for
from carnet.journeys.show_document import (
    DRAWN_POLICY,
    FRAME_POLICY,
    Carried,
    Shown,
    files_in_document,
    part_of_document,
    show_document,
)
from carnet.journeys.sign_in import Arrival, Departure, ProviderAnswer, SignIn, SignInFailed, Trouble, local_path
from carnet.journeys.sign_in_routes import SignInPaths, sign_in_routes
from carnet.journeys.unopened_deposit import deposit_unopened
from carnet.journeys.upkeep import export_schedules, upkeep_schedules
from carnet.journeys.web_session import (
    SessionMiddleware,
    StepUpNeeded,
    WebDoor,
    check_csrf,
    check_origin,
    require_fresh,
    session_token,
    signed_in,
)

__all__ = [
    "DRAWN_POLICY",
    "FRAME_POLICY",
    "LIFE",
    "Added",
    "Arrival",
    "Carried",
    "Child",
    "ChildChoice",
    "CodePost",
    "Collected",
    "Departure",
    "ErasureList",
    "ExportLine",
    "Figure",
    "ForChild",
    "IdentityFlag",
    "IdentityFlags",
    "IssuedCertificate",
    "JournalOf",
    "KeyAnswer",
    "KeyFiles",
    "KeyQuestion",
    "OwnWays",
    "Patient",
    "Profile",
    "ProviderAnswer",
    "Rotated",
    "Saved",
    "SessionMiddleware",
    "Shown",
    "SignIn",
    "SignInFailed",
    "SignInPaths",
    "StepUpNeeded",
    "Trouble",
    "Visit",
    "WebDoor",
    "act_for",
    "act_for_oneself",
    "add_for_patient",
    "answer_as",
    "answer_death_contest",
    "answer_invitation_to",
    "ask_deletion",
    "ask_export",
    "began_with_own_way",
    "cancel_deletion",
    "carry_out_due",
    "check_csrf",
    "check_origin",
    "children_of",
    "close_at_desk",
    "close_space",
    "close_suspended",
    "close_with_children",
    "collect_orphans",
    "conversation_page",
    "count_events",
    "count_indicators",
    "deposit_from_colleague",
    "deposit_unopened",
    "destroy_space_key",
    "end_help",
    "erase_space",
    "expire_exports",
    "export_schedules",
    "exports_of",
    "figures",
    "files_in_document",
    "find_certificate",
    "find_patient",
    "hashed_password",
    "in_step",
    "lift_suspension",
    "list_dead_letters",
    "list_identity_flags",
    "local_path",
    "make_exports",
    "number_of",
    "open_attachment",
    "open_conversation",
    "open_export",
    "part_of_document",
    "profiles",
    "proposed_category",
    "publish_figures",
    "purge_expired",
    "read_number",
    "record_death",
    "record_reported_death",
    "reopen_for",
    "reopen_space",
    "repeat_erasures",
    "require_fresh",
    "retire_key",
    "retry_dead_letter",
    "rotate_keys",
    "save_attachment",
    "see_patient",
    "session_token",
    "show_document",
    "sign_in_routes",
    "signed_in",
    "space_of_matricule",
    "stop_helping",
    "suspend_space",
    "title_of",
    "upkeep_schedules",
    "whoever",
    "write_message",
    "written_number",
]
