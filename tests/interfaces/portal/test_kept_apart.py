"""What a person keeps apart is told nowhere to a simple session, and the pages for it ask for a second proof."""

import re

import pytest

from carnet.access.api import (
    RestrictionEffect,
    Wish,
    end_restriction,
    keep_apart,
    record_consent,
    restrict,
    safeguard_topics,
)
from carnet.identity.api import Door, Login, sign_in
from carnet.infra import clock
from carnet.infra.db import work
from carnet.kernel.errors import NotFound
from carnet.records.api import HoldReason, ask_result, hold_document
from carnet.spaces.api import hold_contact
from factories.world import give, make_professional, make_software
from interfaces.portal.conftest import WEB, Browser, words

TOPIC, TYPE = "mental-health", "83901-9"
CHOSEN = re.compile(r'name="sujet" value="([\w-]+)" checked')


@pytest.fixture
def proved(client):
    """The same person's browser after a fresh second proof."""

    async def make(browser) -> Browser:
        at = clock.now()
        login = Login(
            door=Door.PORTAL,
            issuer="https://fc.test",
            subject=str(browser.someone.space),
            id_token="x",
            acr="eidas1",
            authenticated_at=at,
            device="Firefox, Linux",
            step_up=True,
        )
        new = await sign_in(actor=browser.someone.actor, login=login, limits=WEB.limits, replaces=None, at=at)
        return Browser(client, browser.someone, new.token)

    return make


async def apart(browser, *topics: str) -> None:
    await keep_apart(actor=browser.someone.actor, space=browser.someone.space, topics=topics, at=clock.now())


