"""What the person decides, by the forms they fill: each choice holds for the professional it is about, at once."""

import asyncio
import re

import msgspec
import pytest

from carnet.access.api import AccessSwitches, change_switches, record_consent
from carnet.identity.api import Door, Login, sign_in
from carnet.infra import clock
from carnet.kernel.errors import Invalid, NotFound, Refused
from carnet.records.api import DocumentQuery, HoldReason, hold_document, list_documents, read_entry
from factories.world import give, make_professional, make_software
from interfaces.portal.conftest import WEB, Browser, words

PAGES = (
    "/acces/urgence",
    "/acces/limites",
    "/acces/limites/ajouter",
    "/acces/qui-voit-quoi?metier=PHA",
    "/acces/voir-comme",
    "/acces/voir-comme?q=rennes",
    "/acces/autoriser?pour=cacher&q=rennes",
    "/acces/code",
    "/acces/equipe",
    "/bienvenue",
)


async def sees(doctor, person) -> list[str]:
    """The titles this professional would get."""
    query = DocumentQuery(statuses=("current",))
    listing = await list_documents(actor=doctor, space=person.space, query=query, at=clock.now())
    return [entry.document_id.hex for entry in listing.entries]


async def authorised(browser, **fields):
    doctor = await make_professional()
    answer = await browser.post("/acces/autoriser", {"qui": f"p-{doctor.rpps}"} | fields)
    assert answer.status_code == 303
    return doctor


async def document_of(browser, **changes) -> str:
    receipt = await give(browser.someone, by=await make_software(), at=clock.now(), **changes)
    return receipt.documents[0].document_id.hex


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["fr", "en"])
async def test_every_page_of_choices_answers_in_both_languages(open_browser, path, language):
    browser = await open_browser()
    await authorised(browser)
    html = (await browser.get(path, accept_language=language)).text
    assert f'<html lang="{language}"' in html
    assert "<h1" in html


async def test_an_access_ends_when_it_was_said_to_and_a_past_day_is_refused_kindly(open_browser):
    browser = await open_browser()
    doctor = await make_professional()
    past = await browser.post("/acces/autoriser", {"qui": f"p-{doctor.rpps}", "duree": "date", "jusquau": "2020-01-01"})
    assert past.status_code == 400
    assert "La date de fin doit être à venir" in words(past.text)
    await browser.post("/acces/autoriser", {"qui": f"p-{doctor.rpps}", "duree": "1j", "administrateur": "1"})
    text = words(await browser.page("/acces"))
    assert "Jusqu'au" in text
    assert "Voit aussi les documents masqués" in text


async def test_who_is_let_in_already_is_made_the_trusted_doctor_in_one_step_and_back(open_browser):
    browser = await open_browser()
    doctor = await make_professional()
    asked = {"qui": f"p-{doctor.rpps}"}
    await browser.post("/acces/autoriser", {**asked, "duree": "date", "jusquau": "2099-01-01"})
    assert f"/acces/donner?qui={asked['qui']}" in await browser.page("/acces")
    form = await browser.page(f"/acces/donner?qui={asked['qui']}")
    assert f"Modifier l'accès de {doctor.name}" in words(form)
    filled = {"duree": "date", "jusquau": re.search(r'name="jusquau"[^>]*value="([0-9-]+)"', form)[1]}
    assert filled["jusquau"] == "2099-01-01"
    trusted = "Voit aussi les documents masqués"
    for chosen, shown in ({"administrateur": "1"}, True), ({}, False):
        await browser.post("/acces/autoriser", {**asked, **filled, **chosen})
        page = await browser.page("/acces")
        assert (page.count("/acces/terminer?acces="), trusted in words(page)) == (1, shown)
        again = await browser.page(f"/acces/donner?qui={asked['qui']}")
        assert bool(re.search(r'name="administrateur"[^>]*checked', again)) is shown


@pytest.mark.parametrize("effect", ["cacher", "reserver"])
async def test_a_wish_hides_at_once_and_shows_again_when_it_is_lifted(open_browser, effect):
    browser = await open_browser()
    doctor, other = await authorised(browser), await authorised(browser)
    document = await document_of(browser, title="Bilan discret")
    named = doctor if effect == "cacher" else other
    fields = {"quoi": "document", "document": document, "effet": effect, "qui": "nommes", "partie": f"p-{named.rpps}"}
    assert (await browser.post("/acces/limites/ajouter", fields)).status_code == 303
    assert await sees(doctor, browser.someone) == []
    assert await sees(other, browser.someone) == [document]
    page = await browser.page(f"/documents/{document}")
    assert other.name in page
    assert doctor.name not in page.split("Qui l'a vu")[0]
    html = await browser.page("/acces/limites")
    assert "« Bilan discret »" in words(html).replace("\xa0", " ")
    line = re.search(r'name="limite" value="([0-9a-f]{32})"', html)[1]
    await browser.post("/acces/limites/terminer", {"limite": line})
    assert await sees(doctor, browser.someone) == [document]


