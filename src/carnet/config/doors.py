"""Which doors exist and what authenticates each. Doors ignore one another; they meet only here."""

from typing import Any

from carnet.config.settings import Settings


def door_routes(settings: Settings) -> list[Any]:
    """Return the route handlers of every door."""
    del settings
    return []
