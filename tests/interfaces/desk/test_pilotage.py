"""The pilot's view: numbers a role nobody connects as counted, small ones kept back, each chart with its table."""

import datetime as dt
import re

import httpx
import psycopg
import pytest
from litestar import Litestar

from carnet.infra import clock
from carnet.infra.db.database import Database
from carnet.interfaces.pilotage import routes
from carnet.interfaces.pilotage.routes import pilotage_routes
from carnet.interfaces.pilotage.setting import Pilotage
from carnet.journeys.api import Figure, count_indicators, figures, publish_figures
from carnet.kernel.errors import Refused, Unavailable
from factories.at_desk import WEB, make_agent
from factories.at_work import SITE
from factories.world import AT, OPERATOR, give, make_person, make_software

MONDAY, MONTH = dt.date(2026, 11, 16), dt.date(2026, 11, 1)  # of AT, a Saturday
LATER = dt.datetime(2026, 12, 2, 9, tzinfo=dt.UTC)


@pytest.fixture
async def batch(house):
    database = Database(house.url("carnet_batch"), min_size=1, max_size=2, statement_timeout=60_000)
    await database.open()
    yield database
    await database.close()


@pytest.fixture
def forgotten(house):
    """Nothing was published yet."""
    with psycopg.connect(house.url("postgres"), autocommit=True) as conn:
        conn.execute("DELETE FROM carnet.indicator")


async def get(path, kind):
    app = Litestar([*pilotage_routes(pilotage=Pilotage(web=WEB))], openapi_config=None)
    actor, token = await make_agent(kind=kind)
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=SITE)
    client.cookies.set(WEB.session_cookie, token, domain="carnet.test", path="/")
    answer = await client.get(path)
    await client.aclose()
    return actor, answer


async def test_periods_that_are_over_are_counted_once_and_small_numbers_kept_back(house, batch, rows, forgotten):
    software = await make_software()
    people = [await make_person(at=AT) for _ in range(12)]
    for number, person in enumerate(people):
        for _ in range(1 + number % 2):
            await give(person, by=software, type_code="11502-2" if number else "51969-4")
    made = await count_indicators(actor=OPERATOR, batch=batch, at=LATER)
    assert made
    await make_person(at=AT)
    assert await count_indicators(actor=OPERATOR, batch=batch, at=LATER) == 0, "a period is counted once"
    published = rows("SELECT series, period, row_key, column_key, value FROM carnet.indicator")
    found = {tuple(row[:4]): row[4] for row in published}
    assert found["opened", MONDAY, "", ""] >= 12
    assert found["documents", MONTH, "", ""] >= 18
    assert found["documents", MONTH, "51969-4", ""] is None, "one document of a type is nobody's to know of"
    small = [value for value in found.values() if value is not None and 0 < value < 11]
    assert small == []

    with clock.frozen(LATER):
        pilot, page = await get("/pilotage", "pilot")
        _, export = await get("/pilotage/indicateurs.csv", "pilot")
        _, agents = await get("/pilotage", "agent")
    assert page.status_code == 200
    assert len(re.findall(r"<svg class=\"chart-drawing\"", page.text)) == 8, "the twin of each table by week or month"
    assert page.text.count('class="chart-target"') == 2
    assert page.text.count("<table") >= 3
    assert not re.search(r"<(rect|line|text|svg)[^>]* style=", page.text)
    assert "secret" in page.text
    assert export.text.lstrip("\ufeff").startswith("serie;periode;ligne;colonne;valeur")
    assert agents.status_code == 403
    seen = "SELECT outcome FROM carnet.security_entry WHERE act = 'view-indicators' AND actor_id = %s"
    assert rows(seen, pilot.identifier) == [("done",)]


async def test_documents_by_type_and_software_of_any_month(house, batch, forgotten):
    autumn = [dt.date(2026, 9, 1), dt.date(2026, 10, 1)]
    keys = [("", ""), ("51969-4", ""), ("", "Dossier Clair")]
    made = [
        Figure("documents", month, row, column, 100 * number + place)
        for number, month in enumerate(autumn, 1)
        for place, (row, column) in enumerate(keys)
    ]
    await publish_figures(actor=OPERATOR, batch=batch, figures=made, at=LATER)
    with clock.frozen(LATER):
        for month, number in (("2026-09", "1"), ("2026-10", "2"), ("", "2"), ("1999-01", "2")):
            _, page = await get(f"/pilotage?mois={month}", "pilot")
            tables = page.text[page.text.index("Par type de document") :]
            assert [f"{number}01" in tables, f"{number}02" in tables] == [True, True]
            assert f'value="{month or "2026-10"}" selected' in page.text or month == "1999-01"


@pytest.mark.parametrize(("kind", "status"), [(Unavailable, 503), (RuntimeError, 500)], ids=["down", "fault"])
async def test_a_house_that_cannot_answer_is_not_said_to_refuse(house, monkeypatch, kind, status):
    async def broken(**_):
        raise kind(*(("the words of a fault",) if kind is RuntimeError else ()))

    monkeypatch.setattr(routes, "figures", broken)
    _, answer = await get("/pilotage", "pilot")
    assert (answer.status_code, "retry-after" in answer.headers) == (status, kind is Unavailable)
    assert "momentanément indisponible" in answer.text
    assert "pas pour vous" not in answer.text
    assert "the words" not in answer.text


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT person_enc FROM carnet.space",
        "SELECT state FROM carnet.authz",
        "SELECT closed_at FROM carnet.space_ending",
    ],
)
def test_whoever_counts_sees_no_row(house, sql):
    """The batch calls the functions and cannot read what they read; the web cannot even call them."""
    with psycopg.connect(house.url("carnet_batch")) as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute(sql)
    with psycopg.connect(house.url("carnet_app")) as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute("SELECT * FROM carnet.count_life(now(), now())")
    with psycopg.connect(house.url("carnet_app")) as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute("INSERT INTO carnet.indicator VALUES ('x', now(), '', '', 1, now())")


async def test_the_operator_may_look_and_a_software_may_not(house):
    await figures(actor=OPERATOR, since=MONTH, at=AT)
    with pytest.raises(Refused):
        await figures(actor=await make_software(), since=MONTH, at=AT)
