"""The pages of messages: what a professional wrote is words, never a page of theirs; what a person does is done."""

import re
from uuid import uuid4

import pytest

from carnet.identity.api import DirectoryFeed, FeedMailbox, import_directory
from carnet.infra import clock
from carnet.infra.installation import current
from carnet.kernel.errors import Unavailable
from carnet.messaging.api import Opening, Period, PracticeRules, Quota, RequestKind, SetBy, set_mailbox_rules
from factories.events import deliver, empty_queue
from factories.images import make_photo_with_secrets
from factories.mss import DOCTOR, address_of, hand_over, letter
from factories.pdf import make_pdf
from factories.world import OPERATOR, make_professional
from interfaces.portal.conftest import words

EVIL = '<script>alert(1)</script> <img src=x onerror="y"> {{ 7*7 }}'


async def conversation_of(house, browser, **options):
    empty_queue(house)
    person = browser.someone
    await hand_over(letter(person, **options), to=address_of(person), at=clock.now())
    await deliver(house)
    found = re.search(r'href="(/messages/[0-9a-f]{32})"', await browser.page("/messages"))
    assert found
    return found[1]


async def test_a_result_arrives_is_read_saved_and_answered(house, open_browser):
    browser = await open_browser()
    assert "Pas encore de message" in words(await browser.page("/messages"))
    here = await conversation_of(house, browser, files=(("Résultat.pdf", "application/pdf", make_pdf()),))
    assert "Nouveau" in words(await browser.page("/messages"))
    page = await browser.page(here)
    assert "Bonjour, tout va bien." in words(page)
    assert "Nouveau" not in words(await browser.page("/messages"))
    piece = re.search(r'href="(/messages/pieces/[^"]+)"', page)[1]
    file = await browser.get(piece)
    assert file.content == make_pdf() or file.content.startswith(b"%PDF")
    assert file.headers["content-disposition"].startswith("attachment;")
    saved = await browser.post(re.search(r'action="([^"]+/enregistrer)"', page)[1])
    assert saved.status_code == 303
    assert "Résultat" in words(await browser.page("/documents"))
    request = re.search(r'name="depot" value="([^"]+)"', page)[1]
    photo = ("photo", ("photo.jpg", make_photo_with_secrets(), "image/jpeg"))
    for _ in range(2):  # sent twice, one message
        sent = await browser.post(f"{here}/repondre", {"texte": "Merci.", "depot": request}, files=[photo])
        assert sent.status_code == 303, words(sent.text)
    text = words(await browser.page(here))
    assert "photo.jpg" in text
    assert text.count("Merci.") == 1
    assert "Envoi en cours" in text


async def test_who_else_got_it_is_named(house, open_browser):
    browser = await open_browser()
    both = f"{address_of(browser.someone)}, Dr Paul Roux <paul.roux@chu.mssante.invalid>"
    here = await conversation_of(house, browser, to=both)
    assert "Aussi à Dr Paul Roux" in words(await browser.page(here))


async def test_what_is_written_stays_words(house, open_browser):
    browser = await open_browser()
    here = await conversation_of(house, browser, subject=EVIL, text=EVIL, files=((EVIL, "text/html", EVIL.encode()),))
    for page in (await browser.page("/messages"), await browser.page(here)):
        assert "<script>alert" not in page
        assert "<img src=x" not in page
    assert EVIL in words(await browser.page(here)).replace("  ", " ") or "{{ 7*7 }}" in words(await browser.page(here))


async def test_refusals_are_told_where_they_belong(house, open_browser):
    browser = await open_browser()
    here = await conversation_of(house, browser)
    nothing = await browser.post(f"{here}/repondre", {"texte": " "})
    assert nothing.status_code == 400
    assert "Écrivez votre message" in words(nothing.text)
    program = [("fichiers", ("a.exe", b"MZ" + b"\x00" * 50, "application/pdf"))]
    refused = await browser.post(f"{here}/repondre", {"texte": "Gardez ce texte"}, files=program)
    assert refused.status_code == 400
    assert "Gardez ce texte" in refused.text
    stranger = {"texte": "x", "objet": "y", "destinataires": "autre@chu.mssante.invalid"}
    assert (await browser.post("/messages/ecrire", stranger)).status_code == 400


