"""A house whose key file is gone refuses to start, instead of making new keys beside unreadable spaces."""

import pytest

from carnet.config.connect import KeysMissingError, connected
from carnet.config.operator import batch_database
from carnet.config.settings import read_settings
from carnet.infra import installation
from carnet.infra.db import database as database_seat
from carnet.spaces.api import Source, import_beneficiaries
from factories.beneficiaries import beneficiary_file
from factories.served import environment
from factories.world import AT, OPERATOR, make_person


async def _a_space(settings, tmp_path):
    await make_person()


async def _a_campaign(settings, tmp_path):
    """Nobody's space is open yet, and everybody is sealed with the house key."""
    async with batch_database(settings) as batch:
        path = beneficiary_file(tmp_path / "b.csv", range(3))
        source = Source(path=path, rejects=tmp_path / "r.csv")
        await import_beneficiaries(actor=OPERATOR, batch=batch, source=source, at=AT)


@pytest.mark.parametrize("lost", ["index.key", "house.key", "kek.json"])
@pytest.mark.parametrize("inhabit", [_a_space, _a_campaign], ids=["space", "campaign"])
async def test_a_lost_key_file_stops_the_start(new_database, tmp_path, lost, inhabit):
    kept_database, kept_parts = list(database_seat._seated), list(installation._installed)
    settings = read_settings(environment(new_database(), tmp_path, port=8000))
    try:
        async with connected(settings):
            await inhabit(settings, tmp_path)
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
