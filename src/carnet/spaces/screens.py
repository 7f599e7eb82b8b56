"""Where somebody is among our pages, as far as the desk may know: names that are ours, and nothing that is theirs.

A position holds the file name of a template, an address with its parameters left out, an HTTP status and the names of
sentences of ours. No value of a page fits in: it is made from what the product is, not from what was rendered.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from carnet.infra.vault import HouseKey

DIGITS = 6


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """Where somebody is. template: empty in somebody else's space; problems: names of the sentences of error shown."""

    template: str = ""
    path: str = ""
    status: int = 200
    problems: tuple[str, ...] = ()


class Screen(msgspec.Struct, frozen=True, kw_only=True):
    """What the person sees of their sharing. code: None once somebody used it; agent: who did."""

    until: datetime
    code: str | None
    agent: str | None


class SeenScreen(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent sees: a position, None before the first page."""

    until: datetime
    position: Position | None


def screen_code(house: HouseKey, share: UUID) -> str:
    """Return the code of a sharing: computed, so that no database holds it."""
    number = int.from_bytes(house.digest(share.hex, purpose="screen-code"))
    return f"{number % 10**DIGITS:0{DIGITS}d}"
