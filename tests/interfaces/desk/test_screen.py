"""Somebody shares their screen with the desk: which page, for a quarter of an hour, and nothing of what is on it."""

import datetime as dt
import functools
import re
from html import unescape
from pathlib import Path

import httpx
import pytest
from litestar import Litestar

from carnet.design.shell import FieldError
from carnet.identity.api import Door, Login, SessionLimits, sign_in
from carnet.infra import clock
from carnet.interfaces.portal import screen_plan
from carnet.interfaces.portal.door import PAGES, portal_router
from carnet.interfaces.portal.screen_plan import PagePlan, plan_at
from carnet.interfaces.portal.setting import Portal
from carnet.journeys.api import WebDoor
from carnet.spaces.api import Position
from carnet.spaces.rules.desk import SCREEN_LASTS
from factories.at_desk import WEB, DeskScreen
from factories.world import give, make_person, make_software
from interfaces.desk.test_contacts import journal_of, whom

PORTAL = WebDoor(door=Door.PORTAL, base_url="https://carnet.test", limits=SessionLimits())
CANARY = "Canari-du-partage"
BEGIN, STOP = "/aide/ecran", "/aide/ecran/arreter"
PIECES = {"activity_seal.html", "preview.html"}
"""Pages whose words are all the presenter's; besides, what only other templates include has no plan of its own."""
_DIGITS = re.compile(r'code-digits"><span aria-hidden="true">(\d{3}) (\d{3})')
_MARK = re.compile(r'name="vu" value="(\w+)"')
_UNASKED = re.compile(r'hx-headers=\'{"([^"]+)": "1"}\'')
_TOKEN = re.compile(r'name="_csrf_token" value="([^"]+)"')


@functools.cache
def portal():
    """The portal, made once: it takes a quarter of a second."""
    return Litestar([portal_router(Portal(web=PORTAL), None)], openapi_config=None, logging_config=None)


class AtHome:
    """The person's browser, without scripts, on the portal."""

    def __init__(self, token):
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app=portal()), base_url="https://carnet.test")
        self.client.cookies.set(PORTAL.session_cookie, token, domain="carnet.test", path="/")
        self.csrf = ""

    async def get(self, path):
        answer = await self.client.get(path)
        self.csrf = _TOKEN.search(answer.text)[1]
        return unescape(answer.text)

    async def post(self, path, **fields):
        return await self.client.post(path, data={"_csrf_token": self.csrf} | fields)

    async def code(self):
        await self.post(BEGIN)
        return "".join(_DIGITS.search(await self.get(BEGIN)).groups())


@pytest.fixture
async def shared(agent):
    """Somebody at home with a document, an agent in contact with them."""
    person = await make_person(at=clock.now() - dt.timedelta(days=1))
    receipt = await give(person, by=await make_software(), title=CANARY, at=clock.now())
    told = {"issuer": "https://fc.test", "subject": str(person.space), "id_token": "x", "acr": "eidas1"}
    login = Login(door=Door.PORTAL, authenticated_at=clock.now(), device="Firefox, Linux", **told)
    new = await sign_in(actor=person.actor, login=login, limits=PORTAL.limits, replaces=None, at=clock.now())
    home = AtHome(new.token)
    await home.get("/reglages")
    yield person, home, await agent.open(**whom(person)), receipt.documents[0].document_id
    await home.client.aclose()


async def walk(home, agent, address, document):
    """The person goes through pages of theirs and makes a mistake; return what the agent saw of each."""
    seen = []
    for path in (
        "/accueil",
        "/documents",
        f"/documents?q={CANARY}",
        f"/documents/{document}",
        "/activite",
        "/reglages",
    ):
        assert "sans son contenu, jusqu'à" in await home.get(path), "the banner is on every page"
        seen.append((await agent.get(f"{address}/ecran")).text)
    wrong = await home.post("/reglages/courriel", courriel=CANARY)
    assert wrong.status_code == 400
    assert CANARY in wrong.text
    seen.append((await agent.get(f"{address}/ecran")).text)
    return [unescape(one) for one in seen]


def leaks(seen, person, rows):
    """What of the person is in what the agent saw, or could see: the rows."""
    kept = str(rows("SELECT template, path, problems, told FROM carnet.screen_share WHERE space_id = %s", person.space))
    private = (CANARY, person.traits.birth_name, person.traits.given_names[0], person.ins.matricule)
    return [one for one in private if any(one in text for text in (*seen, kept))]


async def test_the_agent_knows_the_page_and_nothing_on_it(agent, shared, rows):
    person, home, address, document = shared
    code = await home.code()
    page = await agent.get(f"{address}/demarche/screen")
    assert "Le code de la personne" in page.text
    joined = await agent.post(f"{address}/demarche/screen", {"code": f"{code[:3]} {code[3:]}"})
    assert joined.headers["location"] == f"{address}/ecran"
    assert code not in await home.get(BEGIN), "it served"
    assert agent.actor.name in await home.get(BEGIN)
    seen = await walk(home, agent, address, document)
    assert leaks(seen, person, rows) == []
    titles = ("Accueil", "Documents", "Documents", "/documents/*", "Activité", "Mes réglages", "Mes réglages")
    for text, told in zip(seen, titles, strict=True):
        assert told in text
    assert "Enregistrer l'adresse" in seen[5], "what the page may show, from its template"
    assert "Cette adresse" in seen[6], "the sentence of error is ours"
    assert (await agent.get(f"{address}/demarche/screen")).headers["location"] == f"{address}/ecran", "the way back"
    same = f"{address}/ecran?vu={_MARK.search(seen[6])[1]}"
    moved = same.replace("?vu=", "?vu=x")
    asked = [(await agent.client.get(one, headers={"hx-request": "true"})).status_code for one in (same, moved)]
    assert asked == [204, 200], "a page that refreshes itself moves when the person does"
    stopped = await home.post(STOP)
    assert stopped.status_code == 303
    assert "sans son contenu" not in await home.get("/accueil")
    assert (await agent.get(f"{address}/ecran")).headers["location"] == address
    told = await journal_of(person.space)
    named = f"Service d'aide 3422 (agent {agent.actor.identifier})"
    assert f"{named} a utilisé votre code et peut savoir quelle page vous voyez, sans son contenu." in told
    assert f"{named} a su que vous étiez à la page /documents/*, sans en voir le contenu." in told
    assert told.count(f"{named} a su que vous étiez à la page /documents, sans en voir le contenu.") == 1
    assert any(one.startswith("Vous avez arrêté le partage") for one in told)


