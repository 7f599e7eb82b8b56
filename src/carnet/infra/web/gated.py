"""Which routes ask the access gate before doing anything.

The gate reads whether the calling software is suspended together with the facts it decides on: no extra round trip. A
route that does not go through it must be checked by the door itself; that is the default, so that forgetting costs a
query and never a hole.
"""

from typing import Any

from carnet.infra.web.audience import Audience, open_to

CHECKED_BY_GATE = "checked_by_gate"


def open_through_gate(*who: Audience) -> dict[str, Any]:
    """As `open_to`, for routes whose every path asks `carnet.access` (or deposits, whose guard reads the same)."""
    declared = open_to(*who)
    return {**declared, "opt": {**declared["opt"], CHECKED_BY_GATE: True}}
