"""A person reads, hides, adds and follows the trace, in a real browser: on a phone, on a desk, without JavaScript."""

import pytest
from axe_playwright_python.async_playwright import Axe

from factories.cda import make_cda, make_cda_n1
from factories.chromium import GREETING, RULES, SETTLED
from factories.images import make_jpeg, make_tiff
from factories.pdf import make_encrypted_pdf, make_pdf

OUTLINE = """[null, "::after"].map(part => getComputedStyle(document.activeElement, part).outlineStyle).join()"""
EVERY_KIND = {
    "Bilan de mai": (make_cda(), "text/xml"),
    "Lettre de sortie": (make_cda_n1(make_pdf(pages=3)), "text/xml"),
    "Ordonnance": (make_pdf(pages=2), "application/pdf"),
    "Radio": (make_jpeg(width=400, height=300), "image/jpeg"),
    "Clichés": (make_tiff(3), "image/tiff"),
    "Note": (b"Tout va bien.", "text/plain"),
    "Secret": (make_encrypted_pdf(), "application/pdf"),
}


async def then_accessible(page):
    await page.evaluate(SETTLED)
    found = await Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


async def then_every_tab_is_in_sight(page):
    """On phones of every width: a tab pushed beyond the edge is a page nobody finds."""
    for width in (320, 360, 390):
        await page.set_viewport_size({"width": width, "height": 700})
        tabs = await page.locator(".tab").all()
        edges = [(box["x"], box["x"] + box["width"]) for box in [await tab.bounding_box() for tab in tabs]]
        assert len(edges) >= 6
        assert all(start >= 0 and end <= width for start, end in edges), (width, edges)


@pytest.mark.parametrize("script", [True, False], ids=["with-js", "without-js"])
async def test_the_main_job_of_the_portal(given_person, open_page, script):
    someone, ids = await given_person({"Bilan de mai": EVERY_KIND["Bilan de mai"]})
    page = await open_page(someone, script=script)
    # when they arrive, they see what is new
    await page.goto("/accueil")
    await page.get_by_role("heading", name=GREETING).wait_for()
    await page.get_by_role("link", name="Bilan de mai").click()
    await page.wait_for_url(f"**/documents/{ids['Bilan de mai']}")
    # then they read it in a frame of our own making
    frame = page.frame_locator("iframe")
    await frame.get_by_text("Potassium").wait_for()
    # when they hide it, it says so
    await page.get_by_role("button", name="Masquer aux professionnels").click()
    await page.get_by_text("Le document est masqué aux professionnels.").wait_for()
    await page.get_by_role("button", name="Rendre visible aux professionnels").wait_for()
    # then all of it is in their journal
    await page.get_by_role("link", name="Activité", exact=True).click()
    await page.get_by_text("Vous avez masqué « Bilan de mai » aux professionnels.").first.wait_for()
    await page.get_by_text("Vous avez consulté « Bilan de mai ».").first.wait_for()
    if script:
        await then_accessible(page)
        await then_every_tab_is_in_sight(page)
        assert page.words == []


async def test_every_kind_of_document_can_be_looked_at_and_every_page_is_accessible(given_person, open_page):
    someone, ids = await given_person(EVERY_KIND)
    page = await open_page(someone, width=1280)
    for title, document in ids.items():
        await page.goto(f"/documents/{document}")
        frame = page.frame_locator("iframe")
        if title == "Bilan de mai":
            await frame.get_by_role("table").first.wait_for()
        elif title == "Note":
            await frame.get_by_text("Tout va bien.").wait_for()
        elif title == "Secret":
            await frame.get_by_text("protégé par un mot de passe").wait_for()
        else:
            picture = frame.get_by_role("img", name=title)
            await picture.wait_for()
            assert await picture.evaluate("image => image.naturalWidth") > 0
        await then_accessible(page)
    assert page.words == []