@pytest.mark.parametrize("fault", [False, True], ids=["kept", "planted fault"])
async def test_what_was_written_outlives_the_session_and_leaves_only_when_sent_again(
    house, open_browser, fault, monkeypatch
):
    """Signed out: its words come back, escaped; signed in since: the form comes back filled, and nothing was done."""
    if fault:
        monkeypatch.setattr("carnet.interfaces.portal.message_writing.stale_page", lambda _: None)
    browser, gone = await open_browser(), await open_browser()
    here = await conversation_of(house, browser)
    said = {"texte": f"Mon traitement {EVIL}", "depot": uuid4().hex, "faire": "envoyer"}
    gone._session = {}
    page = await gone.post(f"{here}/repondre", said, token="")
    assert (page.status_code, "Mon traitement" in words(page.text), "<script>alert" in page.text) == (403, True, False)
    assert "cache-control" not in page.headers, "the envelope says no-store of what says nothing"
    again = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
    assert (again["depot"], "texte" in again, "faire" in again) == (said["depot"], True, False)
    back = await browser.post(f"{here}/repondre", said, token="")
    assert (back.status_code == 403) is not fault
    if fault:
        return
    assert ("Mon traitement" in back.text, "Rien n'est parti" in words(back.text)) == (True, True)
    assert "Envoi en cours" not in words(await browser.page(here))
    assert (await browser.post(f"{here}/repondre", said, token="", sec_fetch_site="cross-site")).status_code == 403
    new = await browser.post("/messages/ecrire", said | {"objet": "Ma question"}, token="")
    assert (new.status_code, 'value="Ma question"' in new.text) == (403, True)
    assert "Brouillons (" not in words(await browser.page("/messages")), "not even a draft"
    assert (await gone.post(f"{here}/ranger", {"ou": "bin"}, token="")).status_code == 303, "others as before"


async def test_drafts_ending_export_and_deleting(house, open_browser):
    browser = await open_browser()
    here = await conversation_of(house, browser, message_id="<1@chu>")
    await browser.post(f"{here}/repondre", {"texte": "Plus tard", "faire": "brouillon"})
    page = await browser.page(here)
    assert ("Plus tard" in page, 'capture="environment"' in page, "data-print" in page) == (True, True, True)
    assert "Brouillon" in words(await browser.page("/messages?dossier=brouillons"))
    export = await browser.get(f"{here}/exporter")
    assert "Bonjour, tout va bien." in export.text
    await hand_over(
        letter(browser.someone, answers="<1@chu>", ends=True), to=address_of(browser.someone), at=clock.now()
    )
    await deliver(house)
    ended = await browser.page(here)
    assert "mis fin à cet échange" in words(ended)
    assert "Votre réponse" not in words(ended)
    assert "définitivement" in words(await browser.page(f"{here}/supprimer"))
    assert (await browser.post(f"{here}/supprimer")).status_code == 303
    assert (await browser.get(here)).status_code == 404


async def test_what_is_begun_and_where_a_conversation_is_put(house, open_browser):
    browser = await open_browser()
    here = await conversation_of(house, browser)
    begun = {"texte": "Je commence", "objet": "Plus tard", "destinataires": DOCTOR, "faire": "brouillon"}
    kept = await browser.post("/messages/ecrire", begun)
    listed = await browser.page(kept.headers["location"])
    form = await browser.page(re.search(r'href="(/messages/ecrire\?brouillon=[0-9a-f]{32})"', listed)[1])
    assert ("Je commence" in form, 'value="Plus tard"' in form) == (True, True)
    assert (
        await browser.post(re.search(r'action="(/messages/brouillons/[^"]+/supprimer)"', listed)[1])
    ).status_code == 303
    assert "Plus tard" not in words(await browser.page("/messages?dossier=brouillons"))
    meanwhile = begun | {"faire": "garder"}
    first = await browser.post("/messages/ecrire", meanwhile)
    again = await browser.post("/messages/ecrire", meanwhile | {"texte": "Je continue", "brouillon": first.text})
    assert (first.status_code, again.text, len(first.text)) == (200, first.text, 32)
    assert "Je continue" in await browser.page(f"/messages/ecrire?brouillon={first.text}")
    emptied = {"texte": "", "objet": "", "destinataires": "", "faire": "garder", "brouillon": first.text}
    assert (await browser.post("/messages/ecrire", emptied)).text == ""
    answering = await browser.post(f"{here}/repondre", {"texte": "J'y pense", "faire": "garder"})
    assert (answering.status_code, "J&#39;y pense" in await browser.page(here)) == (200, True)
    assert (await browser.post(f"{here}/repondre", {"texte": "", "faire": "garder"})).text == ""
    told = f"supprimé pour de bon après {current().limits.mail.bin_days} jours"
    assert told in words(await browser.page("/messages?dossier=corbeille"))  # nothing is there yet
    for place, folder in (("bin", "corbeille"), ("archive", "termines"), ("inbox", "reception")):
        assert (await browser.post(f"{here}/ranger", {"ou": place})).status_code == 303
        assert here in await browser.page(f"/messages?dossier={folder}")
        assert (here in await browser.page("/messages")) is (place == "inbox")
    assert (await browser.post(f"{here}/ranger", {"ou": "ailleurs"})).status_code == 404
    assert "Rien ne leur dira" in words(await browser.page(f"{here}/pour-moi"))
    assert (await browser.post(f"{here}/pour-moi")).status_code == 303
    assert "gardée pour vous seul" in words(await browser.page(here))


