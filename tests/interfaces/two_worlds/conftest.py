"""A house somebody lives in, its people, and a way to copy it."""

import datetime as dt

import pytest

from carnet.infra import clock
from factories.served import free_port
from factories.two_worlds import Worlds, undisturbed
from interfaces.two_worlds.cast import AT, populate


@pytest.fixture(scope="session")
async def populated(new_database, postgres, tmp_path_factory):
    """(worlds, cast): the house to copy and who lives in it."""
    worlds = Worlds(
        home=tmp_path_factory.mktemp("worlds"), url=new_database(), postgres=postgres, smtp_port=free_port()
    )
    with undisturbed(), clock.frozen(AT):
        async with worlds.base():
            return worlds, await populate(worlds)


@pytest.fixture
def lived(populated):
    """The same, while a test looks: the clock stands still five minutes later, other houses come back after it."""
    with undisturbed(), clock.frozen(AT + dt.timedelta(minutes=5)):
        yield populated
