"""What a page costs, counted on the wire: the first page is the session, one question, its trace."""

import httpx
import pytest

from carnet.infra import clock
from carnet.infra.db import database as seat
from carnet.infra.db import work
from carnet.infra.db.database import Database
from carnet.journal.api import Filter, entries
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
