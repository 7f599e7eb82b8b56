"""What the pilot's door is given once, at start, and the words and templates it renders with."""

from pathlib import Path
from typing import Any, Final

import msgspec
from litestar.connection import ASGIConnection

from carnet.design.door import Words
from carnet.journeys.api import WebDoor

HERE: Final = Path(__file__).parent
WORDS: Final = Words(HERE)
language_for, environment_for, language_of = WORDS.language_for, WORDS.environment_for, WORDS.language_of
KEY: Final = "pilotage"


class Pilotage(msgspec.Struct, frozen=True, kw_only=True):
    """web: sessions and cookies, those of the desk, where pilots sign in. fictitious: the figures were made up."""

    web: WebDoor
    fictitious: bool = False


def pilotage_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Pilotage:
    """Return the door a request came to."""
    pilotage: Pilotage = connection.route_handler.opt[KEY]
    return pilotage
