"""One log for the folder, on the folder's database."""

import pytest

from factories.log import running_log, seal_all


@pytest.fixture(scope="session")
async def log(house, tmp_path_factory):
    """A running log; `await log.sequencer.round()` seals and publishes what waits."""
    home = tmp_path_factory.mktemp("journal")
    async with running_log(house.url, home=home, origin="sealing.example/journal") as running:
        await seal_all(running)
        yield running