async def test_a_wish_for_nobody_is_asked_again_with_what_was_chosen(open_browser):
    browser = await open_browser()
    await authorised(browser)
    answer = await browser.post(
        "/acces/limites/ajouter", {"quoi": "categorie", "categorie": "BIOLOGIE", "qui": "nommes"}
    )
    assert answer.status_code == 400
    assert "Choisissez au moins une personne ou un lieu" in words(answer.text)
    assert '<option value="BIOLOGIE" selected>' in answer.text


LAST = "9999-12-31"
UNCLEAR = {
    "nothing said": ({}, "quoi", "Dites ce qui doit être caché"),
    "something else": ({"quoi": "autre"}, "quoi", "Dites ce qui doit être caché"),
    "a category without one": ({"quoi": "categorie", "categorie": ""}, "categorie", "Choisissez une catégorie"),
    "no such first day": ({"quoi": "tout", "du": "2026-02-31"}, "du", "Cette date n'existe pas"),
    "a last day without a next": ({"quoi": "tout", "au": LAST}, "au", "Cette date n'existe pas"),
}


@pytest.mark.parametrize("case", UNCLEAR)
async def test_a_wish_that_is_not_understood_hides_nothing(open_browser, case):
    fields, where, why = UNCLEAR[case]
    browser = await open_browser()
    doctor = await authorised(browser)
    document = await document_of(browser)
    answer = await browser.post("/acces/limites/ajouter", {"qui": "nommes", "partie": f"p-{doctor.rpps}"} | fields)
    assert answer.status_code == 400
    assert why in words(answer.text)
    assert f'href="#champ-{where}"' in answer.text
    assert await sees(doctor, browser.someone) == [document]


async def test_whom_one_searched_for_stand_first_in_the_order_they_were_chosen(open_browser):
    browser = await open_browser()
    doctors = [await make_professional() for _ in range(4)]
    chosen = [f"p-{one.rpps}" for one in doctors]
    answer = await browser.post("/acces/limites/ajouter", {"quoi": "autre", "qui": "nommes", "partie": chosen})
    assert re.findall(r'name="partie" value="([^"]+)"', answer.text) == chosen[::-1]


async def test_letting_in_until_the_last_day_there_is_is_asked_again(open_browser):
    browser, doctor = await open_browser(), await make_professional()
    answer = await browser.post("/acces/autoriser", {"qui": f"p-{doctor.rpps}", "duree": "date", "jusquau": LAST})
    assert answer.status_code == 400
    assert "Choisissez un jour à venir" in words(answer.text)


@pytest.mark.parametrize(
    ("fields", "field"), [({"nom": ""}, "nom"), ({"nom": "Suivi", "partie": []}, "partie")], ids=["name", "members"]
)
async def test_a_team_that_lacks_something_says_where(open_browser, fields, field):
    browser = await open_browser()
    doctor = await authorised(browser)
    answer = await browser.post("/acces/equipe", {"partie": [f"p-{doctor.rpps}"]} | fields)
    assert answer.status_code == 400
    assert f'href="#champ-{field}"' in answer.text
    assert f'id="champ-{field}"' in answer.text


async def test_forms_that_change_different_switches_at_once_all_count(open_browser):
    browser = await open_browser()
    space, actor = browser.someone.space, browser.someone.actor
    names = ("centre_15", "bris_de_glace", "masked_in_emergency", "strong_consent")
    wanted = [AccessSwitches(**{name: True}) for name in names]
    await asyncio.gather(*(change_switches(actor=actor, space=space, switches=one, at=clock.now()) for one in wanted))
    html = await browser.page("/acces/urgence")
    assert len(re.findall(r'<input type="checkbox" id="champ-\w+"[^>]* checked', html)) == 3


async def test_seeing_as_somebody_says_why_for_each_document(open_browser):
    browser = await open_browser()
    doctor = await authorised(browser)
    seen = await document_of(browser, title="Bilan visible")
    masked = await document_of(browser, title="Bilan masqué")
    hidden = await document_of(browser, title="Bilan caché")
    await browser.post(f"/documents/{masked}/masquer")
    fields = {"quoi": "document", "document": hidden, "qui": "nommes", "partie": f"p-{doctor.rpps}"}
    await browser.post("/acces/limites/ajouter", fields)
    page = words(await browser.page(f"/acces/voir-comme/{doctor.rpps}"))
    sees_it, sees_not = page.split("Ce qu'elle ne voit pas")
    assert "Bilan visible" in sees_it
    assert "Accès donné" in sees_it
    assert "Vous l'avez masqué aux professionnels" in sees_not
    assert "Vous le lui cachez" in sees_not
    # and it is what the professional gets
    assert await sees(doctor, browser.someone) == [seen]
    assert (await browser.get("/acces/voir-comme/10000000000")).status_code == 404


