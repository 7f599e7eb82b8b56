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


async def test_the_first_page_takes_three_trips_and_leaves_one_trace(open_browser, app, wire):
    browser = await open_browser()
    # in this very loop, where the wire lives
    browser.client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE)
    for title in ("Bilan", "Lettre", "Ordonnance"):
        await give(browser.someone, by=await make_software(), title=title, at=clock.now())
    await browser.page("/accueil")
    before = wire.trips
    await browser.page("/accueil")
    assert wire.trips - before <= 3
    # planted: one question more is seen
    async with seat.seated().connection() as conn:
        await conn.execute("SELECT 1")
    assert wire.trips - before > 3
    space = browser.someone.space
    async with work(space=space, at=clock.now()) as w:
        lists = await entries(w, filter_=Filter(acts=("list-documents",), actors=("person",)), limit=10)
    assert len(lists) == 2


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