async def test_the_first_visit_tells_a_simple_session_of_no_topic_and_only_adds(open_browser, proved):
    browser = await open_browser()
    await apart(browser, TOPIC)
    page = await browser.page("/bienvenue")
    assert f'value="{TOPIC}"' in page
    assert CHOSEN.findall(page) == []
    # answering without it drops nothing and says nothing
    answer = await browser.post("/bienvenue", {"visibilite": "visible", "sujet": "genetics"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/accueil")
    assert set(CHOSEN.findall(await (await proved(browser)).page("/reglages/sujets"))) == {"genetics", TOPIC}


async def test_a_topic_within_another_is_not_said_to_be_chosen(open_browser, proved):
    """What tells of addictions tells of contraception too: who chose one did not choose the other."""
    inner, outer = "addictions", "contraception-pregnancy"
    assert safeguard_topics()[inner] < safeguard_topics()[outer]
    browser = await open_browser()
    await apart(browser, outer)
    assert CHOSEN.findall(await (await proved(browser)).page("/reglages/sujets")) == [outer]


async def test_the_journal_of_a_simple_session_does_not_say_that_anything_is_kept_apart(open_browser, proved):
    browser, said = await open_browser(), "ce qui demande une confirmation d'identité"
    await apart(browser, TOPIC)
    again = await proved(browser)
    for address in ("/activite", "/activite/export.csv", "/activite/export.json", "/activite/export.fhir.json"):
        assert said not in words((await browser.get(address)).text), address
    assert "safeguard" not in (await browser.get("/activite/export.json")).text
    assert said in words(await again.page("/activite"))
    assert said in (await again.get("/activite/export.csv")).text


async def held(browser, **changes):
    """A result of the person's that waits to be explained."""
    software, at = await make_software(), clock.now()
    receipt = await give(browser.someone, by=software, title="Biopsie", at=at, **changes)
    doctor = await make_professional(finess=software.organisation)
    await record_consent(actor=doctor, space=browser.someone.space, at=at)
    return await hold_document(
        actor=doctor,
        space=browser.someone.space,
        document=receipt.documents[0].document_id,
        days=7,
        reason=HoldReason.TO_EXPLAIN,
        at=at,
    )


async def test_a_result_kept_apart_waits_unseen_by_a_simple_session(open_browser, proved):
    browser = await open_browser()
    await apart(browser, TOPIC)
    hold = await held(browser, type_code=TYPE)
    assert "vous sera expliqué" not in words(await browser.page("/accueil"))
    answer = await browser.post(f"/resultats/{hold.hex}/demander")
    made_up = await browser.post(f"/resultats/{'0' * 32}/demander")
    assert (answer.status_code, answer.headers["location"]) == (made_up.status_code, made_up.headers["location"])
    again = await proved(browser)
    assert "vous sera expliqué" in words(await again.page("/accueil"))
    await again.post(f"/resultats/{hold.hex}/demander")
    assert "Vous avez demandé ce résultat" in words(await again.page("/accueil"))
    with pytest.raises(NotFound):
        await ask_result(
            actor=browser.someone.actor, space=browser.someone.space, hold=hold, wanted=False, at=clock.now()
        )


async def test_a_wish_about_a_document_kept_apart_is_not_told_nor_lifted_by_a_simple_session(open_browser, proved):
    browser, doctor = await open_browser(), await make_professional()
    someone = browser.someone
    receipt = await give(someone, by=await make_software(), title="Discret", type_code=TYPE, at=clock.now())
    document = receipt.documents[0].document_id
    wish = Wish(effect=RestrictionEffect.HIDE, document=document, rpps=(doctor.rpps,))
    line = await restrict(actor=someone.actor, space=someone.space, wish=wish, at=clock.now())
    assert doctor.name in await browser.page("/acces/limites")
    await apart(browser, TOPIC)
    page = await browser.page("/acces/limites")
    assert doctor.name not in page
    assert "Un document : caché" not in words(page).replace("\xa0", " ")
    with pytest.raises(NotFound):
        await end_restriction(actor=someone.actor, space=someone.space, restriction=line, at=clock.now())
    again = await proved(browser)
    assert doctor.name in await again.page("/acces/limites")
    await again.post("/acces/limites/terminer", {"limite": line.hex})
    assert doctor.name not in await again.page("/acces/limites")


async def test_once_the_proof_is_over_the_topics_ask_for_it_again_and_lead_back(open_browser):
    browser = await open_browser()
    await apart(browser, TOPIC)
    answer = await browser.post("/reglages/sujets", {"sujet": "genetics"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/confirmer-identite?retour=%2Freglages%2Fsujets"


async def test_the_channel_of_its_own_is_set_and_shown_after_a_second_proof_only(open_browser, proved):
    browser, address = await open_browser(), "ailleurs@exemple.test"
    asked = await browser.post("/reglages/sujets/canal", {"adresse": address})
    assert (asked.status_code, asked.headers.get("location", "").split("?")[0]) == (303, "/confirmer-identite"), (
        asked.text
    )
    again = await proved(browser)
    field = (await again.page("/reglages/sujets")).split('name="adresse"')[1].split(">")[0]
    assert "required" not in field, "left empty, there is no channel"
    wrong = await again.post("/reglages/sujets/canal", {"adresse": "012"})
    assert (wrong.status_code, "06 12 34 56 78" in wrong.text) == (400, True)
    assert (await again.post("/reglages/sujets/canal", {"adresse": address})).status_code == 303
    assert "Un code à six chiffres est parti à" in words(await again.page("/reglages/sujets"))
    assert (await again.post("/reglages/sujets/canal/confirmer", {"code": "1"})).status_code == 400
    async with work(space=browser.someone.space, at=clock.now()) as w:
        code = (await hold_contact(w)).apart_proposed.code
    assert (await again.post("/reglages/sujets/canal/confirmer", {"code": code})).status_code == 303
    assert f"Nous écrivons aujourd'hui à {address}." in words(await again.page("/reglages/sujets"))
    for path in ("/reglages", "/accueil", "/activite", "/activite/export.json", "/bienvenue", "/notifications"):
        assert address not in (await browser.get(path)).text, path
    assert (await again.post("/reglages/sujets/canal", {"adresse": ""})).status_code == 303
    assert address not in await again.page("/reglages/sujets")
    for confirming in ("/reglages/sujets/canal/confirmer", "/reglages/courriel/confirmer"):
        over = await again.post(confirming, {"code": "1"})
        blamed = re.findall(r'href="#(champ-\w+)"', over.text)
        assert blamed, confirming
        assert all(f'id="{one}"' in over.text for one in blamed), "the code ran out, and its field with it"
