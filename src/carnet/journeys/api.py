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
from carnet.journeys.upkeep import upkeep_schedules

__all__ = [
    "Collected",
    "IdentityFlag",
    "IdentityFlags",
    "Rotated",
    "collect_orphans",
    "count_events",
    "destroy_space_key",
    "list_dead_letters",
    "list_identity_flags",
    "purge_expired",
    "retry_dead_letter",
    "rotate_keys",
    "upkeep_schedules",
]
