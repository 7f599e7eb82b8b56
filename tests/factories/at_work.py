"""A professional at their screen: a real session, and a browser without scripts on the professional's pages."""

import re

import httpx
from litestar import Litestar
from litestar.static_files import create_static_files_router

from carnet.design.environment import STATIC
from carnet.formats.cda import STYLESHEET
from carnet.identity.api import Door, Login, SessionLimits, sign_in
from carnet.infra import clock
from carnet.infra.web.audience import Audience, open_to
from carnet.infra.web.envelope import Envelope, Limits
from carnet.interfaces.pro.routes import pro_routes
from carnet.interfaces.pro.setting import Pro
from carnet.journeys.api import WebDoor
from carnet.kernel.actors import Actor

SITE = "https://carnet.test"
LIMITS = SessionLimits()
_TOKEN = re.compile(r'name="_csrf_token" value="([^"]+)"')


def make_web(base_url: str = SITE) -> WebDoor:
    return WebDoor(door=Door.PRO, base_url=base_url, limits=LIMITS)


def static():
    """Style sheets as the composition root serves them: the sandboxed frames load them too."""

    def for_anybody(response):
        response.headers["cross-origin-resource-policy"] = "cross-origin"
        return response

    return create_static_files_router(
        path="/static", directories=[STATIC, STYLESHEET.parent], after_request=for_anybody, **open_to(Audience.PUBLIC)
    )


def make_app(base_url: str = SITE, *, sign_in=None, lifespan=()):
    """The professional's door alone, in its envelope, as the composition root makes it."""
    app = Litestar(
        route_handlers=[static(), *pro_routes(pro=Pro(web=make_web(base_url)), sign_in=sign_in)],
        openapi_config=None,
        logging_config=None,
        request_max_body_size=None,
        lifespan=list(lifespan),
    )
    return Envelope(app, limits=Limits(bodies={"/pro/": 14 * 1024 * 1024}))


async def make_token(actor: Actor, *, at=None) -> str:
    """Sign a professional of the directory in; return what their cookie holds."""
    at = at or clock.now()
    login = Login(
        door=Door.PRO,
        issuer="https://psc.test",
        subject=actor.identifier,
        id_token="jeton",
        acr="eidas1",
        authenticated_at=at,
        device="Firefox, Linux",
    )
    return (await sign_in(actor=actor, login=login, limits=LIMITS, replaces=None, at=at)).token


class Screen:
    """One browser with one professional's session, following no redirect by itself."""

    def __init__(self, app, actor: Actor | None, token: str | None, **headers: str) -> None:
        self.actor = actor
        transport = httpx.ASGITransport(app=app)
        self.client = httpx.AsyncClient(transport=transport, base_url=SITE, headers=headers)
        if token:
            self.client.cookies.set(make_web().session_cookie, token, domain="carnet.test", path="/")
        self.csrf = ""

    @classmethod
    async def of(cls, app, actor: Actor, **headers: str) -> "Screen":
        screen = cls(app, actor, await make_token(actor), **headers)
        screen.csrf = _TOKEN.search((await screen.get("/pro/patient")).text).group(1)
        return screen

    async def get(self, path: str, **more) -> httpx.Response:
        return await self.client.get(path, **more)

    async def post(self, path: str, data: dict | None = None, **more) -> httpx.Response:
        """Send a form of ours; `_csrf_token` may be given to be wrong."""
        return await self.client.post(path, data={"_csrf_token": self.csrf, **(data or {})}, **more)

    async def find(self, person) -> str:
        """Open a person's file by INS; return its address in this session."""
        answer = await self.post("/pro/patient", {"ins": person.ins.matricule})
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def agree(self, address: str) -> None:
        """Record the person's agreement and see the page that says so."""
        answer = await self.post(f"{address}/accord", {"accord": "oui"})
        assert answer.status_code == 303, answer.text
        await self.get(address)

    async def close(self) -> None:
        await self.client.aclose()
