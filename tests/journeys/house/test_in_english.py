"""The same pages in English: no French word left but what people and professionals wrote themselves."""

import re

from journeys.house.visitors import PHONE

PAGES = (
    "/accueil",
    "/documents",
    "/documents/ajouter",
    "/acces",
    "/acces/autoriser?q=palpite",
    "/activite",
    "/notifications",
    "/reglages",
    "/reglages/connexion",
    "/mes-donnees",
    "/messages",
    "/messages/ecrire",
    "/agenda",
    "/agenda/ajouter",
    "/aide/ecran",
    "/opposition",
    "/activation",
    "/certificat",
)
FRENCH = re.compile(
    r"\b(vous|votre|vos|mes|mon|une|des|les|aux|est|sont|avec|sans|pour|dans|document(s)? non|ajouter|chercher|"
    r"accueil|accès|activité|réglages|masquer|bloquer|autoriser|télécharger|connexion|déconnecter|aucun|rien|"
    r"médecin|analyses|ordonnances|comptes rendus|catégorie|aujourd'hui|hier)\b",
    re.IGNORECASE,
)
OURS = """() => {
  const said = document.body.cloneNode(true);
  const theirs = '[lang]:not([lang=en]), .rows-title, .rows-meta, .timeline p, h1, dd, [name=langue], option, iframe';
  for (const part of said.querySelectorAll(theirs)) part.remove();
  return said.innerText;
}"""


def test_every_page_of_a_person_speaks_english_in_the_dark_on_a_phone(given, visitor):
    person = visitor(width=PHONE, locale="en-GB", color_scheme="dark").signs_in(given("ghjulia"))
    for page in PAGES:
        person.goes_to(page)
        assert person.page.get_attribute("html", "lang") == "en"
        left = {match.group() for match in FRENCH.finditer(person.page.evaluate(OURS))} - {"Mes", "Mon"}
        assert not left, f"{page}: {left}"
    person.goes_to("/documents").page.locator("#resultats .rows-title a").first.click()
    person.sees("Who can see it")
    left = {match.group() for match in FRENCH.finditer(person.page.evaluate(OURS))}
    assert not left, left
    person.goes_to("/activite").sees("You signed in")
    person.leaves()


def test_a_french_word_left_on_an_english_page_would_be_seen(given, visitor):
    person = visitor(locale="en-GB").signs_in(given("ghjulia")).goes_to("/acces")
    person.page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<p>Ajouter un document</p>')")
    assert FRENCH.search(person.page.evaluate(OURS))


def test_professionals_pages_speak_english_too(given, visitor):
    at_work = visitor(locale="en-GB").signs_in_as_professional(given("brindavoine"))
    left = {match.group() for match in FRENCH.finditer(at_work.page.evaluate(OURS))}
    assert not left, left
    at_work.fills(ins=given("ghjulia")["ins"]["matricule"]).clicks(re.compile("Open"))
    left = {match.group() for match in FRENCH.finditer(at_work.page.evaluate(OURS))}
    assert not left, left
    at_work.leaves()
