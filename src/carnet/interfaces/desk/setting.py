"""What the desk's door is given once, at start, and the words and templates it renders with."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec
from litestar.connection import ASGIConnection

from carnet.design.door import Words
from carnet.design.language import Code
from carnet.design.plan import Part
from carnet.identity.api import Patience
from carnet.journeys.api import WebDoor
from carnet.spaces.api import Position

HERE: Final = Path(__file__).parent
WORDS: Final = Words(HERE)
language_for, environment_for, language_of = WORDS.language_for, WORDS.environment_for, WORDS.language_of
KEY: Final = "desk"


class ScreenPlan(Protocol):
    """What a page of the portal may show, in words: never what it does show."""

    @property
    def title(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def parts(self) -> tuple[Part, ...]: ...
    @property
    def errors(self) -> tuple[str, ...]: ...
    @property
    def unknown_errors(self) -> bool: ...


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """web: sessions and cookies of this door; provider: the identity provider as agents know it.

    plan_at: what the page at a position may show (the portal's, handed over by the composition root).
    failures: searches that found nobody, by agent: whoever tries numbers soon has to wait.
    """

    web: WebDoor
    provider: str = "ProConnect"
    plan_at: Callable[[Position, Code], ScreenPlan] | None = None
    failures: Patience = Patience(purpose="desk-search", most=8, within=timedelta(minutes=5))


def desk_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Desk:
    """Return the door a request came to."""
    desk: Desk = connection.route_handler.opt[KEY]
    return desk
