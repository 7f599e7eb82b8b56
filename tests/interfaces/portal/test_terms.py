"""Which text of the conditions a person said yes to is kept; another text is asked about, and an old yes is none."""

import hashlib

import pytest

from carnet.infra import clock
from carnet.infra.db import work
from carnet.interfaces.portal import terms as page_of_terms
from carnet.interfaces.portal.presenters.terms import CONDITIONS
from carnet.interfaces.portal.sources import home
from carnet.spaces.actions import terms as kept
from carnet.spaces.api import TERMS, TEXTS, view_in
from interfaces.portal.conftest import words

ASKED = "Lire et répondre"


async def agreed(someone):
    async with work(space=someone.space, at=clock.now()) as w:
        return (await view_in(w)).terms


def test_another_text_has_another_name():
    assert hashlib.sha256("\n".join(CONDITIONS).encode()).hexdigest() == TEXTS[TERMS]


@pytest.mark.parametrize("planted", [False, True])
async def test_a_yes_is_to_one_text_and_another_is_asked_about(open_browser, monkeypatch, planted):
    browser = await open_browser()
    assert ASKED in await browser.page("/accueil"), "who came by an identity provider read none yet"
    answer = await browser.post("/conditions", {"texte": "2020-01"})
    assert (answer.headers["location"], await agreed(browser.someone)) == ("/conditions", None)
    await browser.post("/conditions", {"texte": TERMS})
    assert await agreed(browser.someone) == TERMS
    assert ASKED not in await browser.page("/accueil")
    assert "Vous avez accepté les conditions." in words(await browser.page("/activite"))
    for module in (kept, page_of_terms, home)[: 2 if planted else 3]:
        monkeypatch.setattr(module, "TERMS", "2027-01")
    assert (ASKED in await browser.page("/accueil")) is not planted
    assert "Elles ont changé" in words(await browser.page("/conditions"))
    await browser.post("/conditions", {"texte": "2027-01"})
    assert await agreed(browser.someone) == "2027-01"
