"""What a person does on the portal is done, said, and in their journal."""

import csv
import datetime as dt
import io
import re
from urllib.parse import quote
from uuid import UUID

import msgspec
import pytest

from carnet.design.language import PARIS
from carnet.infra import clock
from carnet.records.api import DocumentQuery, TextWanted, list_documents, take_text
from factories.cda import make_cda
from factories.images import make_photo_with_secrets
from factories.pdf import make_pdf
from factories.world import give, make_professional, make_software
from interfaces.portal.conftest import words

A_DAY = {"date": "2026-01-05", "categorie": "RADIO_SC"}


async def document_of(browser, **changes):
    receipt = await give(browser.someone, by=await make_software(), at=clock.now(), **changes)
    return receipt.documents[0].document_id.hex


async def test_a_document_is_read_on_its_page_and_no_longer_new(open_browser):
    browser = await open_browser()
    document = await document_of(browser, title="Compte rendu du matin")
    assert "Nouveau" in words(await browser.page("/documents"))
    text = words(await browser.page(f"/documents/{document}"))
    assert "Compte rendu du matin" in text
    assert "Qui peut le voir" in text
    assert "Nouveau" not in words(await browser.page("/documents"))
    frame = await browser.get(f"/documents/{document}/apercu")
    assert "Bonjour, tout va bien." in frame.text
    policy = frame.headers["content-security-policy"]
    assert "script" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy


async def test_the_original_is_taken_away_under_a_tame_name(open_browser):
    browser = await open_browser()
    document = await document_of(browser, title='Écho / "../x"\u202e & <b>')
    answer = await browser.get(f"/documents/{document}/telecharger")
    assert answer.content == b"Bonjour, tout va bien."
    name = answer.headers["content-disposition"]
    assert name.startswith("attachment;")
    assert not re.search(r'[/\\<>\u202e]|""', name.replace("UTF-8''", ""))


async def test_who_cannot_see_the_picture_of_a_page_reads_its_words(open_browser):
    browser = await open_browser()
    document = await document_of(browser, content=make_pdf("Fracture consolidée", pages=2))
    address = f"/documents/{document}/apercu?page=2"
    before = await browser.page(address)
    assert "Lire le texte de cette page" not in before, "nobody took the words out yet"
    assert "téléchargez le fichier pour le texte" in before
    wanted = TextWanted(space=browser.someone.space, document=UUID(document))
    await take_text(wanted, at=clock.now())
    text = words(await browser.page(address))
    assert "Lire le texte de cette page" in text
    assert "Fracture consolidée page 2/2" in text
    assert "page 1/2" not in text


async def test_mask_and_reveal_change_who_reads(open_browser):
    browser = await open_browser()
    document = await document_of(browser)
    carer = await make_professional()
    await browser.post("/acces/autoriser", {"qui": f"p-{carer.identifier}"})
    assert carer.name in words(await browser.page(f"/documents/{document}"))
    answer = await browser.post(f"/documents/{document}/masquer")
    assert answer.headers["location"] == f"/documents/{document}"
    text = words(await browser.page(f"/documents/{document}"))
    assert "Le document est masqué aux professionnels" in text
    assert "seuls vous et son auteur" in text
    listing = await list_documents(actor=carer, space=browser.someone.space, query=DocumentQuery(), at=clock.now())
    assert listing.entries == []
    await browser.post(f"/documents/{document}/montrer")
    assert carer.name in words(await browser.page(f"/documents/{document}"))


async def test_the_directory_is_searched_as_people_speak(open_browser):
    browser, carer = await open_browser(), await make_professional(profession="94")
    given, family = carer.name.split(" ", 1)
    for said in (f"Dr {family}", f"docteur {given} {family}", f"ergotherapeute {family}", f"{family} Rennes"):
        found = words(await browser.page(f"/acces/autoriser?q={quote(said)}"))
        assert ("1 résultat" in found, carer.name in found) == (True, True), said
    assert "0 résultat" in words(await browser.page(f"/acces/autoriser?q={quote(f'pharmacien {family}')}"))


