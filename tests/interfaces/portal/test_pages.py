"""Every page of a signed-in person answers, in both languages; nobody else gets in."""

import re

import msgspec
import pytest

from carnet.access.api import AccessSwitches, Mode, change_switches, open_emergency, record_consent
from carnet.infra import clock
from carnet.records.api import DocumentQuery, archive_document, list_documents
from carnet.records.queries import receipts
from factories.events import deliver, empty_queue
from factories.world import give, make_professional, make_software
from interfaces.portal.conftest import words

PAGES = (
    "/accueil",
    "/documents",
    "/documents/ajouter",
    "/acces",
    "/acces/autoriser",
    "/acces/autoriser?q=rennes",
    "/activite",
    "/activite?qui=moi&du=2026-01-01&au=2027-12-31",
    "/messages",
    "/messages/ecrire",
    "/agenda",
    "/agenda/ajouter",
    "/agenda/rappel",
    "/notifications",
    "/reglages",
    "/confirmer-identite",
)
LEAVE = 'href="/quitter"'
"""The quick exit, on every page, signed in or not."""


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["fr", "en"])
async def test_every_page_answers_in_both_languages(open_browser, path, language):
    browser = await open_browser()
    await give(browser.someone, by=await make_software(), at=clock.now())
    html = (await browser.get(path, cookie_language=language, accept_language=language)).text
    assert f'<html lang="{language}"' in html
    assert "<h1" in html
    assert LEAVE in html


