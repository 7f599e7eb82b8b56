"""Serves every state on loopback, under the real Content-Security-Policy. `python -m journeys.gallery.app PORT`."""

import sys
from functools import cache
from pathlib import Path

from granian import Granian
from granian.constants import Interfaces
from litestar import Litestar, MediaType, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery
from msgspec.structs import replace

from carnet.design.environment import make_environment
from carnet.design.language import Code, Language
from carnet.design.static_files import static_file
from carnet.infra.web.envelope import page_policy
from carnet.interfaces.portal.presenters.shell import present_shell
from journeys.gallery.people import NOW
from journeys.gallery.states import STATES

PORTAL = Path(__file__).parents[3] / "src/carnet/interfaces/portal"
CSP = page_policy().decode()
PAGE = '<svg xmlns="http://www.w3.org/2000/svg" width="600" height="800"><rect width="600" height="800"/></svg>'
FRAME = (
    "<!doctype html><html lang=fr><title>Aperçu</title><h1>Bilan sanguin</h1><p>Glycémie à jeun : 0,98 g/L</p></html>"
)


@cache
def _environment(language: Code):
    return make_environment(language=language, doors=[PORTAL / "templates"], locales=[PORTAL / "locale"])


def render(name: str, language: Code, theme: str = "auto") -> str:
    """Return the page of a state, as the portal would send it."""
    state = STATES[name]
    words = Language(code=language, locales=[PORTAL / "locale"])
    shell = present_shell(
        language=words,
        path=f"/{name}",
        csrf_token="jeton",
        theme=theme,
        person="Jeanne Marchetti" if state.tab else None,
        current=state.tab or "",
        unread_notifications=2,
        notices=state.notices(words),
        sharing_until=NOW if state.shares else None,
    )
    # nobody has anything new here: there is no stream to listen to
    shell = replace(shell, tabs=tuple(replace(tab, news="") for tab in shell.tabs))
    return _environment(language).get_template(state.template).render(shell=shell, page=state.page(words))


@get("/galerie/{name:str}", media_type=MediaType.HTML)
async def show(name: FromPath[str], langue: FromQuery[str] = "fr", theme: FromQuery[str] = "auto") -> Response[str]:
    return Response(render(name, langue, theme), headers={"Content-Security-Policy": CSP})


@get("/page.svg", media_type="image/svg+xml")
async def picture() -> str:
    return PAGE


@get("/apercu", media_type=MediaType.HTML)
async def frame() -> Response[str]:
    return Response(FRAME, headers={"Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'self'"})


@get("/static/{name:path}")
async def static(name: FromPath[str]) -> Response[bytes]:
    found = static_file(name)
    if found is None:
        raise NotFoundException
    return Response(found.content, media_type=found.media_type)


app = Litestar([show, picture, frame, static])

if __name__ == "__main__":
    Granian(
        "journeys.gallery.app:app",
        address="127.0.0.1",
        port=int(sys.argv[1]),
        interface=Interfaces.ASGI,
        log_enabled=False,
    ).serve()
