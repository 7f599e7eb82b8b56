"""What the pilot's door is given once, at start, and the words and templates it renders with."""

from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import msgspec
from jinja2 import Environment
from litestar.connection import ASGIConnection

from carnet.design.environment import make_environment
from carnet.design.language import LANGUAGES, Code, Language
from carnet.journeys.api import WebDoor

HERE: Final = Path(__file__).parent
LOCALES: Final = (HERE / "locale",)
LANGUAGE_COOKIE: Final = "langue"
THEME_COOKIE: Final = "theme"
KEY: Final = "pilotage"


class Pilotage(msgspec.Struct, frozen=True, kw_only=True):
    """web: sessions and cookies, those of the desk, where pilots sign in. fictitious: the figures were made up."""

    web: WebDoor
    fictitious: bool = False


def pilotage_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Pilotage:
    """Return the door a request came to."""
    pilotage: Pilotage = connection.route_handler.opt[KEY]
    return pilotage


@lru_cache(maxsize=len(LANGUAGES))
def language_for(code: Code) -> Language:
    """Return this door's words in one language."""
    return Language(code=code, locales=LOCALES)


@lru_cache(maxsize=len(LANGUAGES))
def environment_for(code: Code) -> Environment:
    """Return this door's templates in one language."""
    return make_environment(language=code, doors=[HERE / "templates"], locales=LOCALES)


def language_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Language:
    """Return the language chosen (cookie), else the first one the browser asks for that we speak, else French."""
    chosen = connection.cookies.get(LANGUAGE_COOKIE)
    if chosen not in LANGUAGES:
        asked = connection.headers.get("accept-language", "")[:200].lower()
        spoken = (part.strip()[:2] for part in asked.split(","))
        chosen = next((code for code in spoken if code in LANGUAGES), "fr")
    return language_for("en" if chosen == "en" else "fr")
