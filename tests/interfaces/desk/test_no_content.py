"""An agent tries every address of the house with everything they hold: nothing opens but the desk (threats T46)."""

import ast
import re

import httpx
import msgspec
import pytest

from carnet.config.docs import ROOT, every_door
from carnet.identity.api import Door, find_session
from carnet.infra import clock
from carnet.infra.web.audience import Audience, declared_routes
from carnet.journeys import web_session
from carnet.journeys.api import WebDoor
from factories.at_desk import LIMITS, make_agent
from factories.world import give, make_person, make_software

SITE = "http://127.0.0.1:8000"
TITLE = "Canari du guichet"
WEBS = [WebDoor(door=door, base_url=SITE, limits=LIMITS) for door in Door]
QUERIES = ("desk", "tickets", "death_contests")
CONTENT = {"carnet.records", "carnet.access.gate", "carnet.messaging", "carnet.formats.cda"}
# what reads or opens something of a space, wherever it is exported
FORBIDDEN_NAMES = {
    "keys_in", "open_keys", "keyset_statement", "open_person", "open_contact", "view_in", "person_statement", "to_view",
    "look", "look_in", "reader", "disputes", "see_as", "show_document", "see_patient", "find_patient",
}  # fmt: skip


@pytest.fixture
async def victim(house):
    person = await make_person(at=clock.now())
    receipt = await give(person, by=await make_software(), title=TITLE, at=clock.now())
    return person, receipt.documents[0].document_id


def filled(path, document):
    path = re.sub(r"\{[a-z_]+:uuid\}", str(document), path)
    return re.sub(r"\{[a-z_]+:(str|path)\}", "1", re.sub(r"\{[a-z_]+:int\}", "0", path))


async def opened(tmp_path, token, document):
    """What answers an agent with anything but a refusal, among the addresses for others."""
    app, found, tried = every_door(tmp_path), set(), 0
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=SITE)
    for web in WEBS:
        client.cookies.set(web.session_cookie, token, domain="127.0.0.1", path="/")
    client.headers["Authorization"] = f"Bearer {token}"
    for path, method, who in declared_routes(app):
        if Audience.PUBLIC in who or Audience.AGENT in who or method not in {"GET", "POST"}:
            continue
        tried += 1
        answer = await client.request(method, filled(path, document))
        away = answer.status_code == 303 and "motif=" in answer.headers["location"]
        if not away and answer.status_code not in {401, 403, 404}:
            found.add(f"{method} {path}: {answer.status_code}")
        assert TITLE not in answer.text
    await client.aclose()
    assert tried > 60
    return found


async def test_an_agent_trying_every_content_address_gets_nothing(tmp_path, victim):
    _, token = await make_agent()
    assert await opened(tmp_path, token, victim[1]) == set()


async def test_an_agent_taken_for_a_person_would_be_seen(tmp_path, victim, monkeypatch):
    person, document = victim
    _, token = await make_agent()

    async def confused(*, door, **asked):
        found = await find_session(door=Door.DESK, **asked)
        return msgspec.structs.replace(found, actor=person.actor) if found else None

    monkeypatch.setattr(web_session, "find_session", confused)
    with pytest.raises(AssertionError, match=TITLE):
        await opened(tmp_path, token, document)


def reached(text):
    """Modules and names a source of the desk imports that could show something of a space."""
    wrong = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.module:
            wrong |= {node.module} if any(node.module.startswith(one) for one in CONTENT) else set()
            wrong |= {one.name for one in node.names} & FORBIDDEN_NAMES
    return wrong


def test_no_source_of_the_desk_can_reach_content():
    house = ROOT / "src" / "carnet"
    sources = [*(house / "interfaces" / "desk").rglob("*.py"), house / "spaces" / "holding.py"]
    sources += [*house.glob("spaces/actions/desk_*.py"), house / "spaces" / "actions" / "death_contests.py"]
    sources += [house / "spaces" / "queries" / f"{one}.py" for one in QUERIES]
    sources += [house / "access" / "queries" / "guardianship.py"]
    sources += [house / "access" / "actions" / f"{one}_guardianship.py" for one in ("ask", "see")]
    assert len(sources) > 15
    assert {str(one): found for one in sources if (found := reached(one.read_text("utf-8")))} == {}


@pytest.mark.parametrize(
    "planted",
    [
        "from carnet.records.api import read_content",
        "from carnet.spaces.api import keys_in",
        "from carnet.access.api import look",
    ],
)
def test_a_source_that_could_would_be_seen(planted):
    assert reached(planted)
