"""What a page costs, counted on the wire: the first page is the session, one question, its trace."""

import datetime as dt
import re

import httpx
import pytest

from carnet.infra import clock
from carnet.infra.db import database as seat
from carnet.infra.db import work
from carnet.infra.db.database import Database
from carnet.infra.randomness import uuid7
from carnet.journal.api import Filter, entries
from carnet.messaging.data import Head
from carnet.messaging.queries import opening
from carnet.messaging.queries.sealed import seal_head
from carnet.spaces.api import keys_in
from factories.wire import Wire
from factories.world import give, make_software
from interfaces.portal.conftest import BASE
from interfaces.portal.test_agenda import note


@pytest.fixture
async def wire(house, tmp_path):
    """The house, its database reached through a wire that counts."""
    counting = Wire(house.url("carnet_app"), tmp_path)
    await counting.start()
    through = Database(counting.url, min_size=1, max_size=4)
    await through.open()
    seat.seat(through)
    try:
        yield counting
    finally:
        seat.seat(house.database)
        await through.close()
        await counting.stop()


async def test_the_first_page_takes_three_trips_and_leaves_the_traces_of_what_it_shows(open_browser, app, wire):
    browser = await open_browser()
    # in this very loop, where the wire lives
    browser.client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE)
    for title in ("Bilan", "Lettre", "Ordonnance"):
        await give(browser.someone, by=await make_software(), title=title, at=clock.now())
    await browser.page("/accueil")
    assert (await note(browser)).status_code == 303
    before = wire.trips
    assert "Prochain rendez-vous" in await browser.page("/accueil")
    assert wire.trips - before <= 3
    # planted: one question more is seen
    async with seat.seated().connection() as conn:
        await conn.execute("SELECT 1")
    assert wire.trips - before > 3
    space = browser.someone.space
    async with work(space=space, at=clock.now()) as w:
        shown = Filter(acts=("list-documents", "list-agenda", "add-appointment"), actors=("person",))
        acts = [one.act for one in await entries(w, filter_=shown, limit=10)]
    # the latest first: the second visit showed the appointment, the first had none to show
    assert sorted(acts[:2]) == ["list-agenda", "list-documents"]
    assert acts[2] not in {"list-documents", "list-agenda"}
    assert acts.count("list-documents") == 2


async def test_the_first_page_shows_what_is_new_or_else_the_newest_and_names_what_others_did(open_browser, app, wire):
    browser = await open_browser()
    browser.client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE)
    software, at = await make_software(), clock.now()
    titles = [f"Document {number}" for number in "ABCDEFGH"]
    given = [
        await give(browser.someone, by=software, title=title, creation=at - dt.timedelta(days=age), at=at)
        for age, title in enumerate(titles)
    ]
    ids = [receipt.documents[0].document_id for receipt in given]

    async def shown() -> tuple[list[str], list[str]]:
        before = wire.trips
        page = await browser.page("/accueil")
        assert wire.trips - before <= 3
        lists, _, visits = page.partition('class="aside-head"')
        return [one for one in titles if one in lists], [one for one in titles if one in visits]

    await browser.page("/accueil")
    assert await shown() == (titles[:5], titles[5:])
    assert "8 documents vous attendent" in await browser.page("/accueil")
    for document in (ids[0], ids[2]):
        await browser.page(f"/documents/{document}")
    assert await shown() == ([titles[1], *titles[3:7]], titles[5:])
    for document in ids:
        await browser.page(f"/documents/{document}")
    assert (await shown())[0] == titles[:5]
    async with work(space=browser.someone.space, at=clock.now()) as w:
        (last,) = await entries(w, filter_=Filter(acts=("list-documents",), actors=("person",)), limit=1)
    assert list(last.document_ids) == [*ids[:5], *last.document_ids[5:]]
    assert set(last.document_ids[5:]) == set(ids[5:])


MANY = """
INSERT INTO conversation (space_id, conversation_id, opened_at, last_at, head_enc)
SELECT %(space)s, u.id, u.at, u.at, u.head FROM unnest(%(ids)s::uuid[], %(ats)s::timestamptz[], %(heads)s::bytea[])
  AS u(id, at, head)
"""


async def many_conversations(space, number):
    """Conversations of one minute each, as messaging seals them."""
    at, ids = clock.now(), [uuid7() for _ in range(number)]
    async with work(space=space, at=at) as w:
        keys = await keys_in(w)
        heads = [
            seal_head(Head(subject=f"n° {place}", people=(), excerpt=""), conversation=one, keys=keys)
            for place, one in enumerate(ids)
        ]
        ats = [at - dt.timedelta(minutes=place) for place in range(number)]
        await w.execute(MANY, {"space": space, "ids": ids, "ats": ats, "heads": heads})


async def test_a_page_of_the_inbox_reads_and_opens_a_page_wherever_it_begins(open_browser, app, wire, monkeypatch):
    browser = await open_browser()
    browser.client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE)
    await many_conversations(browser.someone.space, 170)
    opened = []
    real = opening.open_head
    monkeypatch.setattr(opening, "open_head", lambda *a, **k: opened.append(1) or real(*a, **k))
    path, seen = "/messages", []
    while path:
        opened.clear()
        before = wire.trips
        page = await browser.page(path)
        assert wire.trips - before <= 5  # session, page, its trace, what waits; one to spare
        assert len(opened) <= 50
        seen += re.findall(r">n° (\d+)<", page)
        following = re.search(r'href="(/messages\?suite=[^"]+)" rel="next"', page)
        path = following and following[1]
    assert seen == [str(place) for place in range(170)]  # every one once, in order, over four pages
