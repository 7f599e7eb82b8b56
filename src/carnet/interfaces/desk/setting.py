"""What the desk's door is given once, at start, and the words and templates it renders with."""

from pathlib import Path
from typing import Any, Final

import msgspec
from litestar.connection import ASGIConnection

from carnet.design.door import Words
from carnet.infra.web.failure_limits import FailureLimits
from carnet.journeys.api import WebDoor

HERE: Final = Path(__file__).parent
WORDS: Final = Words(HERE)
language_for, environment_for, language_of = WORDS.language_for, WORDS.environment_for, WORDS.language_of
KEY: Final = "desk"


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """web: sessions and cookies of this door; provider: the identity provider as agents know it.

    failures: searches that found nobody, by agent: whoever tries numbers soon has to wait.
    """

    web: WebDoor
    provider: str = "ProConnect"
    failures: FailureLimits = msgspec.field(default_factory=lambda: FailureLimits(burst=8))


def desk_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Desk:
    """Return the door a request came to."""
    desk: Desk = connection.route_handler.opt[KEY]
    return desk