async def test_a_person_lets_in_ends_blocks_and_unblocks(open_browser):
    browser = await open_browser()
    carer = await make_professional()
    party = f"p-{carer.identifier}"
    assert carer.name in words(await browser.page(f"/acces/autoriser?q={carer.name}"))
    await browser.post("/acces/autoriser", {"qui": party})
    page = await browser.page("/acces")
    assert carer.name in words(page)
    line = re.search(r"acces=([0-9a-f]{32})", page)[1]
    assert "L'accès s'arrête tout de suite" in words(await browser.page(f"/acces/terminer?acces={line}"))
    await browser.post("/acces/terminer", {"acces": line})
    assert "Personne, pour l'instant" in words(await browser.page("/acces"))
    assert carer.name in words(await browser.page(f"/acces/bloquer?qui={party}"))
    await browser.post("/acces/bloquer", {"qui": party})
    refused = await browser.post("/acces/autoriser", {"qui": party})
    assert "avis=blocked-first" in refused.headers["set-cookie"]
    line = re.search(r'name="acces" value="([0-9a-f]{32})"', await browser.page("/acces"))[1]
    await browser.post("/acces/debloquer", {"acces": line})
    assert "Vous n'avez bloqué personne" in words(await browser.page("/acces"))
    told = words(await browser.page("/activite"))
    for sentence in ("Vous avez autorisé", "Vous avez mis fin à l'accès", "Vous avez bloqué", "Vous avez débloqué"):
        assert f"{sentence}{' de' if 'fin' in sentence else ''} {carer.name}" in told


@pytest.mark.parametrize("qui", ["", "p-", "x-1", "p-00000000000", "o-999999999", "p-'; --"])
async def test_whoever_is_not_in_the_directory_cannot_be_let_in(open_browser, qui):
    browser = await open_browser()
    answer = await browser.post("/acces/autoriser", {"qui": qui})
    assert answer.status_code in {400, 404}
    assert answer.status_code == 404 or "n'est pas dans l'annuaire" in words(answer.text)
    assert "Personne, pour l'instant" in words(await browser.page("/acces"))


async def test_search_filters_and_sorts_over_everything(open_browser):
    browser = await open_browser()
    software = await make_software()
    for number in range(25):
        await give(browser.someone, by=software, title=f"Résultat {number:02d}", at=clock.now())
    await give(browser.someone, by=software, title="Échographie du cœur", type_code="18748-4", at=clock.now())
    assert "26 documents" in words(await browser.page("/documents"))
    assert "Page 2" in words(await browser.page("/documents?page=2"))
    found = words(await browser.page("/documents?q=echographie"))
    assert "1 document" in found
    assert "Échographie du cœur" in found
    assert "Aucun document trouvé" in words(await browser.page("/documents?q=zzz"))
    by_title = words(await browser.page("/documents?tri=titre"))
    assert by_title.index("Échographie du cœur") < by_title.index("Résultat 00")
    assert (await browser.get("/documents?page=-3&tri=x&periode=9z&categorie=%00")).status_code == 200


async def test_a_person_adds_edits_and_deletes_their_own_document(open_browser):
    browser = await open_browser()
    files = [("fichiers", ("genou.pdf", make_pdf("Radio"), "application/pdf"))]
    answer = await browser.post("/documents/ajouter", {"titre": "Radio du genou", **A_DAY}, files=files)
    assert answer.status_code == 303, words(answer.text)
    address = answer.headers["location"]
    text = words(await browser.page(address))
    assert "Ajouté par vous" in text
    assert "Radios" in text
    assert 'src="data:image/' in (await browser.get(f"{address}/apercu")).text
    changed = {"titre": "Radio du genou gauche", "categorie": "CPT_REND", "date": "2026-01-06"}
    assert (await browser.post(f"{address}/modifier", changed)).status_code == 303
    text = words(await browser.page(address))
    assert "Radio du genou gauche" in text
    assert "6 janvier 2026" in text
    assert "définitive" in words(await browser.page(f"{address}/supprimer"))
    assert (await browser.post(f"{address}/supprimer")).headers["location"] == "/documents"
    assert (await browser.get(address)).status_code == 404
    assert "Radio du genou" not in words(await browser.page("/documents"))