@pytest.mark.parametrize("path", [*PAGES, "/activite/export.csv", "/documents/0123456789abcdef0123456789abcdef"])
async def test_nobody_signed_in_is_sent_to_the_sign_in_page_and_back(client, path):
    client.cookies.clear()
    answer = await client.get(path, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/connexion?retour=%2F")


@pytest.mark.parametrize("path", ["/", "/connexion", "/connexion?motif=no_space", "/connexion?motif=<b>"])
async def test_public_pages_answer_anybody(client, path):
    client.cookies.clear()
    answer = await client.get(path)
    assert answer.status_code == 200
    assert "<h1" in answer.text
    assert LEAVE in answer.text


async def test_a_lost_session_is_told_kindly(client):
    answer = await client.get("/accueil", headers={"cookie": f"__Host-carnet={'a' * 43}"}, follow_redirects=False)
    assert "motif=idle" in answer.headers["location"]


async def test_the_first_page_shows_what_is_new_and_who_came(open_browser):
    browser = await open_browser()
    await give(browser.someone, by=await make_software(), title="Bilan de novembre", at=clock.now())
    text = words(await browser.page("/accueil"))
    assert "1 document vous attend" in text
    assert "Bilan de novembre" in text
    assert "Dossier Clair" in text
    assert "Donnez une adresse e-mail" in text


async def test_what_its_author_filed_away_is_there_with_the_word(open_browser):
    browser, software = await open_browser(), await make_software()
    receipt = await give(browser.someone, by=software, title="Bilan rangé", at=clock.now())
    whose = {"space": browser.someone.space, "document": receipt.documents[0].document_id, "at": clock.now()}
    await archive_document(actor=software, archived=True, **whose)
    for path in ("/documents", f"/documents/{whose['document'].hex}"):
        text = words(await browser.page(path))
        assert "Bilan rangé" in text
        assert "Archivé par son auteur" in text
    assert "a archivé « Bilan rangé »" in words(await browser.page("/activite"))


async def test_an_absent_document_another_ones_document_and_a_hidden_one_are_the_same_page(open_browser):
    browser, other = await open_browser(), await open_browser()
    software = await make_software()
    theirs = (await give(other.someone, by=software, at=clock.now())).documents[0].document_id
    codes = frozenset({"INVISIBLE_PATIENT"})
    hidden = (await give(browser.someone, by=software, codes=codes, at=clock.now())).documents[0].document_id
    answers = []
    for document in (theirs.hex, hidden.hex, "0123456789abcdef0123456789abcdef"):
        for way in ("", "/apercu", "/telecharger", "/modifier", "/pieces/0"):
            answer = await browser.get(f"/documents/{document}{way}")
            answers.append((answer.status_code, answer.text.replace(document, "ID").replace(way, "")))
    assert {status for status, _ in answers} == {404}
    assert len({text for _, text in answers}) == 1


async def test_a_professional_has_no_way_into_the_portal(client, app):
    from carnet.identity.api import Door, Login, SessionLimits, sign_in

    carer = await make_professional()
    login = Login(
        door=Door.PORTAL,
        issuer="https://psc.test",
        subject=carer.identifier,
        id_token="x",
        acr="eidas1",
        authenticated_at=clock.now(),
        device="",
    )
    new = await sign_in(actor=carer, login=login, limits=SessionLimits(), replaces=None, at=clock.now())
    answer = await client.get("/accueil", headers={"cookie": f"__Host-carnet={new.token}"}, follow_redirects=False)
    assert answer.status_code in {303, 403}


async def test_the_character_set_is_said_once(open_browser):
    browser = await open_browser()
    for path in ("/accueil", "/activite/export.csv"):
        assert (await browser.get(path)).headers["content-type"].count("charset=utf-8") == 1


async def test_who_came_is_asked_about_until_the_person_knows_them_or_shuts_them_out(house, open_browser):
    empty_queue(house)
    browser = await open_browser()
    space, at = browser.someone.space, clock.now()
    doctors = [await make_professional() for _ in range(4)]
    for doctor in doctors:
        await record_consent(actor=doctor, space=space, at=at)
    urgent = msgspec.structs.replace(await make_professional(), session="s1")
    switches = AccessSwitches(bris_de_glace=True)
    await change_switches(actor=browser.someone.actor, space=space, switches=switches, at=at)
    reason = "Inconscient, arrivé seul aux urgences."
    await open_emergency(actor=urgent, space=space, mode=Mode.BRIS_DE_GLACE, reason=reason, at=at)
    await deliver(house)
    assert await asked_about(browser) == {one.rpps for one in (*doctors, urgent)}
    assert f"{urgent.name} a ouvert votre espace en urgence" in words(await browser.page("/accueil"))
    page = words(await browser.page("/acces/urgence#passages"))
    assert urgent.name in page.split("Accès en urgence à mon espace")[1]
    assert f"« {reason} »" in page.replace("\xa0", " ")
    nobody = words(await (await open_browser()).page("/acces/urgence"))
    assert "Personne n'a ouvert votre espace en urgence." in nobody
    await browser.post("/notifications/acces-connu", {"qui": f"p-{doctors[0].rpps}"})
    await browser.post("/acces/contester", {"qui": f"p-{doctors[1].rpps}"})
    await browser.post("/notifications/acces-connu", {"qui": f"p-{urgent.rpps}"})
    assert await asked_about(browser) == {doctors[2].rpps, doctors[3].rpps}
    # what they did is one press away, and being known is not being let in for longer
    assert doctors[0].name in await browser.page("/acces")
    assert doctors[2].name in await browser.page(f"/activite?par={doctors[2].rpps}")


async def asked_about(browser) -> set[str]:
    """Whom the first page asks about."""
    page = await browser.page("/accueil")
    forms = re.findall(r'action="/notifications/acces-connu".*?value="p-(\d+)"', page, re.DOTALL)
    assert len(forms) == len(set(forms))
    return set(forms)


async def test_what_was_shown_to_a_professional_is_rebuilt_and_agrees(open_browser, monkeypatch):
    """From the journal's line to the lists of that day, in both languages; a list that was changed is not believed."""
    browser = await open_browser()
    person, doctor = browser.someone, await make_professional()
    await give(person, by=await make_software(), title="Montré ce jour-là", at=clock.now())
    await record_consent(actor=doctor, space=person.space, at=clock.now())
    await list_documents(actor=doctor, space=person.space, query=DocumentQuery(), at=clock.now())
    found = re.search(r'href="(/activite/montre/[^"]+)"', await browser.page("/activite?qui=professionnels"))
    assert found
    told = words(await browser.page(found[1]))
    assert "Montré ce jour-là" in told
    assert "Conforme au reçu" in told
    assert "Agrees with the receipt" in (await browser.get(found[1], accept_language="en")).text
    assert (await browser.get("/activite/montre/rien")).status_code == 404
    monkeypatch.setattr(receipts, "agrees", lambda *_, **__: False)
    assert "Le reçu ne correspond pas" in words(await browser.page(found[1]))
