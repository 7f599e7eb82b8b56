import datetime as dt

import pytest

from carnet.infra import clock
from factories.at_work import Screen, make_app
from factories.world import make_person, make_professional

NOW = dt.datetime(2026, 11, 21, 10, 0, tzinfo=dt.UTC)


@pytest.fixture(scope="session")
def app(house):
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
