"""A person decides who sees what, in a real browser: with and without JavaScript, on a phone."""

import pytest

from carnet.access.api import authorise
from carnet.infra import clock
from factories.chromium import GREETING
from factories.world import make_professional
from journeys.portal.test_reading import then_accessible


@pytest.mark.parametrize("script", [True, False], ids=["with-js", "without-js"])
async def test_hiding_one_document_from_one_doctor_and_seeing_what_they_see(given_person, open_page, script):
    someone, ids = await given_person({"Note intime": (b"Tout va bien.", "text/plain")})
    doctor = await make_professional()
    await authorise(actor=someone.actor, space=someone.space, rpps=doctor.rpps, at=clock.now())
    page = await open_page(someone, script=script)
    # given a doctor who sees the document
    await page.goto(f"/acces/voir-comme/{doctor.rpps}")
    await page.get_by_role("link", name="Note intime").click()
    # when the person hides it from them, from its own page
    await page.get_by_role("link", name="Cacher à quelqu'un…").click()
    await page.get_by_label("Ce document").check()
    await page.get_by_label(doctor.name).check()
    if script:
        await then_accessible(page)
        # what only another answer needs is not in the way
        assert not await page.get_by_label("Catégorie", exact=True).is_visible()
    await page.get_by_role("button", name="Enregistrer").click()
    await page.get_by_text("C'est caché, à partir de maintenant.").wait_for()
    # then it is in the list of what is hidden, and the doctor's eyes see nothing
    await page.goto("/acces/limites")
    await page.get_by_text("« Note intime »").first.wait_for()
    await page.goto(f"/acces/voir-comme/{doctor.rpps}")
    await page.get_by_text("Vous le lui cachez").wait_for()
    if script:
        await then_accessible(page)
    # when it is lifted, they see it again
    await page.goto("/acces/limites")
    await page.get_by_role("button", name="Ne plus cacher").click()
    await page.get_by_text("Ce n'est plus caché.").wait_for()
    assert ids
    assert page.words == []


async def test_the_first_visit_then_a_code_for_the_doctor(given_person, open_page):
    someone, _ = await given_person({})
    page = await open_page(someone)
    await page.goto("/accueil")
    await page.get_by_role("link", name="Choisir").click()
    await page.get_by_role("heading", name="Bienvenue").wait_for()
    await page.get_by_label("Masqué").check()
    await page.get_by_role("button", name="Enregistrer et ouvrir mon carnet").click()
    await page.get_by_role("heading", name=GREETING).wait_for()
    await page.goto("/acces/code")
    await page.get_by_role("button", name="Afficher un code").click()
    picture = page.get_by_role("img", name="Le même code, à lire avec un appareil")
    await picture.wait_for()
    assert (await picture.bounding_box())["width"] > 150
    await then_accessible(page)
    assert page.words == []
