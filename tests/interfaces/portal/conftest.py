"""The portal in this process, on a real house: people signed in by real sessions, no provider involved."""

import datetime as dt
import re
from html import unescape

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from carnet.identity.api import Door, Login, SessionLimits, sign_in
from carnet.infra import clock
from carnet.infra.db.database import Database
from carnet.infra.web.audience import declared_routes
from carnet.interfaces.portal.door import portal_router
from carnet.interfaces.portal.setting import Portal
from carnet.journeys.api import WebDoor
from factories.world import Someone, make_person

BASE = "http://testserver.local"
WEB = WebDoor(door=Door.PORTAL, base_url=BASE, limits=SessionLimits())


class Browser:
    """A signed-in person's browser: keeps the session, fills the form token, follows redirections by hand."""

    def __init__(self, client: AsyncTestClient, someone: Someone, token: str) -> None:
        self.client, self.someone, self._session = client, someone, {WEB.session_cookie: token}
        self.extra: dict[str, str] = {}

    async def get(self, path: str, **headers: str):
        return await self.client.get(path, headers=self._headers(headers), follow_redirects=False)

    async def page(self, path: str) -> str:
        answer = await self.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:500])
        return answer.text

    async def post(self, path: str, data: dict | None = None, *, files=None, token: str | None = None, **headers: str):
        token = token if token is not None else await self.form_token()
        answer = await self.client.post(
            path,
            data={"_csrf_token": token} | (data or {}),
            files=files,
            headers=self._headers(headers),
            follow_redirects=False,
        )
        for name, value in answer.cookies.items():
            self.extra[name] = value
        return answer

    async def form_token(self) -> str:
        found = re.search(r'name="_csrf_token" value="([^"]+)"', await self.page("/reglages"))
        assert found
        return found[1]

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        self.client.cookies.clear()
        cookies = "; ".join(f"{name}={value}" for name, value in (self._session | self.extra).items())
        self.extra.pop("avis", None)
        return {"cookie": cookies} | {name.replace("_", "-"): value for name, value in more.items()}


def words(html: str) -> str:
    """What a person reads of a page."""
    body = re.sub(r"<(script|style)[^>]*>.*?</\1>", " ", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


@pytest.fixture(scope="session")
async def app(house):
    app = Litestar([portal_router(Portal(web=WEB), None)], openapi_config=None, logging_config=None)
    list(declared_routes(app))
    return app


@pytest.fixture
async def batch(house):
    database = Database(house.url("carnet_batch"), min_size=1, max_size=2, application="carnet-batch")
    await database.open()
    yield database
    await database.close()


@pytest.fixture
async def client(app):
    async with AsyncTestClient(app, base_url=BASE) as one:
        yield one


@pytest.fixture
def open_browser(client):
    async def make(someone: Someone | None = None, **ages: dt.timedelta) -> Browser:
        at = clock.now()
        someone = someone or await make_person(at=at - dt.timedelta(days=1))
        login = Login(
            door=Door.PORTAL,
            issuer="https://fc.test",
            subject=str(someone.space),
            id_token="x",
            acr="eidas1",
            authenticated_at=at - ages.get("proved", dt.timedelta()),
            device="Firefox, Linux",
        )
        new = await sign_in(actor=someone.actor, login=login, limits=WEB.limits, replaces=None, at=at)
        return Browser(client, msgspec.structs.replace(someone, actor=new.actor), new.token)

    return make
