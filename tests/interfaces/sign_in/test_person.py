"""A person proves who they are to FranceConnect and finds their own space, or is told why not."""

import re
from datetime import timedelta

import pytest
from msgspec import structs

from carnet.identity.api import InsService, find_account
from carnet.identity.outside import Answer
from carnet.infra import clock
from carnet.infra.db import system_work, work
from carnet.infra.installation import current
from carnet.kernel.errors import Invalid
from carnet.spaces.api import ProvedBy, activate_enrolled, check_receipt, object_on_line, read_pass
from factories.browser import Browser
from factories.enrolled import enrolled
from factories.sandbox_people import acts_in, motif, open_for, query_of, refused_sign_ins
from factories.simulator import CARNET
from factories.world import OPERATOR

SESSION = "__Host-carnet"


async def test_the_first_sign_in_activates_the_space_and_the_second_finds_the_account(browser, site, population):
    space = await open_for(population.person("nour"))
    answer = await browser.sign_in("nour")
    assert answer.headers["location"] == "/accueil"
    me = (await browser.get("/moi")).json()["actor"]
    assert (me["kind"], me["space"], me["strong"]) == ("person", str(space), True)
    assert me["name"] == population.person("nour").display
    assert (await acts_in(space))[:2] == ["activate-space", "sign-in"]
    ins = site.portal._ins
    site.portal._ins = InsService("http://127.0.0.1:1/ins")  # no longer needed: the account is known
    again = await browser.sign_in("nour")
    assert again.headers["location"] == "/accueil"
    assert (await browser.get("/moi")).json()["actor"]["identifier"] == me["identifier"]
    assert (await acts_in(space))[:3] == ["sign-in", "activate-space", "sign-in"]
    await site.portal._ins.close()
    site.portal._ins = ins


async def test_what_is_sent_to_the_provider(browser, simulator):
    asked = query_of(await browser.leave_for_provider("/connexion/franceconnect"))
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == f"{CARNET}/connexion/retour"
    assert asked["acr_values"] == "eidas2 eidas3"
    assert len(asked["state"]) == len(asked["nonce"]) == len(asked["code_challenge"]) == 43
    again = query_of(await browser.leave_for_provider("/connexion/personne"))
    assert not {asked[name] for name in ("state", "nonce", "code_challenge")} & set(again.values())
    assert simulator.franceconnect not in asked.values()


async def test_the_cookies_are_host_bound_secure_and_hidden_from_scripts(browser, population):
    await open_for(population.person("nour"))
    start = await browser.get("/connexion/franceconnect")
    for answer, name in ((start, f"{SESSION}-login"), (await browser.sign_in("nour"), SESSION)):
        lines = answer.headers.get_list("set-cookie")
        cookie = next(line for line in lines if line.startswith(f"{name}="))
        attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"path=/", "secure", "httponly", "samesite=lax"} <= attributes
        assert not any(part.startswith("domain") for part in attributes)
        assert answer.headers["cache-control"] == "no-store"
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", browser.cookie(SESSION))
    assert browser.cookie(f"{SESSION}-login") is None  # gone after use


async def test_the_database_holds_no_token_no_subject_no_name(browser, population):
    await open_for(population.person("nour"))
    await browser.sign_in("nour")
    async with system_work(at=clock.now()) as w:
        rows = await w.rows("SELECT s::text, a::text FROM web_session s JOIN account a USING (account_id)")
    shown = " ".join(text for row in rows for text in row)
    person = population.person("nour")
    for secret in (browser.cookie(SESSION), person.birth_name, person.given_names[0], person.matricule):
        assert secret.encode().hex() not in shown
        assert secret not in shown


async def test_nobody_without_a_space(browser, population):
    person = next(one for one in population.persons if one.account and one.login == "teva")
    answer = await browser.sign_in(person.login)
    assert motif(answer) == "no_space"
    assert browser.cookie(SESSION) is None
    reason, why, who, name = (await refused_sign_ins("portal"))[-1]
    assert (reason, why, who, name) == ("space-not-open", "no-space", "unknown", "")


async def test_several_people_with_the_same_traits_are_not_guessed(browser, site, simulator, monkeypatch):
    async def several(*_, **__):
        return Answer(200, "application/json", b'{"status":"several"}')

    monkeypatch.setattr(site.portal._ins._outside, "post_json", several)
    answer = await browser.sign_in("teva")
    assert motif(answer) == "no_space"
    assert query_of(answer.headers["location"])["detail"] == "ins-several"


