"""The page of the copy: proved twice, seen making, taken in pieces, and told of without a count to a simple session."""

import io
import zipfile

import pytest

from carnet.identity.api import Door, Login, sign_in
from carnet.infra import clock
from carnet.interfaces.portal.my_data import wanted
from carnet.interfaces.portal.setting import language_for
from carnet.interfaces.portal.sources.copied_journal import copied_journal
from carnet.journeys.api import make_exports
from factories.world import OPERATOR, give, make_software
from interfaces.portal.conftest import WEB, Browser, words


async def proved(client, browser):
    at = clock.now()
    login = Login(
        door=Door.PORTAL,
        issuer="https://fc.test",
        subject=str(browser.someone.space),
        id_token="x",
        acr="eidas1",
        authenticated_at=at,
        device="Firefox, Linux",
        step_up=True,
    )
    new = await sign_in(actor=browser.someone.actor, login=login, limits=WEB.limits, replaces=None, at=at)
    return Browser(client, browser.someone, new.token)


async def test_a_person_asks_waits_and_takes_their_copy_in_pieces(client, open_browser, batch):
    simple = await open_browser()
    await give(simple.someone, by=await make_software(), at=clock.now(), title="Radio du genou")
    answer = await simple.post("/mes-donnees")
    assert answer.headers["location"] == "/confirmer-identite?retour=%2Fmes-donnees"
    browser = await proved(client, simple)
    await browser.post("/mes-donnees")
    page = await browser.page("/mes-donnees")
    assert "Votre copie se prépare" in words(page)
    assert 'hx-trigger="every 4s"' in page
    assert "Préparer une copie" not in words(page)
    assert "votre agenda" in words(page), "told of what is in it"
    languages = (language_for("fr"), language_for("en"))
    await make_exports(actor=OPERATOR, batch=batch, languages=languages, journal=copied_journal, at=clock.now())
    page = await browser.page("/mes-donnees")
    assert "Votre copie est prête" in words(page)
    assert "Taille" in words(page)
    assert "hx-trigger" not in page
    assert "Taille" not in words(await simple.page("/mes-donnees")), "its size would tell what is kept apart"
    link = page.split("/copie.zip")[0].rpartition('"')[2] + "/copie.zip"
    whole = await browser.get(link)
    tag, size = whole.headers["etag"], len(whole.content)
    assert any("Radio-du-genou" in name for name in zipfile.ZipFile(io.BytesIO(whole.content)).namelist())
    half = size // 2
    first = await browser.get(link, range=f"bytes=0-{half - 1}")
    second = await browser.get(link, range=f"bytes={half}-", if_range=tag)
    assert (first.status_code, second.status_code) == (206, 206)
    assert first.content + second.content == whole.content
    assert second.headers["content-range"] == f"bytes {half}-{size - 1}/{size}"
    assert (await browser.get(link, range=f"bytes={size}-")).status_code == 416
    other = await browser.get(link, range="bytes=10-", if_range='"another"')
    assert (other.status_code, other.content == whole.content) == (200, True)
    assert (await simple.get(link)).headers["location"].startswith("/confirmer-identite")
    stranger = await proved(client, await open_browser())
    assert (await stranger.get(link)).status_code == 404
    assert "Vous avez téléchargé la copie" in words(await browser.page("/activite"))


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=5-", (5, 10)),
        ("bytes=-3", (7, 10)),
        ("bytes=-99", (0, 10)),
        ("bytes=3-99", (3, 10)),
        ("bytes=8-2", (8, 3)),
        ("bytes=-", (10, 10)),
    ],
)
def test_what_a_range_asks(asked, found):
    assert wanted(asked, 10) == found
