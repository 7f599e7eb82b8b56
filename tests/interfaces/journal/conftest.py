"""The portal with a running log beside it: what people take away can be proved."""

import pytest

from factories.log import running_log, seal_all
from interfaces.portal.conftest import app, client, open_browser


@pytest.fixture(scope="session")
async def log(house, tmp_path_factory):
    """A running log; `await log.sequencer.round()` seals and publishes what waits."""
    home = tmp_path_factory.mktemp("journal")
    async with running_log(house.url, home=home, origin="taking.example/journal") as running:
        await seal_all(running)
        yield running
