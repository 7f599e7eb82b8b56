"""The door of journeys."""

from carnet.journeys.actions.collect_orphans import Collected, collect_orphans
from carnet.journeys.actions.destroy_space_key import destroy_space_key
from carnet.journeys.actions.purge_expired import purge_expired
from carnet.journeys.actions.retire_key import retire_key
from carnet.journeys.actions.retry_dead_letter import retry_dead_letter
from carnet.journeys.actions.rotate_keys import KeyFiles, Rotated, rotate_keys
from carnet.journeys.patient_file import Added, Patient, add_for_patient, find_patient, see_patient
from carnet.journeys.queries.operator_views import (
    IdentityFlag,
    IdentityFlags,
    count_events,
    list_dead_letters,
    list_identity_flags,
)
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
from carnet.journeys.upkeep import upkeep_schedules
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
    "Added",
    "Arrival",
    "Carried",
    "Collected",
    "Departure",
    "IdentityFlag",
    "IdentityFlags",
    "KeyFiles",
    "Patient",
    "ProviderAnswer",
    "Rotated",
    "SessionMiddleware",
    "Shown",
    "SignIn",
    "SignInFailed",
    "SignInPaths",
    "StepUpNeeded",
    "Trouble",
    "WebDoor",
    "add_for_patient",
    "check_csrf",
    "check_origin",
    "collect_orphans",
    "count_events",
    "deposit_unopened",
    "destroy_space_key",
    "files_in_document",
    "find_patient",
    "list_dead_letters",
    "list_identity_flags",
    "local_path",
    "part_of_document",
    "purge_expired",
    "require_fresh",
    "retire_key",
    "retry_dead_letter",
    "rotate_keys",
    "see_patient",
    "session_token",
    "show_document",
    "sign_in_routes",
    "signed_in",
    "upkeep_schedules",
]
