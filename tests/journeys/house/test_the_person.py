"""A person adds, corrects and deletes, lets in and keeps out, and closes what was left open."""

import io
import re

import pikepdf

from factories.images import make_jpeg, make_png
from factories.pdf import make_pdf
from journeys.house.visitors import PHONE

PHOTOS = (
    {"name": "page-1.jpg", "mimeType": "image/jpeg", "buffer": make_jpeg(width=600, height=800)},
    {"name": "page-2.png", "mimeType": "image/png", "buffer": make_png(width=600, height=800, colour="navy")},
)
LIE = {"name": "radio.pdf", "mimeType": "application/pdf", "buffer": b"MZ\x90\x00" + b"program" * 400}
HUGE = {"name": "radio.pdf", "mimeType": "application/pdf", "buffer": make_pdf() + b"%" + b"0" * 5_100_000}
ABOUT = {"titre": "Radio du genou", "categorie": "RADIO_SC", "date": "2026-09-14"}


def test_two_photos_become_one_document_that_can_be_corrected_and_deleted(given, visitor):
    person = visitor(width=PHONE).signs_in(given("linh"))
    # when they add two photos
    person.goes_to("/documents").follows("Ajouter un document")
    person.chooses_files("fichiers", *PHOTOS).fills(**ABOUT).clicks("Ajouter ce document")
    # then one document holds both
    person.sees("Le document est ajouté à votre espace.").sees_heading("Radio du genou")
    with person.page.expect_download() as taken:
        person.page.get_by_role("link", name="Télécharger").click()
    assert len(pikepdf.open(io.BytesIO(taken.value.path().read_bytes())).pages) == 2
    # when they correct its title
    person.follows(re.compile("Modifier")).fills(titre="Radio du genou gauche").clicks(re.compile("Enregistrer"))
    person.sees("Les changements sont enregistrés.").sees_heading("Radio du genou gauche")
    # when they delete it, after being asked
    person.follows(re.compile("Supprimer")).sees("Ce qui va se passer").clicks(re.compile("Supprimer"))
    person.sees("Le document est supprimé.")
    # then it is gone from the list, and the journal tells all of it
    person.goes_to("/documents?q=genou").sees("Aucun document trouvé")
    person.goes_to("/activite?qui=moi").sees("Vous avez ajouté").sees("Vous avez modifié").sees("Vous avez supprimé")
    person.leaves()


REFUSALS = {
    "a lie": ((LIE,), {}, "Ce fichier"),
    "too big": ((HUGE,), {}, "5 Mo"),
    "a bad title": ((PHOTOS[0],), {"titre": "Radio du genou ?"}, "signe interdit"),
    "a long title": ((PHOTOS[0],), {"titre": "x" * 51}, "50 caractères"),
    "a day to come": ((PHOTOS[0],), {"date": "2099-01-01"}, "à venir"),
    "no file": ((), {}, "fichier"),
}


def test_what_cannot_be_kept_is_refused_with_a_reason_and_nothing_is_stored(given, visitor):
    person = visitor(width=PHONE).signs_in(given("etienne")).expecting_refusals()
    before = person.goes_to("/documents").page.locator("#resultats li").count()
    for files, changes, reason in REFUSALS.values():
        person.goes_to("/documents/ajouter")
        if files:
            person.chooses_files("fichiers", *files)
        person.page.locator("[name=titre]").evaluate("e => e.removeAttribute('maxlength')")
        person.fills(**(ABOUT | changes)).clicks("Ajouter ce document")
        # the summary names what is wrong, has the focus, and leads to the field
        summary = person.page.get_by_role("alert")
        person.sees(reason, within=summary)
        assert person.page.evaluate("document.activeElement.className").startswith("error-summary")
        summary.get_by_role("link").first.click()
        assert person.page.evaluate("document.activeElement.id").startswith("champ-")
        # what was typed is still there
        assert person.page.locator("[name=titre]").input_value() == (ABOUT | changes)["titre"]
    # and the space is as empty as before
    assert person.goes_to("/documents").page.locator("#resultats li").count() == before
    person.leaves()


def test_a_blocked_professional_reads_nothing_and_unblocking_lets_nobody_in(given, visitor, software):
    joaquim, doctor = given("joaquim"), given("grandchene")
    by_program = software("cabineo-maison").sign_in_for("grandchene")
    assert "Dosage du PSA" in by_program.titles_of(joaquim)
    on_pages = visitor().signs_in_as_professional(doctor)
    on_pages.fills(ins=joaquim["ins"]["matricule"]).clicks("Ouvrir le dossier").sees_heading("Documents")
    file_of_joaquim = on_pages.page.url

    # when the person blocks them
    person = visitor().signs_in(joaquim)
    person.goes_to("/acces").sees("Sylvain Grandchêne").follows(re.compile("Bloquer.*Grandchêne"))
    person.sees("Ce qui va se passer").clicks("Bloquer").sees(re.compile("est bloqué"))

    # then they read nothing, at once, on pages and by program
    on_pages.expecting_refusals().goes_to(file_of_joaquim).does_not_see("Dosage du PSA")
    on_pages.goes_to(f"{file_of_joaquim}?periode=tout").does_not_see("Ordonnance")
    assert by_program.sees_nothing_of(joaquim)

    # when the block is lifted, nobody is let in for that
    person.clicks(re.compile("Débloquer")).sees("il faut encore autoriser")
    assert by_program.sees_nothing_of(joaquim)
    on_pages.goes_to(file_of_joaquim).does_not_see("Dosage du PSA")

    # when they are authorised again, they read again
    person.goes_to("/acces/autoriser?q=Grandch%C3%AAne").follows(re.compile("^Autoriser"))
    person.clicks("Donner accès").sees("L'accès est donné.")
    assert "Dosage du PSA" in by_program.titles_of(joaquim)
    person.goes_to("/activite").sees("Vous avez bloqué Sylvain Grandchêne").sees("Vous avez débloqué")
    person.sees("Vous avez autorisé Sylvain Grandchêne").sees(re.compile("a voulu .* Cela a été refusé"))
    person.leaves()
    on_pages.leaves()


def test_a_session_left_open_is_ended_from_afar_and_leaving_leaves_the_provider_too(given, visitor):
    noel = given("noel")
    left_open, here = visitor().signs_in(noel), visitor(width=PHONE).signs_in(noel)
    # when the other session is closed from here
    here.goes_to("/reglages").sees("Cette session").clicks(re.compile("^Fermer"))
    here.sees("La ou les sessions sont fermées.")
    # then it is out at once
    left_open.page.goto("/documents")
    assert "/connexion" in left_open.page.url
    left_open.does_not_see("Mes documents")
    # when they sign out here, they are signed out at the provider as well
    here.goes_to("/accueil").clicks("Me déconnecter").sees("Votre session est fermée.")
    assert here.page.url.startswith(f"{here.base_url}/connexion")
    here.page.get_by_role("link", name=re.compile("FranceConnect")).first.click()
    here.sees("Choisir un personnage").does_not_see(re.compile("Continuer en tant que"))
    here.page.goto(f"{here.base_url}/documents")
    assert "/connexion" in here.page.url
