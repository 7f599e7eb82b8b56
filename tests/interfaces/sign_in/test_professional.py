"""A professional proves who they are to Pro Santé Connect; the directory says whether they still come in."""

from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from msgspec import structs

from carnet.identity.api import DirectoryFeed, FeedProfessional, import_directory
from carnet.infra import clock
from carnet.infra.db import system_work
from factories.sandbox_people import motif, query_of, refused_sign_ins
from factories.world import OPERATOR

SESSION = "__Host-carnet-pro"
DOCTOR = "palpite"


@asynccontextmanager
async def directory_changed(population, statement):
    """The directory changed by `statement` (%s: the doctor's RPPS), then put right."""
    one = population.professional(DOCTOR)
    async with system_work(at=clock.now()) as w:
        await w.execute(statement, (one.rpps,))
    try:
        yield
    finally:
        line = FeedProfessional(
            rpps=one.rpps,
            family=one.family,
            given=one.given,
            profession=one.profession,
            finess=population.workplace(one).finess,
        )
        await import_directory(actor=OPERATOR, feed=DirectoryFeed(professionals=(line,)), at=clock.now())


ENDED = "UPDATE professional SET status = 'ended' WHERE rpps = %s"
MOVED = "DELETE FROM professional_situation WHERE rpps = %s"


async def come_in(browser):
    return await browser.sign_in(DOCTOR, start="/pro/connexion")


async def test_a_professional_comes_in_as_the_directory_and_the_card_say(browser, population):
    assert (await come_in(browser)).headers["location"] == "/pro/accueil"
    actor = (await browser.get("/pro/moi")).json()["actor"]
    one = population.professional(DOCTOR)
    assert actor["kind"] == "professional"
    assert (actor["identifier"], actor["profession"]) == (one.rpps, one.profession)
    assert actor["organisation"] == population.workplace(one).finess
    assert actor["organisation_name"] == population.workplace(one).name
    assert actor["space"] is None
    assert actor["strong"] is True
    async with system_work(at=clock.now()) as w:
        acts = await w.rows(
            "SELECT act, outcome FROM security_entry WHERE actor_id = %s ORDER BY entry_id", (one.rpps,)
        )
    assert acts[-1] == ("sign-in", "done")


async def test_a_session_of_one_door_is_nothing_at_the_other(browser):
    await come_in(browser)
    assert (await browser.get("/pro/moi")).status_code == 200
    assert (await browser.get("/moi")).status_code == 401
    token = browser.cookie(SESSION)
    moved = await browser.carnet.get("/moi", headers={"Cookie": f"__Host-carnet={token}"})
    assert moved.status_code == 401


@pytest.mark.parametrize(("statement", "detail"), [(ENDED, "professional-not-listed"), (MOVED, "not-practising-there")])
async def test_the_directory_refuses(browser, population, statement, detail):
    async with directory_changed(population, statement):
        answer = await come_in(browser)
    assert (motif(answer), query_of(answer.headers["location"])["detail"]) == ("not_recognised", detail)
    assert browser.cookie(SESSION) is None
    reason, why, who, _ = (await refused_sign_ins("pro"))[-1]
    assert (reason, why, who) == ("not-registered", detail, population.professional(DOCTOR).rpps)


@pytest.mark.parametrize("statement", [ENDED, MOVED])
async def test_who_left_is_out_at_the_next_request(browser, population, statement):
    await come_in(browser)
    assert (await browser.get("/pro/moi")).status_code == 200
    async with directory_changed(population, statement):
        assert (await browser.get("/pro/moi")).status_code == 401
    assert (await browser.get("/pro/moi")).status_code == 200


CLAIMS = {
    "no number": ({"SubjectNameID": ""}, "no-rpps"),
    "an ADELI number": ({"SubjectNameID": "0751234567"}, "no-rpps"),
    "an establishment's number": ({"SubjectNameID": "3750000001/agent-7"}, "no-rpps"),
    "no role": ({"SubjectRole": []}, "no-profession"),
    "two professions": ({"SubjectRole": ["10^1.2.250.1.213.1.1.5.5", "21^1.2.250.1.213.1.1.5.5"]}, "no-profession"),
    "a role of another table": ({"SubjectRole": ["10^1.2.250.1.213.1.6.1.1"]}, "no-profession"),
    "no organisation": ({"SubjectOrganizationID": ""}, "no-organisation"),
    "a SIRET": ({"SubjectOrganizationID": "312345678901234"}, "no-organisation"),
    "an unknown organisation": ({"SubjectOrganizationID": "1990099999"}, "organisation-not-listed"),
    "an unknown professional": ({"SubjectNameID": "899999999999"}, "professional-not-listed"),
    "a weak card": ({"acr": "low"}, "weak-authentication"),
}


@pytest.mark.parametrize("case", CLAIMS)
async def test_incomplete_or_unknown_identities_are_refused_and_traced(browser, site, monkeypatch, case):
    changed, detail = CLAIMS[case]
    read = site.pro.provider._userinfo

    async def said(*args, **kwargs):
        return await read(*args, **kwargs) | changed

    monkeypatch.setattr(site.pro.provider, "_userinfo", said)
    if "acr" in changed:
        strict = structs.replace(site.pro.provider.settings, acr_values=("eidas9",))
        monkeypatch.setattr(site.pro.provider, "settings", strict)
    answer = await come_in(browser)
    assert (motif(answer), query_of(answer.headers["location"])["detail"]) == ("not_recognised", detail)
    assert (await refused_sign_ins("pro"))[-1][1] == detail


async def test_twenty_minutes_of_silence_end_it(browser):
    at = clock.now()
    with clock.frozen(at) as still:
        await come_in(browser)
        for _ in range(4):
            still.advance(timedelta(minutes=19))
            assert (await browser.get("/pro/moi")).status_code == 200
        still.advance(timedelta(minutes=20))
        assert (await browser.get("/pro/moi")).status_code == 401
        assert (await browser.get("/pro/libre")).json() == {"signed_in": False, "lost": True}
