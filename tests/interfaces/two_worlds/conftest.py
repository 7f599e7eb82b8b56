"""A house somebody lives in, its people, and a way to copy it."""

import datetime as dt

import pytest

from carnet.infra import clock
from factories.served import free_port
from factories.two_worlds import Worlds, undisturbed
from interfaces.two_worlds.cast import AT, populate


@pytest.fixture(scope="package")
async def lived(new_database, postgres, tmp_path_factory):
    """(worlds, cast): the house to copy and who lives in it; the clock stands still."""
    worlds = Worlds(
        home=tmp_path_factory.mktemp("worlds"), url=new_database(), postgres=postgres, smtp_port=free_port()
    )
    with undisturbed(), clock.frozen(AT) as standing:
        async with worlds.base():
            cast = await populate(worlds)
        standing.advance(dt.timedelta(minutes=5))
        yield worlds, cast
