"""An agent at the desk: a row, a real session, and a browser without scripts on the desk's pages."""

import contextlib
import itertools
import re

import httpx
from litestar import Litestar
from psycopg.conninfo import make_conninfo

from carnet.identity.agents import actor_of
from carnet.identity.api import Door, Login, SessionLimits, add_agent, end_agent, sign_in
from carnet.identity.queries.agents import agent_by_email
from carnet.infra import clock
from carnet.infra.db.database import Database, seated
from carnet.infra.web.envelope import Envelope, Limits
from carnet.interfaces.desk.routes import desk_routes
from carnet.interfaces.desk.setting import Desk
from carnet.interfaces.portal.screen_plan import plan_at
from carnet.journeys.api import WebDoor
from factories.at_work import SITE, static
from factories.world import OPERATOR

LIMITS = SessionLimits()
WEB = WebDoor(door=Door.DESK, base_url=SITE, limits=LIMITS)
_TOKEN = re.compile(r'name="_csrf_token" value="([^"]+)"')
_numbers = itertools.count(1)


def make_app():
    """The desk's door alone, in its envelope."""
    app = Litestar(
        route_handlers=[static(), *desk_routes(desk=Desk(web=WEB, plan_at=plan_at), sign_in=None)],
        openapi_config=None,
        logging_config=None,
        request_max_body_size=None,
    )
    return Envelope(app, limits=Limits(bodies={"/guichet/contact/": 6_000_000}))


@contextlib.asynccontextmanager
async def as_batch():
    """The house's database in the role operators employ and dismiss agents with."""
    batch = Database(make_conninfo(seated().conninfo, user="carnet_batch"), min_size=1, max_size=1)
    await batch.open()
    try:
        yield batch
    finally:
        await batch.close()


async def dismiss(reference: str):
    """End an agent's duty."""
    async with as_batch() as batch:
        await end_agent(actor=OPERATOR, batch=batch, reference=reference, at=clock.now())


async def make_agent(*, kind: str = "agent", desk: str = "Service d'aide 3422", departement: str = ""):
    """Put somebody on duty; return (who they are, what their cookie holds)."""
    reference = f"T-{next(_numbers):04d}"
    email = f"{reference.lower()}@guichet.exemple.invalid"
    told = {"kind": kind, "reference": reference, "email": email, "name": "Une Agente", "desk": desk}
    told["departement"] = departement
    async with as_batch() as batch:
        await add_agent(actor=OPERATOR, batch=batch, at=clock.now(), **told)
    found = await agent_by_email(email)
    login = Login(
        door=Door.DESK,
        issuer="https://proconnect.test",
        subject=reference,
        id_token="jeton",
        acr="eidas2",
        authenticated_at=clock.now(),
        device="Firefox, Linux",
        agent=found.agent,
    )
    new = await sign_in(actor=actor_of(found), login=login, limits=LIMITS, replaces=None, at=clock.now())
    return new.actor, new.token


class DeskScreen:
    """One browser with one agent's session, following no redirect by itself."""

    def __init__(self, app, actor, token: str | None) -> None:
        self.actor = actor
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=SITE)
        if token:
            self.client.cookies.set(WEB.session_cookie, token, domain="carnet.test", path="/")
        self.csrf = ""

    @classmethod
    async def of(cls, app, **given) -> "DeskScreen":
        screen = cls(app, *await make_agent(**given))
        screen.csrf = _TOKEN.search((await screen.get("/guichet/accueil")).text).group(1)
        return screen

    async def get(self, path: str) -> httpx.Response:
        return await self.client.get(path)

    async def post(self, path: str, data: dict | None = None, **more) -> httpx.Response:
        return await self.client.post(path, data={"_csrf_token": self.csrf, **(data or {})}, **more)

    async def meet(self, *, ins: str, name: str, born: str, channel: str = "phone") -> httpx.Response:
        """Search for somebody as the form does."""
        return await self.post("/guichet/contact", {"canal": channel, "ins": ins, "nom": name, "naissance": born})

    async def open(self, *, proofs: tuple[str, ...] = ("vitale-card", "insurer-file"), **whom) -> str:
        """Meet somebody and check who they are; return the contact's address."""
        met = await self.meet(**whom)
        assert met.status_code == 303, met.text
        address = met.headers["location"]
        checked = await self.post(f"{address}/identite", {"demandeur": "person", "preuves": list(proofs)})
        assert checked.status_code == 303, checked.text
        return address

    async def close(self) -> None:
        await self.client.aclose()
