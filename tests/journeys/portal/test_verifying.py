"""A person checks their journal in their own browser: what is whole is said so, what was changed is named."""

import os
from pathlib import Path

import psycopg
import pytest

from factories.log import running_log
from journeys.portal.test_reading import then_accessible

SHOTS = os.environ.get("CARNET_SHOTS")
BUTTON = "Vérifier mon journal"


@pytest.fixture(scope="module")
async def log(house):
    async with running_log(house.url, home=house.home, origin="browser.example/journal") as running:
        yield running


async def shot(page, name):
    if SHOTS:
        await page.screenshot(path=Path(SHOTS) / f"{name}.png")


async def test_a_journal_is_checked_in_the_browser(given_person, open_page, log, house):
    someone, _ = await given_person({"Bilan de mai": (b"Tout va bien.", "text/plain")})
    page = await open_page(someone)
    await page.goto("/accueil")
    await page.goto("/activite")
    await log.sequencer.round()
    await page.get_by_role("button", name=BUTTON).click()
    said = page.get_by_role("status").filter(has_text="Vérifié")
    await said.wait_for()
    assert "witness1.example, witness2.example" in await said.inner_text()
    assert "lignes sont complètes de 1 à" in await said.inner_text()
    await then_accessible(page)
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        await shot(page, f"verified-{scheme}")
    await page.set_viewport_size({"width": 1280, "height": 844})
    await page.get_by_text("Choisir qui, quoi et quand").click()
    await then_accessible(page)
    await shot(page, "verified-desk-dark")
    await page.set_viewport_size({"width": 390, "height": 844})
    # somebody who owns the database changes one line
    with psycopg.connect(house.url("postgres"), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(
            "UPDATE carnet.journal_entry SET actor_name = 'X' WHERE space_id = %s AND seq = 2", (someone.space,)
        )
    await page.get_by_role("button", name=BUTTON).click()
    await page.get_by_text("La ligne 2 a été modifiée après avoir été scellée.").wait_for()
    await then_accessible(page)
    await shot(page, "wrong-dark")


async def test_without_javascript_the_page_says_how_to_check_elsewhere(given_person, open_page, log):
    someone, _ = await given_person({})
    page = await open_page(someone, script=False)
    await page.goto("/activite")
    assert await page.get_by_role("button", name=BUTTON).count() == 0
    await page.get_by_text("Vérifier sur votre propre machine").click()
    await page.get_by_role("link", name="verify_journal.py").wait_for()