async def test_after_midnight_in_paris_today_is_no_day_to_come(open_browser):
    """For an hour or two the clock of a server is still on the day before."""
    midnight = (clock.now().astimezone(PARIS) + dt.timedelta(days=1)).replace(hour=0, minute=10)
    today, tomorrow = ((midnight + dt.timedelta(days=days)).date().isoformat() for days in (0, 1))
    with clock.frozen(midnight):
        browser = await open_browser()
        for day, status in ((today, 303), (tomorrow, 400)):
            files = [("fichiers", ("a.txt", b"une note", "text/plain"))]
            form = {"titre": "Note du soir", **A_DAY, "date": day}
            answer = await browser.post("/documents/ajouter", form, files=files)
            assert answer.status_code == status, words(answer.text)


async def test_several_photos_become_one_pdf_without_their_metadata(open_browser):
    browser = await open_browser()
    files = [("fichiers", (f"{n}.jpg", make_photo_with_secrets(width=60 + n), "image/jpeg")) for n in range(2)]
    answer = await browser.post("/documents/ajouter", {"titre": "Ordonnance", **A_DAY}, files=files)
    assert answer.status_code == 303, words(answer.text)
    kept = await browser.get(f"{answer.headers['location']}/telecharger")
    assert kept.content.startswith(b"%PDF-")
    assert b"GPS" not in kept.content


async def test_sending_the_same_form_twice_adds_one_document(open_browser):
    browser = await open_browser()
    form = {"titre": "Deux clics", "depot": "0f" * 16, **A_DAY}
    for _ in range(2):
        files = [("fichiers", ("a.txt", b"une note", "text/plain"))]
        assert (await browser.post("/documents/ajouter", form, files=files)).status_code == 303
    assert "1 document" in words(await browser.page("/documents"))


@pytest.mark.parametrize(
    ("change", "content", "field", "reason"),
    [
        ({"titre": ""}, b"note", "titre", "Donnez un titre"),
        ({"titre": "x" * 51}, b"note", "titre", "au plus 50"),
        ({"titre": "Radio ?"}, b"note", "titre", "signe interdit"),
        ({"titre": "Ra\u202edio"}, b"note", "titre", "signe interdit"),
        ({"categorie": ""}, b"note", "categorie", "Choisissez une catégorie"),
        ({"categorie": "REMB"}, b"note", "categorie", "Choisissez une catégorie"),
        ({"date": "2999-01-01"}, b"note", "date", "à venir"),
        ({"date": "hier"}, b"note", "date", "Donnez la date"),
        ({}, b"", "fichiers", "Choisissez un fichier"),
        ({}, b"PK\x03\x04aaaaaaaaaa", "fichiers", ""),
        ({}, b"%PDF-1.7 tronque", "fichiers", ""),
        ({}, b"\xff\xd8\xff\xe0broken", "fichiers", ""),
        ({}, b"<html><script>x</script></html>", "fichiers", ""),
        ({}, make_cda(), "fichiers", ""),
    ],
)
async def test_a_refused_addition_says_why_beside_its_field_and_stores_nothing(
    open_browser, change, content, field, reason
):
    browser = await open_browser()
    form = {"titre": "Une note", **A_DAY} | change
    files = [("fichiers", ("a.bin", content, "application/octet-stream"))] if content else None
    answer = await browser.post("/documents/ajouter", form, files=files)
    assert answer.status_code == 400
    assert f'href="#champ-{field}"' in answer.text
    assert reason in words(answer.text)
    assert "Pas encore de document" in words(await browser.page("/documents"))
    assert "Vous avez voulu ajouter un document" in words(await browser.page("/activite"))


