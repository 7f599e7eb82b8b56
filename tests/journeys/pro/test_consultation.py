"""A consultation at the screen: find, ask, read, deposit; by keyboard alone; and without any script."""

import re

import pytest
from playwright.sync_api import expect

from factories.pdf import make_pdf

SEARCH = "Matricule INS"


def find(page, site, matricule):
    page.goto(f"{site.base_url}/pro/patient")
    page.get_by_label(SEARCH).fill(matricule)
    with page.expect_navigation(
        wait_until="load"
    ):  # what is clicked before the script is there leads to a page of its own
        page.get_by_role("button", name="Ouvrir le dossier").click()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_doctor_finds_asks_reads_and_deposits(site, desk, scripts):
    page = desk(1000, scripts=scripts)
    patient = site.prepared.patients.pop()

    find(page, site, patient)
    expect(page.get_by_role("heading", name="Recueillir l'accord")).to_be_visible()
    expect(page.get_by_role("region", name="Patient")).to_contain_text("Accord à recueillir")
    page.get_by_label("La personne est informée et donne son accord.").check()
    page.get_by_role("button", name="Enregistrer l'accord et ouvrir").click()

    expect(page.get_by_text("L'accord est enregistré.")).to_be_visible()
    page.get_by_role("link", name="Compte rendu de biologie").click()
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", name="Compte rendu de biologie")).to_be_visible()
    expect(frame.get_by_text("Glucose")).to_be_visible()
    colour = frame.locator("body").evaluate("body => getComputedStyle(body).fontFamily") if scripts else "sans-serif"
    assert "sans-serif" in colour, "the style sheet of clinical documents did not reach the frame"

    page.get_by_role("link", name="Tous les documents").click()
    page.get_by_role("link", name="Hospitalisation en cardiologie").click()
    first = page.frame_locator("iframe").get_by_role("img").first
    expect(first).to_be_visible()
    page.frame_locator("iframe").get_by_role("link", name="Suivantes").click()
    expect(page.frame_locator("iframe").get_by_text("Pages 5 à 6 sur 6")).to_be_visible()

    page.get_by_role("navigation", name="Navigation principale").get_by_role("link", name="Déposer").click()
    page.get_by_label("Fichier").set_input_files(
        {"name": "courrier.pdf", "mimeType": "application/pdf", "buffer": make_pdf("Courrier au confrère")}
    )
    page.get_by_label("Type de document").select_option(label="Lettre d'adressage")
    page.get_by_role("button", name="Déposer").click()
    expect(page.get_by_text("Le document est déposé.")).to_be_visible()
    expect(page.frame_locator("iframe").get_by_role("img")).to_be_visible()
    assert not [text for text in page.messages if "violates" in text or "Blocked" in text or "Error" in text]


def test_the_whole_of_it_by_keyboard(site, desk):
    page = desk(1000)
    page.goto(f"{site.base_url}/pro/patient")
    page.keyboard.type(site.prepared.patients.pop())
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Recueillir l'accord")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**#contenu")  # a jump inside the page moves the focus when it lands, not when it is asked for
    tab_to(page, "checkbox")
    page.keyboard.press("Space")
    expect(page.get_by_role("checkbox")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.get_by_text("L'accord est enregistré.")).to_be_visible()
    tab_to(page, "link", "Note confidentielle")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Note confidentielle")).to_be_visible()
    expect(page.frame_locator("iframe").get_by_text("A ma demande.")).to_be_visible()


ROLE = """() => { const e = document.activeElement;
  const role = e.type === 'checkbox' ? 'checkbox' : e.tagName === 'A' ? 'link' : e.tagName.toLowerCase();
  return [role, e.textContent.trim()] }"""


