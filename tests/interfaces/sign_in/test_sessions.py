"""What a session may do and when it ends: fixation, forms, weighty acts, other sessions, signing out (T36)."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from msgspec import structs

from carnet.infra import clock
from carnet.journeys import web_session
from factories.sandbox_people import acts_in, motif, open_for, query_of
from factories.simulator import CARNET

SESSION = "__Host-carnet"


@pytest.fixture
async def inside(browser, population):
    """A browser in which Nour is signed in."""
    await open_for(population.person("nour"))
    await browser.sign_in("nour")
    return browser


async def csrf(browser):
    return (await browser.get("/moi")).json()["csrf"]


async def post(browser, path, fields, **headers):
    return await browser.carnet.post(path, data=fields, headers=headers)


# -- fixation ---------------------------------------------------------------------------------------------------


async def test_a_planted_cookie_is_replaced_at_sign_in(browser, population):
    await open_for(population.person("nour"))
    planted = "P" * 43
    browser.carnet.cookies.set(SESSION, planted, domain="carnet.test")
    answer = await browser.sign_in("nour")
    given = next(line for line in answer.headers.get_list("set-cookie") if line.startswith(f"{SESSION}="))
    assert planted not in given
    assert (await browser.carnet.get("/moi", headers={"Cookie": f"{SESSION}={planted}"})).status_code == 401


async def test_signing_in_again_ends_the_session_before(inside):
    before = inside.cookie(SESSION)
    await inside.sign_in("nour")
    assert inside.cookie(SESSION) != before
    inside.carnet.cookies.clear()
    assert (await inside.carnet.get("/moi", headers={"Cookie": f"{SESSION}={before}"})).status_code == 401


# -- forms ------------------------------------------------------------------------------------------------------


async def test_a_form_needs_this_sessions_token(inside, another_browser):
    await another_browser.sign_in("nour")
    good = {"_csrf_token": await csrf(inside)}
    assert (await post(inside, "/changer", good)).status_code == 200
    assert (await post(inside, "/changer", {}, **{"X-CSRF-Token": good["_csrf_token"]})).status_code == 200
    foreign = {"_csrf_token": await csrf(another_browser)}
    for fields in ({}, {"_csrf_token": ""}, {"_csrf_token": "é"}, {"_csrf_token": good["_csrf_token"][:-1]}, foreign):
        answer = await post(inside, "/changer", fields)
        assert (answer.status_code, answer.json()) == (403, {"code": "form-not-ours"})


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": CARNET}, 200),
        ({"Sec-Fetch-Site": "same-origin", "Origin": CARNET}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Origin": "https://evil.test"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 200),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "null"}, 403),
        ({"Origin": "http://carnet.test"}, 403),
        ({"Origin": CARNET + ".evil.test"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": CARNET}, 403),
    ],
)
async def test_a_form_must_come_from_our_pages(inside, headers, status):
    assert (await post(inside, "/changer", {"_csrf_token": await csrf(inside)}, **headers)).status_code == status


async def test_forms_without_their_check_would_be_seen(inside, monkeypatch):
    monkeypatch.setattr(web_session, "is_form_token", lambda *_: True)
    assert (await post(inside, "/changer", {})).status_code == 200


# -- weighty acts -----------------------------------------------------------------------------------------------


async def test_a_weighty_act_asks_for_a_fresh_proof(inside, population):
    at = clock.now()
    with clock.frozen(at) as still:
        assert (await inside.get("/grave")).status_code == 200
        still.advance(timedelta(minutes=5, seconds=1))
        stale = await inside.get("/grave")
        assert (stale.status_code, stale.json()) == (403, {"code": "step-up"})
    before = inside.cookie(SESSION)
    asked = await inside.leave_for_provider("/confirmer-identite/personne", retour="/grave")
    assert (query_of(asked)["prompt"], query_of(asked)["max_age"]) == ("login", "0")
    answer = await inside.get(await inside.choose(asked, "nour"))
    assert answer.headers["location"] == "/grave"
    assert inside.cookie(SESSION) != before
    assert (await inside.get("/grave")).status_code == 200
    inside.carnet.cookies.clear()
    assert (await inside.carnet.get("/moi", headers={"Cookie": f"{SESSION}={before}"})).status_code == 401


async def test_only_the_same_person_may_confirm(inside, population):
    space = await open_for(population.person("nour"))
    await open_for(population.person("gaspard"))
    before = inside.cookie(SESSION)
    asked = await inside.leave_for_provider("/confirmer-identite/personne", retour="/grave")
    assert motif(await inside.get(await inside.choose(asked, "gaspard"))) == "failed"
    assert inside.cookie(SESSION) == before
    assert (await inside.get("/moi")).json()["actor"]["space"] == str(space)


async def test_a_confirmation_needs_the_session_that_asked(inside, population):
    asked = await inside.leave_for_provider("/confirmer-identite/personne", retour="/grave")
    back = await inside.choose(asked, "nour")
    inside.carnet.cookies.delete(SESSION)
    assert motif(await inside.get(back)) == "expired"


async def test_an_old_login_at_the_provider_does_not_confirm(inside, site, monkeypatch):
    """A provider that ignores prompt=login: its auth_time betrays it."""
    read = site.portal.provider._verified

    async def old(*args, **kwargs):
        claims = await read(*args, **kwargs)
        return claims | {"auth_time": claims["auth_time"] - 3600} if "auth_time" in claims else claims

    monkeypatch.setattr(site.portal.provider, "_verified", old)
    asked = await inside.leave_for_provider("/confirmer-identite/personne", retour="/grave")
    assert motif(await inside.get(await inside.choose(asked, "nour"))) == "failed"


async def test_a_provider_that_does_not_tell_when_leaves_the_session_stale(browser, site, population, monkeypatch):
    await open_for(population.person("nour"))
    read = site.portal.provider._verified

    async def silent(*args, **kwargs):
        return {name: value for name, value in (await read(*args, **kwargs)).items() if name != "auth_time"}

    monkeypatch.setattr(site.portal.provider, "_verified", silent)
    await browser.sign_in("nour")
    assert (await browser.get("/moi")).status_code == 200
    assert (await browser.get("/grave")).status_code == 403


async def test_confirming_needs_a_session(browser):
    assert (await browser.get("/confirmer-identite/personne")).status_code == 401


# -- limits -----------------------------------------------------------------------------------------------------


async def test_thirty_minutes_of_silence_or_a_day_end_it(browser, population):
    await open_for(population.person("nour"))
    at = clock.now()
    with clock.frozen(at) as still:
        await browser.sign_in("nour")
        still.advance(timedelta(minutes=29))
        assert (await browser.get("/moi")).status_code == 200
        while still.now() < at + timedelta(hours=24) - timedelta(minutes=29):
            still.advance(timedelta(minutes=29))
            assert (await browser.get("/moi")).status_code == 200
        still.set(at + timedelta(hours=24))
        assert (await browser.get("/moi")).status_code == 401


async def test_silence_ends_it(browser, population):
    await open_for(population.person("nour"))
    with clock.frozen(clock.now()) as still:
        await browser.sign_in("nour")
        still.advance(timedelta(minutes=30))
        assert (await browser.get("/moi")).status_code == 401


# -- my sessions ------------------------------------------------------------------------------------------------


async def test_listing_and_ending_my_sessions(inside, another_browser, population):
    await another_browser.sign_in("nour")
    lines = (await inside.get("/sessions")).json()
    devices = {line["device"] for line in lines}
    assert {"Firefox, Linux", "Safari, iPhone"} <= devices
    mine = next(line for line in lines if line["device"] == "Safari, iPhone")["public_id"]
    token = await csrf(inside)
    closed = await post(inside, "/sessions/fermer", {"_csrf_token": token, "laquelle": mine})
    assert closed.status_code == 200
    assert (await another_browser.get("/moi")).status_code == 401
    again = await post(inside, "/sessions/fermer", {"_csrf_token": token, "laquelle": mine})
    assert again.status_code == 404
    await another_browser.sign_in("nour")
    await post(inside, "/sessions/fermer", {"_csrf_token": token, "laquelle": "autres"})
    assert (await another_browser.get("/moi")).status_code == 401
    assert (await inside.get("/moi")).status_code == 200
    assert len((await inside.get("/sessions")).json()) == 1
    assert (await acts_in(await open_for(population.person("nour"))))[:3] == ["end-session", "sign-in", "end-session"]


async def test_nobody_ends_somebody_elses_session(inside, another_browser, population):
    await open_for(population.person("gaspard"))
    await another_browser.sign_in("gaspard")
    theirs = (await another_browser.get("/sessions")).json()[0]["public_id"]
    answer = await post(inside, "/sessions/fermer", {"_csrf_token": await csrf(inside), "laquelle": theirs})
    assert answer.status_code == 404
    assert (await another_browser.get("/moi")).status_code == 200


# -- signing out ------------------------------------------------------------------------------------------------


async def test_signing_out_here_and_at_the_provider(inside, simulator, population):
    token = inside.cookie(SESSION)
    answer = await post(inside, "/deconnexion", {"_csrf_token": await csrf(inside)})
    assert answer.status_code == 303
    there = answer.headers["location"]
    assert there.startswith(f"{simulator.franceconnect}/session/end?")
    assert query_of(there)["post_logout_redirect_uri"] == f"{CARNET}/deconnexion/retour"
    assert len(query_of(there)["id_token_hint"].split(".")) == 3
    assert inside.cookie(SESSION) is None
    assert (await inside.carnet.get("/moi", headers={"Cookie": f"{SESSION}={token}"})).status_code == 401
    back = await inside.elsewhere.get(there)
    assert back.headers["location"].startswith(f"{CARNET}/deconnexion/retour")
    assert motif(await inside.get(back.headers["location"])) == "signed_out"
    again = await inside.elsewhere.get(await inside.leave_for_provider("/connexion/franceconnect"))
    assert 'name="continue"' not in again.text
    assert (await acts_in(await open_for(population.person("nour"))))[0] == "sign-out"


async def test_signing_out_needs_the_forms_token_and_never_a_link(inside):
    assert (await post(inside, "/deconnexion", {})).status_code == 403
    assert (await inside.get("/deconnexion")).status_code == 405
    assert (await inside.get("/moi")).status_code == 200


async def test_signing_out_works_while_the_provider_is_down(inside, site, monkeypatch):
    token = await csrf(inside)
    monkeypatch.setattr(site.portal.provider, "_metadata", None)
    dead = structs.replace(site.portal.provider.settings, issuer="http://127.0.0.1:1/x")
    monkeypatch.setattr(site.portal.provider, "settings", dead)
    answer = await post(inside, "/deconnexion", {"_csrf_token": token})
    assert urlsplit(answer.headers["location"]).path == "/connexion"
    assert motif(answer) == "signed_out"
    assert (await inside.get("/moi")).status_code == 401


async def test_signing_out_twice(inside):
    fields = {"_csrf_token": await csrf(inside)}
    assert (await post(inside, "/deconnexion", fields)).status_code == 303
    assert motif(await post(inside, "/deconnexion", fields)) == "signed_out"
