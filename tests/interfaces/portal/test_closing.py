"""Closing one's space on its pages: asked again who one is, told the day, shut out of every page, and let back in."""

import datetime as dt
import hashlib
import re

from carnet.identity.api import find_session
from carnet.infra import clock
from carnet.infra.web.audience import Audience, declared_routes
from carnet.journal.api import seat_statement_key
from carnet.journeys.api import erase_space, record_death, suspend_space
from carnet.spaces.api import Motive
from factories.events import as_owner
from factories.world import OPERATOR, give, make_software
from interfaces.portal.conftest import WEB, words

HTTP_OK = 200
LONG_AGO = dt.timedelta(hours=1)


async def test_a_person_closes_changes_their_mind_twice_and_finds_everything_again(open_browser):
    browser = await open_browser()
    await give(browser.someone, by=await make_software(), at=clock.now(), title="Radio du genou")
    page = words(await browser.page("/fermer-mon-espace"))
    assert "Elles sont effacées pour toujours le" in page
    token = await browser.form_token()
    answer = await browser.post("/fermer-mon-espace", {"donnees": "effacer"}, token=token)
    assert answer.headers["location"] == "/espace-ferme"
    text = words(await browser.page("/espace-ferme"))
    assert "L'effacement de vos données est demandé" in text
    number = re.search(r"\b(?:[2-9A-Z]{4}-){3}[2-9A-Z]{4}\b", text)[0]
    assert number in words(await browser.page("/espace-ferme")), "the same each time"
    assert "Rouvrir" not in re.sub(r"Pour rouvrir.*?effacement", "", text)
    await browser.post("/espace-ferme/garder", token=token)
    text = words(await browser.page("/espace-ferme"))
    assert "Votre espace est fermé" in text
    assert "Demander l'effacement" in words(await browser.page("/espace-ferme/effacer"))
    answer = await browser.post("/espace-ferme/rouvrir", token=token)
    assert answer.headers["location"] == "/accueil"
    assert "Radio du genou" in words(await browser.page("/documents"))
    journal = words(await browser.page("/activite"))
    for line in ("Vous avez rouvert", "Vous avez fermé", "Vous avez demandé l'effacement", "Vous avez annulé"):
        assert line in journal


async def test_closing_asks_who_one_is_and_remembers_the_choice(open_browser):
    browser = await open_browser(proved=LONG_AGO)
    answer = await browser.post("/fermer-mon-espace", {"donnees": "effacer"})
    assert answer.headers["location"] == "/confirmer-identite?retour=%2Ffermer-mon-espace%3Fdonnees%3Deffacer"
    again = await browser.page("/fermer-mon-espace?donnees=effacer")
    assert re.search(r'value="effacer"[^>]*checked', again)
    for path in ("/espace-ferme/rouvrir", "/espace-ferme/effacer", "/espace-ferme/garder"):
        answer = await browser.post(path)
        assert answer.headers["location"].startswith("/confirmer-identite"), path


async def test_no_page_of_a_closed_space_shows_anything(app, open_browser):
    """Every page a person has leads to the one that is left; planted: an open space shows them."""
    browser = await open_browser()
    pages = [
        path
        for path, method, who in declared_routes(app)
        if method == "GET" and who == frozenset({Audience.PERSON}) and "{" not in path
    ]
    await give(browser.someone, by=await make_software(), at=clock.now(), title="Radio du genou")
    elsewhere = {"/confirmer-identite", "/espace-ferme", "/espace-ferme/effacer"}
    shown = [path for path in sorted(set(pages) - elsewhere) if (await browser.get(path)).status_code == HTTP_OK]
    assert len(shown) > 10
    await browser.post("/fermer-mon-espace", {"donnees": "garder"})
    led = 0
    for path in shown:
        answer = await browser.get(path)
        led += (answer.status_code, answer.headers.get("location")) == (303, "/espace-ferme")
        assert "Radio du genou" not in answer.text, path
    assert led >= len(shown) - 4, "a form that shows nothing of the space may stay"


async def test_suspended_says_until_when_and_the_dead_do_not_sign_in(open_browser):
    browser = await open_browser()
    await suspend_space(actor=OPERATOR, space=browser.someone.space, motive=Motive.FRAUD, at=clock.now())
    text = words(await browser.page("/espace-ferme"))
    assert "Votre espace est suspendu" in text
    assert "3422" in text
    assert "fraude" not in text.lower()
    await record_death(actor=OPERATOR, space=browser.someone.space, at=clock.now())
    token = browser._session[WEB.session_cookie]
    assert await find_session(token=token, door=WEB.door, limits=WEB.limits, at=clock.now()) is None


async def test_whoever_noted_the_number_finds_the_certificate_and_its_proof(client, open_browser, house):
    seat_statement_key(house.home / "statement.key", name="carnet.test/releve")
    browser = await open_browser()
    token = await browser.form_token()
    await browser.post("/fermer-mon-espace", {"donnees": "effacer"}, token=token)
    number = re.search(r"\b(?:[2-9A-Z]{4}-){3}[2-9A-Z]{4}\b", words(await browser.page("/espace-ferme")))[0]
    nothing = await client.get("/certificat", params={"numero": number})
    assert "Aucun certificat ne porte ce numéro" in words(nothing.text)
    over = clock.now() + dt.timedelta(days=31)
    await erase_space(actor=OPERATOR, space=browser.someone.space, at=over)
    typed = number.lower().replace("-", " ")
    page = words((await client.get("/certificat", params={"numero": typed})).text)
    assert "Ce certificat est authentique" in page
    assert "À la demande de la personne" in page
    paper = await client.get("/certificat/papier.pdf", params={"numero": typed})
    assert paper.content.startswith(b"%PDF")
    proof = (await client.get("/certificat/preuve.json", params={"numero": number})).json()
    assert str(browser.someone.space) not in str(proof)
    (entry,) = proof["waiting"]
    assert (entry["entry"]["act"], entry["entry"]["space_id"]) == ("erase-space", proof["space"])
    with as_owner(house) as conn:
        said = conn.execute(
            "SELECT said FROM erasure_certificate WHERE certificate_id = %s", (proof["space"],)
        ).fetchone()[0]
    assert entry["entry"]["details"]["certificate"] == hashlib.sha256(said.encode()).hexdigest()
    assert (await client.get("/certificat/papier.pdf", params={"numero": "AAAA"})).status_code == 404
    seat_statement_key(None)
