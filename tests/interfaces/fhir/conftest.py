"""The FHIR door in process, on a real house, at a standing clock."""

import pytest

from carnet.infra import clock
from factories.fhir import fhir_app, fhir_client
from factories.world import AT


@pytest.fixture
def standing_clock():
    with clock.frozen(AT) as standing:
        yield standing


@pytest.fixture(scope="session")
def door():
    """The application, made once: it takes a tenth of a second."""
    return fhir_app()


@pytest.fixture
async def client(house, standing_clock, door):
    async with fhir_client(door) as http:
        yield http