async def test_the_switches_and_the_code_of_the_strong_mode(open_browser):
    browser = await open_browser()
    doctor = await make_professional()
    await browser.post("/acces/urgence", {"centre_15": "1"})
    html = await browser.page("/acces/urgence")
    checked = re.findall(r'<input type="checkbox" id="champ-(\w+)"[^>]* checked', html)
    assert checked == ["centre_15"]
    await browser.post("/acces/code/mode", {"exiger": "1"})
    with pytest.raises(Refused):
        await record_consent(actor=doctor, space=browser.someone.space, at=clock.now())
    shown = (await browser.post("/acces/code")).text
    code = re.search(r'aria-hidden="true">(\d{3}) (\d{3})<', shown)
    assert 'class="qr"' in shown
    with pytest.raises((Refused, Invalid)):
        await record_consent(actor=doctor, space=browser.someone.space, code="000000", at=clock.now())
    await record_consent(actor=doctor, space=browser.someone.space, code=code[1] + code[2], at=clock.now())
    # the code is shown once: the page asked again does not know it
    assert code[1] + " " + code[2] not in await browser.page("/acces/code")


async def test_an_unknown_access_is_suspended_in_one_tap_with_a_deadline(open_browser):
    browser = await open_browser()
    doctor = await make_professional()
    await record_consent(actor=doctor, space=browser.someone.space, at=clock.now())
    document = await document_of(browser)
    assert await sees(doctor, browser.someone) == [document]
    page = await browser.page("/acces")
    assert "Je ne connais pas cet accès" in words(page)
    await browser.post("/acces/contester", {"qui": f"p-{doctor.rpps}"})
    text = words(await browser.page("/acces"))
    assert "Réponse au plus tard le" in text
    with pytest.raises(Refused):
        await sees(doctor, browser.someone)


async def test_a_team_is_let_in_as_one_and_let_go_as_one(open_browser):
    browser = await open_browser()
    first, second = await make_professional(), await make_professional()
    document = await document_of(browser)
    token = await browser.form_token()
    answer = await browser.client.post(
        "/acces/equipe",
        data={"_csrf_token": token, "nom": "Suivi du diabète", "partie": [f"p-{first.rpps}", f"p-{second.rpps}"]},
        headers=browser._headers({}),
        follow_redirects=False,
    )
    assert answer.status_code == 303
    html = await browser.page("/acces")
    assert "Suivi du diabète" in html
    assert await sees(second, browser.someone) == [document]
    team = re.search(r'name="equipe" value="([0-9a-f]{32})"', html)[1]
    await browser.post("/acces/equipe/terminer", {"equipe": team})
    with pytest.raises(Refused):
        await sees(second, browser.someone)


async def test_a_held_result_says_when_and_by_whom_and_can_be_asked_for(open_browser):
    browser, software = await open_browser(), await make_software()
    receipt = await give(browser.someone, by=software, title="Biopsie", at=clock.now())
    document = receipt.documents[0].document_id
    doctor = await make_professional(finess=software.organisation)
    await record_consent(actor=doctor, space=browser.someone.space, at=clock.now())
    await hold_document(
        actor=doctor,
        space=browser.someone.space,
        document=document,
        days=7,
        reason=HoldReason.TO_EXPLAIN,
        at=clock.now(),
    )
    html = await browser.page("/accueil")
    text = words(html)
    assert "Un résultat vous sera expliqué avant le" in text
    assert doctor.name in text
    assert "Biopsie" not in text
    address = re.search(r'action="(/resultats/[0-9a-f]{32}/demander)"', html)[1]
    await browser.post(address)
    assert "Vous avez demandé ce résultat" in words(await browser.page("/accueil"))
    with pytest.raises(NotFound):
        await read_entry(actor=browser.someone.actor, space=browser.someone.space, document=document, at=clock.now())


async def stepped_up(browser, client) -> Browser:
    """The same person's browser after a fresh second proof."""
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
    return Browser(client, msgspec.structs.replace(browser.someone, actor=new.actor), new.token)


async def test_what_is_kept_apart_is_shown_only_after_a_second_proof(open_browser, client):
    browser = await open_browser()
    document = await document_of(browser, title="Compte rendu discret")
    await browser.post(f"/documents/{document}/a-part", {"apart": "1"})
    for path in ("/documents", "/accueil", "/notifications", "/activite"):
        assert "Compte rendu discret" not in await browser.page(path), path
    assert (await browser.get(f"/documents/{document}")).status_code == 404
    assert (await browser.get("/reglages/sujets")).headers["location"].startswith("/confirmer-identite")
    again = await stepped_up(browser, client)
    assert "Compte rendu discret" in await again.page("/documents")
    assert "Génétique" in await again.page("/reglages/sujets")
    assert "Ne plus garder à part" in await again.page(f"/documents/{document}")
    await again.post(f"/documents/{document}/a-part", {"apart": "0"})
    assert "Compte rendu discret" in await browser.page("/documents")


async def test_the_first_visit_asks_three_things_once(open_browser):
    browser = await open_browser()
    assert "/bienvenue" in await browser.page("/accueil")
    assert "Bienvenue" in await browser.page("/bienvenue")
    answer = await browser.post("/bienvenue", {"visibilite": "masque", "bris_de_glace": "1", "sujet": "genetics"})
    assert answer.headers["location"] == "/accueil"
    assert (await browser.get("/bienvenue")).headers["location"] == "/accueil"
    assert "/bienvenue" not in await browser.page("/accueil")
    assert 'value="masque" checked' in re.sub(r' id="[^"]*"', "", await browser.page("/reglages"))
