"""The portal served on loopback by the real web server and envelope, on a real house, for a real browser."""

import asyncio
import contextlib
import datetime as dt
import hashlib

import msgspec
import pytest
from granian.constants import Interfaces
from granian.server.embed import Server
from litestar import Litestar
from playwright.async_api import async_playwright

from carnet.config.static import static
from carnet.identity.api import Door, Login, SessionLimits, sign_in
from carnet.infra import clock
from carnet.infra.web.envelope import Envelope, Limits
from carnet.interfaces.log.routes import log_routes
from carnet.interfaces.portal.door import portal_router
from carnet.interfaces.portal.setting import Portal
from carnet.journeys.api import WebDoor
from carnet.records.api import Deposit, deposit
from factories.chromium import ARGUMENTS, PATIENCE, PROGRAM
from factories.served import free_port, until_open
from factories.world import make_person, make_software, new_document


@pytest.fixture(scope="session")
async def site(house):
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    web = WebDoor(door=Door.PORTAL, base_url=base, limits=SessionLimits(), host_prefix=False)
    # the ordinary page somebody in a hurry leaves to, played by something of ours: tests stay at home
    portal = Portal(web=web, quick_exit=f"{base}/static/logo.svg")
    published = log_routes(house.home / "log")
    app = Litestar([static, *published, portal_router(portal, None)], openapi_config=None, logging_config=None)
    limits = Limits(bodies={"/documents/ajouter": 30_000_000})
    server = Server(Envelope(app, limits=limits), "127.0.0.1", port, interface=Interfaces.ASGI, log_enabled=False)
    serving = asyncio.create_task(server.serve())
    await until_open(port)
    yield base, web
    server.stop()
    with contextlib.suppress(asyncio.CancelledError, TimeoutError):
        await asyncio.wait_for(serving, 10)


@pytest.fixture(scope="session")
async def chromium():
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=PROGRAM, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
def given_person():
    """given… somebody with documents of every kind; returns them and the ids by title."""

    async def given(documents: dict[str, tuple[bytes, str]], **changes):
        someone = await make_person(at=clock.now() - dt.timedelta(days=1))
        software, ids = await make_software(), {}
        for title, (content, media_type) in documents.items():
            new = new_document(content=content, title=title, author=software, **changes)
            metadata = msgspec.structs.replace(
                new.metadata, content_type=media_type, sha256=hashlib.sha256(content).hexdigest()
            )
            feeding = Deposit(
                ins=someone.ins, traits=someone.traits, documents=(msgspec.structs.replace(new, metadata=metadata),)
            )
            receipt = await deposit(actor=software, deposit=feeding, at=clock.now())
            ids[title] = receipt.documents[0].document_id.hex
        return someone, ids

    return given


@pytest.fixture
async def open_page(site, chromium):
    """A page of a signed-in person's browser: phone or desk, with or without JavaScript. Console words are kept."""
    contexts = []

    async def open_one(someone, *, width: int = 390, script: bool = True, **options):
        base, web = site
        at = clock.now()
        login = Login(
            door=Door.PORTAL,
            issuer="https://fc.test",
            subject=str(someone.space),
            id_token="x",
            acr="eidas1",
            authenticated_at=at,
            device="Chromium, Linux",
        )
        new = await sign_in(actor=someone.actor, login=login, limits=web.limits, replaces=None, at=at)
        context = await chromium.new_context(
            viewport={"width": width, "height": 844},
            java_script_enabled=script,
            locale="fr-FR",
            base_url=base,
            **options,
        )
        contexts.append(context)
        cookie = {"name": web.session_cookie, "value": new.token, "url": base, "httpOnly": True}
        await context.add_cookies([cookie])
        context.set_default_timeout(PATIENCE)
        page = await context.new_page()
        page.words = []
        page.on("console", lambda message: page.words.append(message.text))
        page.on("pageerror", lambda error: page.words.append(str(error)))
        return page

    yield open_one
    for context in contexts:
        await context.close()
