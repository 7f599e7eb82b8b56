"""The FHIR door in process, on a real house, at a standing clock."""

import pytest

from carnet.infra import clock
from factories.fhir import fhir_client
from factories.world import AT


@pytest.fixture
def standing_clock():
    with clock.frozen(AT) as standing:
        yield standing


@pytest.fixture
async def client(house, standing_clock):
    async with fhir_client() as http:
        yield http