async def test_a_position_made_of_what_a_page_holds_would_be_seen(agent, shared, rows, monkeypatch):
    """The planted fault: what was typed is noted as if it were a sentence of ours."""
    person, home, address, document = shared
    monkeypatch.setattr(screen_plan, "_named", lambda text: text)
    monkeypatch.setattr(
        screen_plan,
        "_errors_of",
        lambda page: (
            [FieldError(field="x", text=value) for value in page.email_form.values.values()]
            if hasattr(page, "email_form")
            else []
        ),
    )
    await agent.post(f"{address}/demarche/screen", {"code": await home.code()})
    assert CANARY in leaks(await walk(home, agent, address, document), person, rows)


async def test_a_code_serves_once_and_bears_three_tries(agent, shared, app):
    person, home, address, _ = shared
    code = await home.code()
    await agent.get(f"{address}/demarche/screen")  # what is said of the act before is said once
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    answers = {(await agent.post(f"{address}/demarche/screen", {"code": one})).text for one in [wrong] * 3}
    answers.add((await agent.post(f"{address}/demarche/screen", {"code": code})).text)
    assert len(answers) == 1, "a wrong code, and the right one after three wrong ones: one answer"
    assert "n&#39;ouvre rien" in answers.pop()
    assert "essayé trop de fois" in await home.get(BEGIN)
    code = await home.code()
    colleague = await DeskScreen.of(app)
    other = await colleague.open(**whom(person))
    assert (await agent.post(f"{address}/demarche/screen", {"code": code})).status_code == 303
    assert (await colleague.post(f"{other}/demarche/screen", {"code": code})).status_code == 422
    assert (await colleague.get(f"{other}/ecran")).headers["location"] == other, "it is one agent's"
    refused = [one for one in await journal_of(person.space) if "voulu utiliser un code de partage" in one]
    assert len(refused) == 5
    await colleague.close()


async def test_it_is_over_after_a_quarter_of_an_hour_and_when_the_session_is(agent, shared):
    _, home, address, _ = shared
    await agent.post(f"{address}/demarche/screen", {"code": await home.code()})
    await home.get("/accueil")
    assert (await agent.get(f"{address}/ecran")).status_code == 200
    with clock.frozen(clock.now() + SCREEN_LASTS):
        assert "sans son contenu" not in await home.get("/accueil")
        assert (await agent.get(f"{address}/ecran")).status_code == 303
    assert (await agent.post(f"{address}/demarche/lost-access", {"sessions": "1"})).status_code == 303
    assert (await agent.get(f"{address}/ecran")).status_code == 303
    agent.client.cookies.clear()
    asked = await agent.client.get(f"{address}/ecran", headers={"hx-request": "true"})
    assert asked.headers["hx-redirect"] == "/guichet?motif=sign_in", "a page that refreshes itself leaves as a whole"


@pytest.mark.parametrize("by_itself", [True, False], ids=["by itself", "by a hand"])
async def test_a_page_that_refreshes_itself_keeps_no_agent_signed_in(agent, shared, by_itself):
    _, home, address, _ = shared
    await agent.post(f"{address}/demarche/screen", {"code": await home.code()})
    begun, seen = clock.now(), f"{address}/ecran"
    name = _UNASKED.search((await agent.get(seen)).text)[1]
    with clock.frozen(begun + SCREEN_LASTS * 0.9):
        assert (await agent.client.get(seen, headers={name: "1"} if by_itself else {})).status_code == 200
    with clock.frozen(begun + WEB.limits.idle + SCREEN_LASTS / 2):
        assert (await agent.get("/guichet/accueil")).status_code == (303 if by_itself else 200)


def test_every_address_without_its_parameters_may_be_kept():
    paths = {path for page in PAGES for path in page.paths}
    assert len(paths) > 80
    kept = {screen_plan.position_of(template="x.html", path_template=one, status=200, page=None).path for one in paths}
    check = re.search(
        r"CHECK \(path ~ '(.+)'\)", next(Path("src/carnet/infra/db/migrations").glob("0150.*.sql")).read_text("utf-8")
    )[1]
    assert [one for one in kept if not re.match(check, one)] == []


@pytest.mark.parametrize("code", ["fr", "en"])
def test_every_page_has_a_plan_of_constants(code):
    names = [one for one in screen_plan._templates() if "/" not in one]
    folder = screen_plan.HERE / "templates"
    own = [one for one in names if (folder / one).is_file()]
    templates = [one for one in own if "{% extends" in (folder / one).read_text("utf-8")]
    assert len(templates) > 40
    plans = {one: plan_at(Position(template=one, path="/x"), code) for one in templates}
    assert {one for one, plan in plans.items() if not plan.parts and not plan.title} <= PIECES
    assert plans["document.html"].title == "", "its title is the document's"
    assert all("%(" not in part.text and "{{" not in part.text for plan in plans.values() for part in plan.parts)
    assert plan_at(Position(template="../../etc/passwd", path="/x"), code) == PagePlan(title="", path="/x")
