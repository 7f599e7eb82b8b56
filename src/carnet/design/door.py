"""What every door of pages does alike around a page: its words and templates, what a browser chose, the notice left.

A door keeps what is its own: its folder, its frame, its sentences, its addresses.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import msgspec
from jinja2 import Environment
from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.response import Redirect

from carnet.design.environment import make_environment
from carnet.design.language import LANGUAGES, Code, Language
from carnet.design.shell import THEMES, Notice, Shell, Theme, Tone
from carnet.kernel.actors import Actor

LANGUAGE_COOKIE: Final = "langue"
THEME_COOKIE: Final = "theme"
HTML: Final = "text/html"  # the character set is added to every text
_YEAR: Final = 365 * 24 * 3600
_SECONDS_A_NOTICE_WAITS: Final = 120
Connection = ASGIConnection[Any, Any, Any, Any]
Asked = Request[Any, Any, Any]


class Words(msgspec.Struct, frozen=True):
    """The words and templates of one door. folder: holds `locale` and `templates`."""

    folder: Path

    def language_for(self, code: Code) -> Language:
        """Return the door's words in one language."""
        return _language(self.folder, code)

    def environment_for(self, code: Code) -> Environment:
        """Return the door's templates in one language."""
        return _environment(self.folder, code)

    def language_of(self, connection: Connection) -> Language:
        """Return the language chosen (cookie), else the first one the browser asks for that we speak, else French."""
        chosen = connection.cookies.get(LANGUAGE_COOKIE)
        if chosen not in LANGUAGES:
            asked = connection.headers.get("accept-language", "")[:200].lower()
            spoken = (part.strip()[:2] for part in asked.split(","))
            chosen = next((code for code in spoken if code in LANGUAGES), "fr")
        return self.language_for("en" if chosen == "en" else "fr")


class Notices(msgspec.Struct, frozen=True, kw_only=True):
    """What a door's next page says about the act just done. Kept in a cookie as a code, never as words: nobody can
    forge one. path: the addresses that are the door's.
    """

    cookie: str
    path: str
    words: Mapping[str, tuple[Tone, str]]

    def left(self, connection: Connection, language: Language) -> tuple[Notice, ...]:
        """Return the notice that waits, none for an unknown code."""
        known = self.words.get(connection.cookies.get(self.cookie, ""))
        return (Notice(known[0], language.gettext(known[1])),) if known else ()

    def leave(self, code: str) -> list[Cookie]:
        """Return the cookies that leave a notice for the next page, none for no code."""
        return [self._cookie(code, _SECONDS_A_NOTICE_WAITS)] if code else []

    def taken(self, notices: tuple[Notice, ...]) -> list[Cookie]:
        """Return the cookies that make what was just shown go away."""
        return [self._cookie("", 0)] if notices else []

    def _cookie(self, code: str, seconds: int) -> Cookie:
        return Cookie(key=self.cookie, value=code, path=self.path, max_age=seconds, httponly=True, samesite="lax")


class Door(msgspec.Struct, frozen=True, kw_only=True):
    """How a door of people at work answers with a page. frame: the presenter of what surrounds it."""

    words: Words
    notices: Notices
    frame: Callable[..., Shell]

    def show(
        self, request: Asked, template: str, page: Any, *, status: int = 200, path: str = "", **own: str
    ) -> Response[str]:
        """Return the page of `template`; a notice left by the previous act is shown once.

        path: where choosing a language returns to, the page itself by default. own: what only this door's frame knows.
        """
        language = self.words.language_of(request)
        notices = self.notices.left(request, language)
        session, actor = getattr(request.state, "session", None), getattr(request.state, "actor", None)
        shell = self.frame(
            language=language,
            path=path or request.url.path,
            csrf_token=session.csrf_token if session else "",
            theme=theme_of(request),
            actor=actor if isinstance(actor, Actor) else None,
            notices=notices,
            **own,
        )
        body = self.words.environment_for(language.code).get_template(template).render(shell=shell, page=page)
        return Response(body, media_type=HTML, status_code=status, cookies=self.notices.taken(notices))

    def done(self, address: str, notice: str = "") -> Redirect:
        """Return the redirection after an act (303), leaving a notice by its code for the next page."""
        return Redirect(address, status_code=303, cookies=self.notices.leave(notice))


def theme_of(connection: Connection) -> Theme:
    """Return the appearance chosen, "auto" when none was."""
    chosen = connection.cookies.get(THEME_COOKIE)
    return next((theme for theme in THEMES if theme == chosen), "auto")


def choices(*, language: str, theme: str, secure: bool) -> list[Cookie]:
    """Return the cookies that keep what a browser chose; what is unknown is left out. secure: only over HTTPS."""
    kept = []
    if language in LANGUAGES:
        kept.append(_choice(LANGUAGE_COOKIE, language, secure=secure, httponly=True))
    if theme in THEMES:  # also set by the page's own script
        kept.append(_choice(THEME_COOKIE, theme, secure=secure, httponly=False))
    return kept


def _choice(name: str, value: str, *, secure: bool, httponly: bool) -> Cookie:
    return Cookie(key=name, value=value, path="/", max_age=_YEAR, httponly=httponly, samesite="lax", secure=secure)


@lru_cache(maxsize=32)
def _language(folder: Path, code: Code) -> Language:
    return Language(code=code, locales=(folder / "locale",))


@lru_cache(maxsize=32)
def _environment(folder: Path, code: Code) -> Environment:
    return make_environment(language=code, doors=[folder / "templates"], locales=(folder / "locale",))
