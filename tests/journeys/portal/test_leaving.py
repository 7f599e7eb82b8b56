"""Somebody comes into the room: one press, and neither the screen nor the Back button shows anything of health."""

import pytest

from factories.chromium import GREETING


@pytest.mark.parametrize("way", ["link", "keyboard", "escape", "without-js"])
async def test_leaving_shows_an_ordinary_page_and_back_shows_nothing(given_person, open_page, way):
    someone, ids = await given_person({"Note": (b"Tout va bien.", "text/plain")})
    page = await open_page(someone, script=way != "without-js")
    await page.goto("/accueil")
    await page.goto(f"/documents/{ids['Note']}")
    await page.get_by_role("heading", name="Note").first.wait_for()
    if way == "escape":
        for _ in range(3):
            await page.keyboard.press("Escape")
    elif way == "keyboard":
        for _ in range(3):  # the way to the content, the name of the house, then out
            await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
    else:
        await page.get_by_role("link", name="Quitter vite").click()
    await page.wait_for_url("**/static/logo.svg")
    # then Back leads to the sign-in page, whatever page it was
    await page.go_back()
    await (
        page.get_by_role("heading", name="Se connecter")
        .or_(page.get_by_role("link", name="Se connecter"))
        .first.wait_for()
    )
    assert "Note" not in await page.content()
    assert "/documents/" not in page.url or "connexion" in page.url


async def test_nobody_elsewhere_can_sign_a_person_out(given_person, open_page):
    someone, _ = await given_person({})
    page = await open_page(someone)
    answer = await page.request.get("/quitter", headers={"sec-fetch-site": "cross-site"}, max_redirects=0)
    assert answer.status == 303
    assert "set-cookie" not in answer.headers
    await page.goto("/accueil")
    await page.get_by_role("heading", name=GREETING).wait_for()
