"""What the portal is given once, at start: its web door, the names shown, and the environments it renders with."""

from pathlib import Path
from typing import Any, Final

import msgspec
from litestar.connection import ASGIConnection

from carnet.design.door import Words
from carnet.identity.api import CardService
from carnet.journeys.api import OwnWays, WebDoor

HERE = Path(__file__).parent
WORDS: Final = Words(HERE)
language_for, environment_for, language_of = WORDS.language_for, WORDS.environment_for, WORDS.language_of
KEY = "portal"
QUICK_EXIT = "/quitter"


class Portal(msgspec.Struct, frozen=True, kw_only=True):
    """web: sessions and cookies of this door; provider: name of the identity provider as people know it; max_bytes:
    largest document a person may add; mail_bytes: attachments of one message together; quick_exit: ordinary public page
    somebody in a hurry is sent to; signs_in: whether an identity provider is there; ways: signing in with a way of
    one's own; cards: who knows Vitale cards.
    """

    web: WebDoor
    provider: str = "FranceConnect"
    max_bytes: int = 5_000_000
    mail_bytes: int = 10_000_000
    quick_exit: str = "https://www.wikipedia.org/"
    signs_in: bool = False
    ways: OwnWays | None = None
    cards: CardService | None = None


def portal_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Portal:
    """Return the portal a request came to."""
    portal: Portal = connection.route_handler.opt[KEY]
    return portal
