"""The guides are for anybody: both languages, large print, one gesture a step, and no sentence too long to be easy."""

import httpx
import pytest
from litestar import Litestar

from carnet.design.language import Language
from carnet.interfaces.guides.routes import WORDS, guide_routes
from carnet.interfaces.guides.steps import GUIDES

LONGEST = 16
"""Words of a sentence that is easy to read (European rules, FALC)."""


async def get(path, language="fr"):
    app = Litestar(guide_routes(), openapi_config=None)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="https://carnet.test") as client:
        return await client.get(path, headers={"Accept-Language": language})


@pytest.mark.parametrize("name", GUIDES)
@pytest.mark.parametrize("language", ["fr", "en"])
async def test_each_guide_is_there_in_both_languages_and_large(name, language):
    words = Language(code=language, locales=(WORDS.folder / "locale",))
    page, large = await get(f"/guides/{name}", language), await get(f"/guides/{name}?grand=1", language)
    assert page.status_code == 200
    assert f'<html lang="{language}"' in page.text
    assert "guide--large" not in page.text
    assert "guide--large" in large.text
    assert page.text.count("<li>") >= len(GUIDES[name].steps) + len(GUIDES[name].good)
    assert words.gettext(GUIDES[name].title).split(" : ")[0].split(":")[0] in page.text.replace("&#39;", "'")


async def test_the_list_leads_to_each_and_nothing_else_is_there():
    page = await get("/guides")
    assert all(f'href="/guides/{name}"' in page.text for name in GUIDES)
    assert (await get("/guides/autre")).status_code == 404


@pytest.mark.parametrize("name", GUIDES)
def test_no_sentence_is_too_long_to_be_easy(name):
    told = GUIDES[name]
    sentences = [part for line in (told.about, *told.steps, *told.good) for part in line.split(". ")]
    assert [one for one in sentences if len(one.split()) > LONGEST] == []
    assert 3 <= len(told.steps) <= 5
