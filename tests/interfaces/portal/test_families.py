"""In whose space one is: said on every page, written in their journal, over at once when it is over."""

import datetime as dt
import re

from carnet.infra import clock
from factories.families import attach, make_child
from factories.world import give, make_person, make_software
from interfaces.portal.conftest import words


async def a_family(open_browser, *, name="Lison"):
    """A parent at their browser, and their child with one document."""
    parent = await make_person(at=clock.now() - dt.timedelta(days=1))
    child = await make_child(name=name)
    await attach(child, parent)
    await give(child, by=await make_software(), at=clock.now(), title=f"Carnet de {name}")
    return await open_browser(parent), child


async def token_of(browser):
    return re.search(r'name="_csrf_token" value="([^"]+)"', await browser.page("/proches"))[1]


async def go_into(browser, name):
    """Choose somebody's space on the page of one's family."""
    page = await browser.page("/proches")
    row = page[page.index(name) :]
    chosen = re.search(r'name="qui" value="([0-9a-f]+)"', row)[1]
    return await browser.post("/proches/entrer", {"qui": chosen}, token=await token_of(browser))


async def test_a_parent_reads_in_the_childs_space_and_every_page_says_whose_it_is(open_browser):
    browser, _ = await a_family(open_browser)
    assert (await go_into(browser, "Lison")).headers["location"] == "/accueil"
    documents = await browser.page("/documents")
    one = re.search(r"/documents/[0-9a-f]{32}", documents)[0]
    for path in ("/accueil", "/documents", one, "/proches"):
        page = await browser.page(path)
        assert "Espace de Lison" in words(page), path
        assert "Revenir à mon espace" in words(page), path
        assert "Espace de Lison" in re.search("<title>(.*?)</title>", page)[1], path
    assert "Carnet de Lison" in words(documents)
    assert "Qui peut le voir" not in words(await browser.page(one)), "who sees it is not for them"
    assert "Bonjour, tout va bien." in (await browser.get(f"{one}/apercu")).text
    for path in ("/acces", "/activite", "/reglages", "/notifications", "/acces/limites", "/bienvenue"):
        assert (await browser.get(path)).status_code == 403, path


async def test_the_child_reads_who_did_what_in_their_name(open_browser):
    browser, child = await a_family(open_browser)
    await go_into(browser, "Lison")
    await browser.page("/documents")
    told = words(await (await open_browser(child)).page("/activite?qui=proches"))
    name = browser.someone.traits.birth_name
    assert f"{name} (représentant légal) est venu dans votre espace" in told
    assert f"{name} (représentant légal) a consulté la liste de vos documents" in told


async def test_coming_back_brings_ones_own_documents(open_browser):
    browser, _ = await a_family(open_browser)
    await go_into(browser, "Lison")
    await browser.post("/proches/revenir", token=await token_of(browser))
    page = words(await browser.page("/documents"))
    assert "Espace de Lison" not in page
    assert "Carnet de Lison" not in page


async def test_at_eighteen_at_midnight_in_paris_the_open_session_is_there_no_more(open_browser):
    midnight = dt.datetime(2026, 11, 29, 23, tzinfo=dt.UTC)
    with clock.frozen(midnight - dt.timedelta(minutes=5)):
        parent, child = await make_person(), await make_child(born="2008-11-30")
        await attach(child, parent)
        browser = await open_browser(parent)
        await go_into(browser, "Lison")
    with clock.frozen(midnight - dt.timedelta(microseconds=1)):
        assert "Espace de Lison" in words(await browser.page("/documents"))
    with clock.frozen(midnight):
        refused = await browser.get("/documents")
        assert (refused.status_code, refused.headers["location"].split("?")[0]) == (303, "/proches")
        assert (await browser.get("/proches")).status_code == 303, "brought home"
        page = words(await browser.page("/proches"))
        assert "Lison" not in page
        assert "Revenir à mon espace" not in page


async def test_nobody_goes_where_nobody_let_them(open_browser):
    browser, _ = await a_family(open_browser, name="Lison")
    stranger = await open_browser()
    page = await browser.page("/proches")
    chosen = re.search(r'name="qui" value="([0-9a-f]+)"', page[page.index("Lison") :])[1]
    answer = await stranger.post("/proches/entrer", {"qui": chosen}, token=await token_of(stranger))
    assert answer.status_code == 404
    assert "Lison" not in await stranger.page("/proches")