async def test_another_person_finds_nothing_there(house, open_browser):
    browser, other = await open_browser(), await open_browser()
    here = await conversation_of(house, browser, files=(("a.pdf", "application/pdf", make_pdf()),))
    piece = re.search(r'href="(/messages/pieces/[^"]+)"', await browser.page(here))[1]
    for address in (here, piece, f"{here}/exporter", f"{here}/supprimer"):
        assert (await other.get(address)).status_code == 404
    assert (await other.post(f"{here}/repondre", {"texte": "x"})).status_code == 404


async def away(*_, **__):
    raise Unavailable


async def taken_back(browser, conversation):
    """What has not left is named before the conversation is deleted; not said, nothing is deleted."""
    question = await browser.post(f"{conversation}/supprimer")
    said = words(question.text)
    assert "ne part pas : vous" in said, said
    assert (await browser.get(conversation)).status_code == 200
    told = re.search(r'name="(retirer)" value="(1)"', question.text)
    gone = await browser.post(f"{conversation}/supprimer", {told[1]: told[2]})
    assert "Ce qui n'était pas encore parti ne partira pas" in words(await browser.page(gone.headers["location"]))


async def test_a_practice_that_sorts_is_asked_with_a_short_form(house, open_browser, monkeypatch):
    """Its kinds are choices, its form is short, its answer is shown as automatic, its limit is told in kind words."""
    browser = await open_browser()
    rules = PracticeRules(
        kinds=(RequestKind.RENEWAL, RequestKind.RESULT),
        hours=(Opening((1, 2, 3, 4, 5), "09:00", "18:00"),),
        quota=Quota(1, Period.MONTH),
        automatic="Nous répondons sous deux jours.",
    )
    doctor = await make_professional()
    mailbox = FeedMailbox(address=DOCTOR, kind="PER", rpps=doctor.rpps)
    await import_directory(actor=OPERATOR, feed=DirectoryFeed(mailboxes=(mailbox,)), at=clock.now())
    here = {"actor": doctor, "address": DOCTOR, "way": SetBy.PAGE}
    await set_mailbox_rules(**here, rules=rules, at=clock.now())
    try:
        conversation = await browser.page(await conversation_of(house, browser))
        assert "Renouveler une ordonnance" in words(conversation)
        listed = await browser.page("/messages/ecrire")
        asking = re.search(r'href="(/messages/demandes/[0-9a-f]+)"', listed)[1]
        assert f'value="{DOCTOR}"' not in listed
        choices = words(await browser.page(asking))
        for said in ("appelez le 15", "du lundi au vendredi, 09:00 – 18:00", "1 demande par mois", "sur un résultat"):
            assert said in choices
        assert "certificat" not in choices
        form = await browser.page(f"{asking}?genre=renouvellement")
        assert "Quel traitement" in words(form)
        wrong = await browser.post(asking, {"genre": "renouvellement", "medicament": " "})
        assert (wrong.status_code, "Remplissez ce champ" in words(wrong.text)) == (400, True)
        gone = await browser.post(asking, {"genre": "certificat", "certificat": "judo"})
        assert (gone.status_code, "ne reçoit pas ce genre" in words(gone.text)) == (400, True)
        with monkeypatch.context() as patched:
            patched.setattr("carnet.journeys.messages.scan", away)
            filled = {"genre": "renouvellement", "medicament": "Lévothyroxine", "depot": uuid4().hex}
            files = [("fichiers", ("a.txt", b"une note", "text/plain"))]
            late = await browser.post(asking, filled, files=files)
        assert (late.status_code, "n'est pas partie" in words(late.text)) == (503, True)
        assert all(f'value="{one}"' in late.text for one in filled.values())
        sent = await browser.post(asking, {"genre": "renouvellement", "medicament": "Lévothyroxine"})
        shown = words(await browser.page(sent.headers["location"]))
        assert "Réponse automatique" in shown
        assert rules.automatic in shown
        await taken_back(browser, sent.headers["location"])
        await browser.post(asking, {"genre": "renouvellement", "medicament": "Lévothyroxine"})
        again = await browser.post(asking, {"genre": "renouvellement", "medicament": "Lévothyroxine"})
        assert (again.status_code, "Vous pourrez lui écrire à nouveau" in words(again.text)) == (400, True)
        other = await open_browser()
        assert (await other.get(asking)).status_code == 404
    finally:
        await set_mailbox_rules(**here, rules=None, at=clock.now())
