"""One town for the tests that leave it standing; those that break a house bring their own."""

import pytest

from factories.served import serve
from factories.simulator import simulator
from factories.town import carers, settle


@pytest.fixture(scope="session")
async def town(new_database, simulator, tmp_path_factory):
    url = new_database()
    with serve(url, tmp_path_factory.mktemp("town"), **carers(simulator)) as served:
        yield await settle(served, simulator, url)