@pytest.mark.parametrize("state", ["CLOSED", "SUSPENDED", "DELETED"])
async def test_a_space_that_is_not_open_shows_its_holder_one_page_or_none(browser, house, population, state):
    """Closed or suspended: they come back by it; erased: there is nobody."""
    space = await open_for(population.person("dominique"))
    async with work(space=space, at=clock.now()) as w:
        await w.execute("UPDATE authz SET state = %s WHERE space_id = %s", (state, space))
    try:
        answer = await browser.sign_in("dominique")
        if state == "DELETED":
            assert motif(answer) == "no_space"
        else:
            assert motif(answer) == "", "what they find then: portal/test_closing.py"
    finally:
        async with work(space=space, at=clock.now()) as w:
            await w.execute("UPDATE authz SET state = 'OPEN' WHERE space_id = %s", (space,))


async def test_a_weak_level_is_refused(browser, site, population):
    await open_for(population.person("nour"))
    settings = site.portal.provider.settings
    site.portal.provider.settings = structs.replace(settings, acr_values=("eidas9",))
    answer = await browser.sign_in("nour")
    assert (motif(answer), query_of(answer.headers["location"])["detail"]) == ("failed", "weak-authentication")
    assert (await refused_sign_ins("portal"))[-1][:2] == ("weak-authentication", "acr")


async def test_the_provider_down_is_a_clear_answer_and_keeps_nothing(site, browser):
    site.portal.provider.settings = structs.replace(site.portal.provider.settings, issuer="http://127.0.0.1:1/x")
    answer = await browser.get("/connexion/franceconnect")
    assert (answer.status_code, answer.json()) == (503, {"code": "provider-down"})


async def test_the_ins_service_down_is_a_clear_answer(site, browser, population):
    await site.portal._ins.close()
    site.portal._ins = InsService("http://127.0.0.1:1/ins")
    answer = await browser.sign_in("apolline")
    await site.portal._ins.close()
    assert (answer.status_code, answer.json()) == (503, {"code": "ins-service-down"})


async def test_cancelling_at_the_provider(browser):
    state = query_of(await browser.leave_for_provider("/connexion/franceconnect"))["state"]
    answer = await browser.get(f"/connexion/retour?error=access_denied&state={state}")
    assert motif(answer) == "cancelled"


async def test_the_return_works_once_and_only_with_the_state_that_left(browser, population):
    await open_for(population.person("nour"))
    back = await browser.choose(await browser.leave_for_provider("/connexion/franceconnect"), "nour")
    query = query_of(back)
    for changed in (
        {**query, "state": query["state"][:-1] + "B"},
        {**query, "state": ""},
        {"code": query["code"]},
    ):
        assert motif(await browser.get("/connexion/retour", params=changed)) == "expired"
    assert (await browser.get("/libre")).json()["signed_in"] is False


async def test_the_same_return_twice(browser, population):
    await open_for(population.person("nour"))
    back = await browser.choose(await browser.leave_for_provider("/connexion/franceconnect"), "nour")
    assert (await browser.get(back)).headers["location"] == "/accueil"
    assert motif(await browser.get(back)) == "expired"


async def test_an_attempt_is_forgotten_after_ten_minutes(browser, population):
    await open_for(population.person("nour"))
    with clock.frozen(clock.now()) as still:
        back = await browser.choose(await browser.leave_for_provider("/connexion/franceconnect"), "nour")
        still.advance(timedelta(minutes=10))
        assert motif(await browser.get(back)) == "expired"


async def test_login_csrf_an_attackers_return_address_is_worthless_elsewhere(browser, another_browser, population):
    """The attacker signs in, stops before the return, and makes the victim's browser open the return address."""
    await open_for(population.person("nour"))
    trap = await another_browser.choose(await another_browser.leave_for_provider("/connexion/franceconnect"), "nour")
    assert motif(await browser.get(trap)) == "expired"
    await browser.leave_for_provider("/connexion/franceconnect")
    trap = await another_browser.choose(await another_browser.leave_for_provider("/connexion/franceconnect"), "nour")
    assert motif(await browser.get(trap)) == "expired"
    assert browser.cookie(SESSION) is None


async def test_a_second_tab_does_not_break_the_first(browser, population):
    await open_for(population.person("nour"))
    first = await browser.leave_for_provider("/connexion/franceconnect")
    await browser.leave_for_provider("/connexion/franceconnect", retour="/documents")
    assert (await browser.get(await browser.choose(first, "nour"))).headers["location"] == "/accueil"