async def test_the_pages_of_a_drawn_document_turn_inside_their_frame(given_person, open_page):
    someone, ids = await given_person({"Lettre de sortie": EVERY_KIND["Lettre de sortie"]})
    page = await open_page(someone)
    await page.goto(f"/documents/{ids['Lettre de sortie']}")
    frame = page.frame_locator("iframe")
    await frame.get_by_text("Page 1 sur 3").wait_for()
    await frame.get_by_role("link", name="Suivante").click()
    await frame.get_by_text("Page 2 sur 3").wait_for()


async def test_the_list_filters_as_one_types_without_loading_the_page_again(given_person, open_page):
    someone, _ = await given_person(EVERY_KIND)
    page = await open_page(someone, width=1280)
    await page.goto("/documents")
    await page.evaluate("window.sameWindow = true")
    await page.get_by_role("searchbox").fill("radio")
    await page.get_by_role("status").get_by_text("1 document", exact=True).wait_for()
    assert await page.evaluate("window.sameWindow")
    assert "q=radio" in page.url
    # htmx notes the address it is at, no page of health is kept in the browser
    assert await page.evaluate("Object.keys(localStorage).length") == 0
    assert await page.evaluate("Object.keys(sessionStorage)") == ["htmx-current-path-for-history"]
    await page.get_by_role("link", name="Effacer les filtres").click()
    await page.get_by_text("7 documents", exact=True).first.wait_for()


async def test_the_list_filters_without_javascript_too(given_person, open_page):
    someone, _ = await given_person(EVERY_KIND)
    page = await open_page(someone, script=False)
    await page.goto("/documents")
    await page.get_by_role("searchbox").fill("radio")
    await page.get_by_role("button", name="Chercher").click()
    await page.get_by_role("status").get_by_text("1 document", exact=True).wait_for()


@pytest.mark.parametrize("script", [True, False], ids=["with-js", "without-js"])
async def test_a_photo_is_added_from_the_phone(given_person, open_page, script):
    someone, _ = await given_person({})
    page = await open_page(someone, script=script)
    await page.goto("/documents/ajouter")
    photo = {"name": "genou.jpg", "mimeType": "image/jpeg", "buffer": make_jpeg(width=800, height=600)}
    await page.get_by_label("Fichier ou photos").set_input_files(photo)
    await page.get_by_label("Titre").fill("Radio ?")
    await page.get_by_role("button", name="Ajouter ce document").click()
    # what is wrong is told, and what was typed is kept
    await page.get_by_role("heading", name="points sont à corriger").wait_for()
    assert await page.get_by_label("Titre").input_value() == "Radio ?"
    await page.get_by_label("Fichier ou photos").set_input_files(photo)
    await page.get_by_label("Titre").fill("Radio du genou")
    await page.get_by_label("Catégorie").select_option("RADIO_SC")
    await page.get_by_label("Date du document").fill("2026-01-05")
    await page.get_by_role("button", name="Ajouter ce document").click()
    await page.get_by_text("Le document est ajouté à votre espace.").wait_for()
    assert "/documents/" in page.url
    await page.get_by_role("heading", name="Radio du genou").wait_for()
    if script:
        await then_accessible(page)


async def test_the_keyboard_alone_opens_and_hides_a_document(given_person, open_page):
    someone, _ = await given_person({"Note": EVERY_KIND["Note"]})
    page = await open_page(someone, width=1280)
    await page.goto("/documents")

    async def tab_to(name):
        for _ in range(60):
            await page.keyboard.press("Tab")
            label = await page.evaluate("(document.activeElement.innerText || '').trim()")
            if label.startswith(name):
                outline = await page.evaluate(OUTLINE)
                assert "solid" in outline
                return
        raise AssertionError(f"never reached {name}")

    await tab_to("Note")
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="Qui peut le voir").wait_for()
    await tab_to("Masquer aux professionnels")
    await page.keyboard.press("Enter")
    await page.get_by_text("Le document est masqué aux professionnels.").wait_for()
