"""Public pages of the guides: no session is read here, and nothing is kept but the choice of language and appearance.

`?grand=1` shows a page in large print, for screens and for paper.
"""

from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import msgspec
from jinja2 import Environment
from litestar import Request, Response, Router, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from carnet.design.environment import make_environment
from carnet.design.language import LANGUAGES, Code, Language
from carnet.design.parts import Action
from carnet.design.shell import THEMES, Crumb, Shell, Theme
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.guides.steps import GUIDES

HERE: Final = Path(__file__).parent
Asked = Request[Any, Any, Any]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A guide in the list."""

    title: str
    href: str
    about: str


class GuidePage(msgspec.Struct, frozen=True, kw_only=True):
    """What `guide.html` shows. large: in large print; other: the page in the other size."""

    title: str
    about: str
    steps: tuple[str, ...]
    good: tuple[str, ...]
    large: bool
    other: Action
    crumbs: tuple[Crumb, ...]
    entries: tuple[Entry, ...]


@get("/guides", **open_to(Audience.PUBLIC), sync_to_thread=False)
def guides(request: Asked) -> Response[str]:
    """List the guides."""
    return _show(request, "")


@get("/guides/{name:str}", **open_to(Audience.PUBLIC), sync_to_thread=False)
def guide(request: Asked, name: FromPath[str]) -> Response[str]:
    """Show one guide."""
    if name not in GUIDES:
        raise NotFoundException
    return _show(request, name)


def guide_routes() -> list[Router]:
    """Return the door for the composition root."""
    return [Router("/", route_handlers=[guides, guide])]


@lru_cache(maxsize=len(LANGUAGES))
def _language(code: Code) -> Language:
    return Language(code=code, locales=(HERE / "locale",))


@lru_cache(maxsize=len(LANGUAGES))
def _environment(code: Code) -> Environment:
    return make_environment(language=code, doors=[HERE / "templates"], locales=(HERE / "locale",))


def _show(request: Asked, name: str) -> Response[str]:
    chosen = request.cookies.get("langue") or request.headers.get("accept-language", "")[:2].lower()
    language = _language("en" if chosen == "en" else "fr")
    _, large = language.gettext, request.query_params.get("grand") == "1"
    path = f"/guides/{name}" if name else "/guides"
    found = GUIDES.get(name)
    size = "?grand=1" if large else ""
    page = GuidePage(
        title=_(found.title) if found else _("Mode d'emploi"),
        about=_(found.about) if found else _("Des pages simples, à lire, à écouter ou à imprimer."),
        steps=tuple(map(_, found.steps)) if found else (),
        good=tuple(map(_, found.good)) if found else (),
        large=large,
        other=Action(_("Lettres normales"), path, "search", "secondary")
        if large
        else Action(_("Grandes lettres"), f"{path}?grand=1", "search", "secondary"),
        crumbs=(Crumb(_("Mode d'emploi"), f"/guides{size}"),) if found else (),
        entries=()
        if found
        else tuple(
            Entry(title=_(one.title), href=f"/guides/{key}{size}", about=_(one.about)) for key, one in GUIDES.items()
        ),
    )
    theme: Theme = next((one for one in THEMES if one == request.cookies.get("theme")), "auto")
    shell = Shell(language=language.code, csrf_token="", path=path, theme=theme)
    body = _environment(language.code).get_template("guide.html").render(shell=shell, page=page)
    return Response(body, media_type="text/html")