@pytest.mark.parametrize("iss", ["https://evil.test", ""])
async def test_an_answer_of_another_issuer(browser, population, iss):
    await open_for(population.person("nour"))
    back = await browser.choose(await browser.leave_for_provider("/connexion/franceconnect"), "nour")
    answer = await browser.get("/connexion/retour", params={**query_of(back), "iss": iss})
    if iss:
        assert motif(answer) == "failed"
    else:
        assert answer.headers["location"] == "/accueil"


async def test_one_doors_return_is_worthless_at_the_other(browser, population):
    await open_for(population.person("nour"))
    back = await browser.choose(await browser.leave_for_provider("/connexion/franceconnect"), "nour")
    assert motif(await browser.get("/pro/connexion/retour", params=query_of(back))) == "expired"


@pytest.mark.parametrize(
    ("asked", "led_to"),
    [
        ("/documents?page=2", "/documents?page=2"),
        ("https://evil.test/", "/"),
        ("//evil.test/", "/"),
        ("/\\evil.test", "/"),
        ("/\t/evil.test", "/"),
        ("javascript:alert(1)", "/"),
        ("/ok\r\nSet-Cookie: a=b", "/"),
        ("/" + "x" * 3000, "/"),
    ],
)
async def test_nobody_is_sent_elsewhere_afterwards(browser, population, asked, led_to):
    await open_for(population.person("nour"))
    answer = await browser.sign_in("nour", retour=asked)
    assert answer.headers["location"] == led_to


async def test_the_account_is_found_by_digest_and_belongs_to_one_space(browser, simulator, population):
    space = await open_for(population.person("nour"))
    await browser.sign_in("nour")
    async with system_work(at=clock.now()) as w:
        rows = await w.rows("SELECT count(*), count(DISTINCT account_id) FROM account WHERE space_id = %s", (space,))
    assert rows == [(1, 1)]
    assert await find_account(issuer=simulator.franceconnect, subject="somebody") is None


async def test_a_cookie_of_another_shape_costs_no_query_and_signs_nobody_in(site):
    opened = Browser(site.app)
    for value in ("", "x", "é" * 43, "a" * 44, "' OR 1=1 --"):
        headers = {"Cookie": f"{SESSION}={value}".encode()}
        answer = await opened.carnet.get("/libre", headers=headers)
        assert answer.json()["signed_in"] is False
    answer = await opened.carnet.get("/libre", headers={"Cookie": f"{SESSION}={'a' * 43}"})
    assert answer.json() == {"signed_in": False, "lost": True}
    await opened.close()


async def test_somebody_told_by_letter_says_no_or_yes_with_their_digital_identity(browser, house, population):
    person = population.person("rosalie")
    traits = {"nom_naissance": person.registered_name, "prenoms": "ROSALIE|JEANNE", "date_naissance": "1974-05-17"}
    await enrolled(house, 1, matricule=person.matricule, lieu_naissance=person.birth_place, **traits)
    answer = await browser.sign_in("rosalie", start="/opposition/identite")
    at = clock.now()
    assert answer.headers["location"] == "/opposition/dire"
    shown = read_pass(browser.cookie(f"{SESSION}-passe"), at=at)
    assert (shown.by, browser.cookie(SESSION)) == (ProvedBy.IDENTITY, None)
    receipt = await object_on_line(actor=OPERATOR, proof=shown, at=at)
    assert check_receipt(current().house_key, receipt.token) == receipt
    # a weaker level still says no, and opens nothing
    weak = structs.replace(shown, by=ProvedBy.WEAK_IDENTITY)
    with pytest.raises(Invalid) as refused:
        await activate_enrolled(actor=OPERATOR, shown=weak, at=at)
    assert refused.value.problems[0].code == "proof-too-weak"
    # signing in leads to the page that opens it, and afterwards simply in
    answer = await browser.sign_in("rosalie")
    assert (answer.headers["location"], browser.cookie(SESSION)) == ("/activation/ouvrir", None)
    shown = read_pass(browser.cookie(f"{SESSION}-passe"), at=clock.now())
    await activate_enrolled(actor=OPERATOR, shown=shown, at=clock.now())
    with pytest.raises(Invalid):  # once
        await activate_enrolled(actor=OPERATOR, shown=shown, at=clock.now())
    answer = await browser.sign_in("rosalie")
    assert browser.cookie(SESSION)
