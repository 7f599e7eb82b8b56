"""The door of journeys."""

from carnet.journeys.actions.collect_orphans import Collected, collect_orphans
from carnet.journeys.actions.destroy_space_key import destroy_space_key
from carnet.journeys.actions.purge_expired import purge_expired
from carnet.journeys.actions.retry_dead_letter import retry_dead_letter
from carnet.journeys.actions.rotate_keys import Rotated, rotate_keys
from carnet.journeys.queries.operator_views import (
    IdentityFlag,
    IdentityFlags,
    count_events,
    list_dead_letters,
    list_identity_flags,
)
from carnet.journeys.sign_in import Arrival, Departure, ProviderAnswer, SignIn, SignInFailed, Trouble, local_path
from carnet.journeys.sign_in_routes import SignInPaths, sign_in_routes
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
    "Arrival",
    "Collected",
    "Departure",
    "IdentityFlag",
    "IdentityFlags",
    "ProviderAnswer",
    "Rotated",
    "SessionMiddleware",
    "SignIn",
    "SignInFailed",
    "SignInPaths",
    "StepUpNeeded",
    "Trouble",
    "WebDoor",
    "check_csrf",
    "check_origin",
    "collect_orphans",
    "count_events",
    "destroy_space_key",
    "list_dead_letters",
    "list_identity_flags",
    "local_path",
    "purge_expired",
    "require_fresh",
    "retry_dead_letter",
    "rotate_keys",
    "session_token",
    "sign_in_routes",
    "signed_in",
    "upkeep_schedules",
]