def tab_to(page, role, name=""):
    """Press Tab until something of that role and name has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        found, text = page.evaluate(ROLE)
        if found == role and name in text:
            outline = page.evaluate(
                "[null, '::after'].map(part => getComputedStyle(document.activeElement, part).outlineStyle).join()"
            )
            assert "solid" in outline or role == "checkbox", "the focus cannot be seen"
            return
    raise AssertionError(f"no {role} {name!r} within reach of the keyboard")


def test_a_document_is_read_beside_the_list_with_the_keys_of_one_hand(site, desk):
    page = desk()
    find(page, site, site.prepared.returning)
    expect(page.get_by_role("heading", name="Depuis votre visite du")).to_be_visible()
    pane = page.get_by_role("region", name="Lecture")
    expect(pane).to_be_visible()  # the script that hears the keys has run
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    first = page.evaluate("document.activeElement.textContent.trim()")
    assert first == page.locator("a[data-document]").first.text_content().strip()
    page.keyboard.press("Enter")
    expect(pane.get_by_role("heading", name=first, level=2)).to_be_visible()
    assert "/documents/" not in page.url
    assert page.evaluate("document.activeElement.textContent.trim()") == first, "the list keeps the keyboard"
    page.keyboard.press("l")
    assert page.evaluate("document.activeElement.className") == "reading-title"
    page.keyboard.press("Escape")
    expect(pane.get_by_text("Choisissez un document")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("jk?o hospitalisation")
    assert page.input_value("#champ-q") == "jk?o hospitalisation", "keys are letters where one writes"
    page.keyboard.press("Escape")

    page.fill("#champ-q", "hospitalis")
    expect(page.locator(".rows-snippet mark").first).to_have_text("hospitalisation")
    page.keyboard.press("ArrowDown")
    expect(page.locator("a[data-document]").first).to_be_focused()  # from the words to what was found
    page.get_by_role("link", name="Hospitalisation en cardiologie").click()
    expect(page.frame_locator("#volet iframe").get_by_role("img").first).to_be_visible()

    page.goto(f"{site.base_url}/pro/compte")
    page.get_by_label("Raccourcis d'une touche").uncheck()
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Vos préférences sont enregistrées.")).to_be_visible()
    find(page, site, site.prepared.returning)
    expect(pane).to_be_visible()
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.tagName") == "BODY"
    page.goto(f"{site.base_url}/pro/compte")
    page.get_by_label("Raccourcis d'une touche").check()
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Vos préférences sont enregistrées.")).to_be_visible()


@pytest.mark.parametrize("trouble", ["gone", "broken", "no network"])
def test_beside_the_list_stands_the_document_chosen_or_none(site, desk, trouble):
    page = desk()
    find(page, site, site.prepared.returning)
    pane = page.get_by_role("region", name="Lecture")
    links = page.locator("a[data-document]")
    links.first.click()
    expect(pane.get_by_role("heading", name=links.first.text_content().strip(), level=2)).to_be_visible()
    other, asked = links.nth(1), []

    def answer(route):
        asked.append(route.request.url)
        if trouble == "no network":
            route.abort()
        else:
            route.fulfill(status={"gone": 404, "broken": 500}[trouble], body="<p>Ennui</p>", content_type="text/html")

    page.route("**/documents/*volet=1*", answer)
    address = other.get_attribute("href")
    other.click()
    page.wait_for_url(f"**{address}")  # the page itself says what is the matter
    assert len(asked) == 1
    assert page.get_by_role("region", name="Lecture").count() == 0


def test_only_the_last_document_asked_for_is_shown_and_a_button_closes_it(site, desk):
    page = desk()
    find(page, site, site.prepared.returning)
    pane = page.get_by_role("region", name="Lecture")
    links, held = page.locator("a[data-document]"), []
    first, second = (links.nth(number).text_content().strip() for number in range(2))
    assert first != second
    slow = f"**{links.first.get_attribute('href')}*volet=1*"
    page.route(slow, lambda route: held.extend([route]))
    with page.expect_request(slow):
        links.first.click()
    links.nth(1).click()
    expect(pane.get_by_role("heading", name=second, level=2)).to_be_visible()
    for route in held:
        route.continue_()
    page.get_by_role("button", name="Fermer la lecture").click()
    expect(pane.get_by_text("Choisissez un document")).to_be_visible()
    assert page.evaluate("document.activeElement.textContent.trim()") == second
    expect(page.get_by_role("button", name="Fermer la lecture")).to_be_hidden()


def test_a_narrow_screen_or_no_script_leads_to_the_documents_own_page(site, desk):
    for page in (desk(390), desk(scripts=False)):
        find(page, site, site.prepared.known)
        page.get_by_role("link", name="Hospitalisation en cardiologie").click()
        expect(page.get_by_role("heading", name="Hospitalisation en cardiologie", level=1)).to_be_visible()
        assert "/documents/" in page.url


def test_an_emergency_is_announced_on_the_page_and_ends(site, desk):
    page = desk()
    find(page, site, site.prepared.unknown)
    page.get_by_role("link", name="Ouvrir en urgence").click()
    page.get_by_label("Pourquoi cet accès est nécessaire").fill("Malaise dans la salle d'attente, traitement inconnu.")
    page.get_by_role("button", name="Ouvrir maintenant").click()
    banner = page.get_by_role("region", name="Accès en urgence")
    expect(banner).to_contain_text("encore 30 min")
    banner.get_by_role("button", name="Terminer").click()
    expect(page.get_by_role("heading", name="Recueillir l'accord")).to_be_visible()


def test_the_end_of_an_emergency_is_said_whatever_the_clock_and_loses_nothing(site, desk):
    page = desk()
    page.add_init_script("const real = Date.now; Date.now = () => real.call(Date) + 86400000;")
    find(page, site, site.prepared.unknown)
    page.get_by_role("link", name="Ouvrir en urgence").click()
    page.get_by_label("Pourquoi cet accès est nécessaire").fill("Malaise dans la salle d'attente, traitement inconnu.")
    page.get_by_role("button", name="Ouvrir maintenant").click()
    banner = page.get_by_role("region", name="Accès en urgence")
    expect(banner).to_contain_text("encore 30 min")  # a clock a day ahead changes nothing

    def nearly_over(route):
        answer = route.fetch()
        route.fulfill(response=answer, body=re.sub('data-seconds="[0-9]+"', 'data-seconds="2"', answer.text()))

    page.route("**/deposer", nearly_over)
    page.goto(page.url.rstrip("/") + "/deposer")
    page.get_by_label("Titre").fill("Compte rendu commencé")
    expect(banner).to_contain_text("Cet accès est terminé.")
    expect(banner.get_by_role("button", name="Terminer")).to_be_hidden()
    assert page.get_by_label("Titre").input_value() == "Compte rendu commencé"


def test_a_document_to_be_announced_waits_for_a_safe_screen(site, desk):
    page = desk(1000)
    find(page, site, site.prepared.known)
    page.get_by_role("link", name="Biopsie").click()
    expect(page.get_by_role("alert")).to_contain_text("Le patient ne sait pas encore")
    expect(page.locator("iframe")).to_have_count(0)
    page.get_by_role("link", name="Le patient ne voit pas mon écran").click()
    expect(page.frame_locator("iframe").get_by_text("Resultat a annoncer.")).to_be_visible()


def test_filters_answer_as_one_types_and_stay_in_the_address(site, desk):
    page = desk()
    find(page, site, site.prepared.known)
    page.get_by_label("Chercher dans les titres et dans le texte").fill("cardio")
    expect(page.get_by_role("status").filter(has_text="document")).to_contain_text("1 document sur")
    expect(page.get_by_role("link", name="Hospitalisation en cardiologie")).to_be_visible()
    page.wait_for_url("**q=cardio**")
    assert site.prepared.known not in page.url
    page.get_by_role("link", name="Effacer les filtres").click()
    page.get_by_role("link", name="Remonter à plus de deux ans").click()
    expect(page.get_by_role("link", name="Bilan ancien")).to_be_visible()


def test_the_original_is_downloaded(site, desk):
    page = desk(1000)
    find(page, site, site.prepared.known)
    page.get_by_role("link", name="Hospitalisation en cardiologie").click()
    page.wait_for_url("**/documents/*")  # whole, its preview drawn: that is most of the wait on a busy machine
    with page.expect_download() as download:
        page.get_by_role("link", name="Télécharger l'original").click()
    assert download.value.suggested_filename == "Hospitalisation en cardiologie.pdf"


def test_the_ins_is_in_no_address_title_or_storage(site, desk):
    page = desk()
    addresses = []
    page.on("request", lambda request: addresses.append(request.url))
    find(page, site, site.prepared.known)
    page.get_by_role("link", name="Compte rendu de biologie").click()
    page.wait_for_load_state("networkidle")
    kept = page.evaluate(
        "[document.title, document.cookie, JSON.stringify({...localStorage, ...sessionStorage})].join()"
    )
    assert len(addresses) > 4
    assert site.prepared.known not in "".join(addresses) + kept


def test_coming_back_after_signing_out_shows_nothing(site, desk):
    page = desk()
    find(page, site, site.prepared.known)
    address = page.url
    page.context.clear_cookies(name="__Host-carnet-pro")
    page.goto(address)
    expect(page.get_by_role("link", name="S'identifier avec Pro Santé Connect")).to_be_visible()
    page.go_back()
    expect(page.get_by_text("Hospitalisation en cardiologie")).to_have_count(0)
