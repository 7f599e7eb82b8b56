"""A house whose key file is gone refuses to start, instead of making new keys beside unreadable spaces."""

import pytest

from carnet.config.connect import KeysMissingError, connected
from carnet.config.settings import read_settings
from carnet.infra import installation
from carnet.infra.db import database as database_seat
from factories.served import environment
from factories.world import make_person


@pytest.mark.parametrize("lost", ["index.key", "house.key", "kek.json"])
async def test_a_lost_key_file_stops_the_start(new_database, tmp_path, lost):
    kept_database, kept_parts = list(database_seat._seated), list(installation._installed)
    settings = read_settings(environment(new_database(), tmp_path, port=8000))
    try:
        async with connected(settings):
            await make_person()
        (tmp_path / "keys" / lost).rename(tmp_path / "elsewhere")
        with pytest.raises(KeysMissingError, match=lost):
            async with connected(settings):
                pass
        (tmp_path / "elsewhere").rename(tmp_path / "keys" / lost)
        async with connected(settings):
            pass
    finally:
        database_seat._seated[:] = kept_database
        installation._installed[:] = kept_parts
