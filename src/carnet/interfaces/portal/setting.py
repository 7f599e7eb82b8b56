"""What the portal is given once, at start: its web door, the names shown, and the environments it renders with."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment
from litestar.connection import ASGIConnection

from carnet.design.environment import make_environment
from carnet.design.language import LANGUAGES, Code, Language
from carnet.identity.api import CardService
from carnet.journeys.api import OwnWays, WebDoor

HERE = Path(__file__).parent
LOCALES = (HERE / "locale",)
LANGUAGE_COOKIE = "langue"
THEME_COOKIE = "theme"
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


@lru_cache(maxsize=len(LANGUAGES))
def language_for(code: Code) -> Language:
    """Return the portal's words in one language."""
    return Language(code=code, locales=LOCALES)


@lru_cache(maxsize=len(LANGUAGES))
def environment_for(code: Code) -> Environment:
    """Return the portal's templates in one language."""
    return make_environment(language=code, doors=[HERE / "templates"], locales=LOCALES)


def language_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Language:
    """Return the language chosen (cookie), else the first one the browser asks for that we speak, else French."""
    chosen = connection.cookies.get(LANGUAGE_COOKIE)
    if chosen not in LANGUAGES:
        asked = connection.headers.get("accept-language", "")[:200].lower()
        spoken = (part.strip()[:2] for part in asked.split(","))
        chosen = next((code for code in spoken if code in LANGUAGES), "fr")
    return language_for("en" if chosen == "en" else "fr")