async def test_a_professionals_document_can_be_neither_edited_nor_deleted_by_the_person(open_browser):
    browser = await open_browser()
    document = await document_of(browser)
    changed = {"titre": "Autre", **A_DAY}
    assert (await browser.get(f"/documents/{document}/modifier")).status_code == 404
    assert (await browser.post(f"/documents/{document}/modifier", changed)).status_code == 403
    assert (await browser.post(f"/documents/{document}/supprimer")).status_code == 403
    assert "Bilan sanguin" in words(await browser.page("/documents"))


async def test_weighty_acts_ask_for_a_fresh_proof(open_browser):
    browser = await open_browser(proved=dt.timedelta(minutes=6))
    for path, data in (("/reglages/courriel", {"courriel": "a@b.fr"}), (f"/documents/{'0f' * 16}/supprimer", {})):
        answer = await browser.post(path, data)
        assert answer.headers["location"].startswith("/confirmer-identite?retour=")


async def test_settings_are_kept_and_a_wrong_address_is_told(open_browser):
    browser = await open_browser()
    wrong = await browser.post("/reglages/courriel", {"courriel": "pas une adresse"})
    assert wrong.status_code == 400
    assert 'href="#champ-courriel"' in wrong.text
    await browser.post("/reglages/courriel", {"courriel": "jeanne@exemple.test"})
    assert not re.search(r'name="resume"[^>]*checked', await browser.page("/reglages"))
    await browser.post("/reglages/notifications", {"resume": "1"})
    await browser.post("/reglages/visibilite", {"visibilite": "masque"})
    page = await browser.page("/reglages")
    assert 'value="jeanne@exemple.test"' in page
    assert not re.search(r'name="par_courriel"[^>]*checked', page)
    assert re.search(r'name="resume"[^>]*checked', page)
    assert re.search(r'value="masque"[^>]*checked', page)
    document = await document_of(browser)
    assert "seuls vous et son auteur" in words(await browser.page(f"/documents/{document}"))


async def test_language_and_appearance_are_remembered_and_the_language_reaches_the_settings(open_browser):
    browser = await open_browser()
    answer = await browser.post("/preferences", {"langue": "en", "theme": "dark", "retour": "/reglages"})
    assert answer.headers["location"] == "/reglages"
    assert '<html lang="en" data-theme="dark">' in await browser.page("/reglages")
    elsewhere = await browser.post("/preferences", {"theme": "light", "retour": "//evil.example"})
    assert elsewhere.headers["location"] == "/"


async def test_other_sessions_are_listed_and_closed(open_browser):
    browser = await open_browser()
    second = await open_browser(browser.someone)
    assert "Cette session" in words(await browser.page("/reglages"))
    await browser.post("/reglages/sessions/fermer-autres")
    assert (await second.get("/accueil")).status_code == 303
    assert (await browser.get("/accueil")).status_code == 200


async def test_the_journal_is_taken_away_whole_as_csv_and_json(open_browser):
    browser = await open_browser()
    await document_of(browser, title="=SOMME(1)")
    await browser.page("/documents")
    table = (await browser.get("/activite/export.csv")).content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(table), delimiter=";"))
    assert rows[0][0] == "at", "no number: its gaps would count what is still to be announced"
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row)
    taken = msgspec.json.decode((await browser.get("/activite/export.json")).content)
    entries = [row["entry"] for row in taken["entries"] + taken["waiting"]]
    assert {"deposit-document", "list-documents", "export-journal"} <= {entry["act"] for entry in entries}


@pytest.mark.parametrize("query", ["du=2026-02-31", "au=x", "du=%00", "au=9999-12-31"])
async def test_dates_that_do_not_exist_are_told_beside_their_field(open_browser, query):
    browser = await open_browser()
    answer = await browser.get(f"/activite?{query}")
    assert answer.status_code == 400
    assert "Cette date n'existe pas" in words(answer.text)
    assert (await browser.get(f"/activite/export.csv?{query}")).status_code == 400
