"""Public pages of the guides: no session is read here, and nothing is kept but the choice of language and appearance.

`?grand=1` shows a page in large print, for screens and for paper.
"""

from pathlib import Path
from typing import Final

import msgspec
from litestar import Response, Router, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from carnet.design.door import HTML, Asked, Words, theme_of
from carnet.design.parts import Action
from carnet.design.shell import Crumb, Shell
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.guides.steps import GUIDES

WORDS: Final = Words(Path(__file__).parent)


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


def _show(request: Asked, name: str) -> Response[str]:
    language = WORDS.language_of(request)
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
    shell = Shell(language=language.code, csrf_token="", path=path, theme=theme_of(request))
    body = WORDS.environment_for(language.code).get_template("guide.html").render(shell=shell, page=page)
    return Response(body, media_type=HTML)
