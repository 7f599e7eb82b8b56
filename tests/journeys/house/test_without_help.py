"""Without JavaScript, and with the keyboard alone: everything a person needs is still there."""

import re

import pytest

from factories.chromium import GREETING
from factories.images import make_jpeg
from journeys.house.visitors import DESK, PHONE, Visitor

OUTLINE = """(() => {
  const here = document.activeElement, frame = here.tagName === "IFRAME" ? here.parentElement : here;
  return [null, "::after"].map(part => getComputedStyle(frame, part).outlineStyle).join();
})()"""
NAME = "((document.activeElement.ariaLabel || document.activeElement.innerText || '') + '').trim()"


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_without_javascript_a_person_signs_in_lists_opens_hides_and_adds(given, visitor, width):
    teva = given({PHONE: "teva", DESK: "sasha"}[width])
    person = visitor(width=width, script=False).signs_in(teva)
    person.sees_heading(GREETING).goes_to("/documents").follows("Bilan de santé")
    person.sees_in_frame(re.compile("bilan", re.IGNORECASE))
    person.clicks(re.compile("Masquer aux")).sees("Le document est masqué aux professionnels.")
    person.clicks(re.compile("Rendre visible")).sees("de nouveau visible")
    person.goes_to("/documents").fills(q="vaccin").clicks("Chercher").sees("Note de vaccination")
    person.goes_to("/documents/ajouter")
    person.chooses_files("fichiers", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": make_jpeg()})
    person.fills(titre="Photo sans script", categorie="RADIO_SC", date="2026-09-01").clicks("Ajouter ce document")
    person.sees("Le document est ajouté à votre espace.").sees_heading("Photo sans script")
    person.clicks("English").sees_heading("Photo sans script").sees("Who can see it")
    person.clicks("Sign out").sees(re.compile("signed out", re.IGNORECASE))


def test_with_the_keyboard_alone_a_person_signs_in_opens_and_hides(given, visitor):
    kylian = given("kylian")
    person = visitor(width=DESK)
    person.goes_to("/")
    tab_to(person, "Ouvrir mon carnet")
    person.page.keyboard.press("Enter")
    person.page.wait_for_url("**/connexion")
    tab_to(person, "Continuer avec FranceConnect")
    person.page.keyboard.press("Enter")
    person.page.get_by_role("searchbox").wait_for()
    tab_to(person, "Chercher", field="q")
    person.page.keyboard.type("Tournevis")
    person.page.keyboard.press("Enter")
    person.sees("1 personnage")
    tab_to(person, kylian["name"])
    person.page.keyboard.press("Enter")
    person.page.wait_for_url("**/accueil")
    tab_to(person, "Documents")
    person.page.keyboard.press("Enter")
    person.page.wait_for_url("**/documents")
    tab_to(person, "Bilan de kinésithérapie du dos")
    person.page.keyboard.press("Enter")
    person.sees_heading("Bilan de kinésithérapie du dos")
    tab_to(person, "Masquer aux professionnels")
    person.page.keyboard.press("Enter")
    person.sees("Le document est masqué aux professionnels.")
    person.leaves()


def tab_to(person: Visitor, name: str, *, field: str = "") -> None:
    """Press Tab until the focus is on what has that name, seeing the focus at every stop."""
    for _ in range(90):
        person.page.keyboard.press("Tab")
        if person.page.evaluate("document.activeElement === document.body"):
            continue
        outline = person.page.evaluate(OUTLINE)
        assert "solid" in outline or "auto" in outline, person.page.evaluate("document.activeElement.outerHTML")
        if field and person.page.evaluate("document.activeElement.name") == field:
            return
        if not field and person.page.evaluate(NAME).startswith(name):
            return
    raise AssertionError(f"Tab never reached {name}")
