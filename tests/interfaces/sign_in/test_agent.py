"""Agents sign in with a second factor; whoever has none, is no agent, or left the desk does not come in."""

import contextlib

import psycopg
import pytest

from carnet.identity.api import add_agent
from carnet.infra import clock
from carnet.infra.db import system_work
from carnet.kernel.errors import Conflict
from carnet.sandbox.api import AGENTS
from factories.at_desk import as_batch, dismiss
from factories.sandbox_people import motif, query_of, refused_sign_ins
from factories.world import OPERATOR

SESSION = "__Host-carnet-guichet"
START = "/guichet/connexion"


@pytest.fixture
async def agathe(house):
    one = AGENTS[0]
    told = {"kind": one.kind, "reference": one.reference, "email": one.email, "name": one.name, "desk": one.desk}
    async with as_batch() as batch:
        with contextlib.suppress(Conflict):
            await add_agent(actor=OPERATOR, batch=batch, at=clock.now(), **told)
    return one


async def test_an_agent_comes_in_and_is_out_once_their_duty_ends(browser, agathe):
    answer = await browser.sign_in(agathe.login, start=START)
    assert answer.headers["location"] == "/guichet"
    actor = (await browser.get("/guichet/moi")).json()["actor"]
    assert (actor["kind"], actor["identifier"], actor["space"]) == ("agent", agathe.reference, None)
    assert actor["name"] == f"{agathe.desk} (agent {agathe.reference})"
    moved = {"Cookie": f"__Host-carnet={browser.cookie(SESSION)}"}
    assert (await browser.carnet.get("/moi", headers=moved)).status_code == 401
    await dismiss(agathe.reference)
    assert (await browser.get("/guichet/moi")).status_code == 401
    assert motif(await browser.sign_in(agathe.login, start=START)) == "not_recognised"


async def test_one_factor_is_not_enough(browser, agathe):
    asked = await browser.leave_for_provider(START)
    assert "eidas2" in asked
    weak = await browser.choose(asked.replace("eidas2+eidas3", "eidas1"), agathe.login)
    answer = await browser.get(weak)
    assert (motif(answer), query_of(answer.headers["location"])["detail"]) == ("not_recognised", "weak-authentication")
    assert browser.cookie(SESSION) is None
    assert (await refused_sign_ins("desk"))[-1][0] == "weak-authentication"


async def test_who_is_no_agent_stays_outside(browser):
    answer = await browser.sign_in(AGENTS[1].login, start=START)
    assert query_of(answer.headers["location"])["detail"] == "not-an-agent"
    assert browser.cookie(SESSION) is None


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO agent VALUES (gen_random_uuid(), 'X-1', 'agent', 'x@y.test', 'x', 'd', now())",
        "UPDATE agent SET ended_at = NULL",
    ],
)
async def test_the_role_of_the_pages_makes_nobody_an_agent(agathe, sql):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with system_work(at=clock.now()) as w:
            await w.execute(sql)
