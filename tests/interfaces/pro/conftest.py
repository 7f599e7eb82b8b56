import datetime as dt

import pytest

from carnet.infra import clock
from carnet.infra.db import work
from carnet.journal.api import Filter, entries
from factories.at_work import Screen, make_app
from factories.world import make_person, make_professional

NOW = dt.datetime(2026, 11, 21, 10, 0, tzinfo=dt.UTC)


@pytest.fixture
def app(house):
    """A door of its own for each test: failed searches are counted by the door."""
    return make_app()


@pytest.fixture
def at_ten():
    with clock.frozen(NOW) as standing:
        yield standing


@pytest.fixture
async def person(house):
    return await make_person()


@pytest.fixture
async def doctor(app, at_ten):
    screen = await Screen.of(app, await make_professional())
    yield screen
    await screen.close()


@pytest.fixture
async def colleague(app, at_ten):
    screen = await Screen.of(app, await make_professional())
    yield screen
    await screen.close()


@pytest.fixture
def journal(at_ten):
    """A function that returns (act, outcome, actor) of everything written in a person's journal, oldest first."""

    async def read(someone):
        async with work(space=someone.space, at=NOW) as w:
            found = await entries(w, filter_=Filter(with_refusals=True), limit=100)
        return [(entry.act, entry.outcome, entry.actor_id) for entry in sorted(found, key=lambda one: one.seq)]

    return read
