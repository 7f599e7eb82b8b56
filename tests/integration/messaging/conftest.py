"""Real mail servers, started once for the tests that need them."""

import pytest

from carnet.infra.db.database import Database
from factories.operator_mail import running_operator


@pytest.fixture(scope="session")
async def operator_servers():
    async with running_operator() as one:
        yield one


@pytest.fixture
def operator(operator_servers):
    """The operator with empty mailboxes."""
    operator_servers.empty_mailboxes()
    return operator_servers


@pytest.fixture
async def batch(house):
    """The database as upkeep sees it."""
    database = Database(house.url("carnet_batch"), min_size=1, max_size=1)
    await database.open()
    yield database
    await database.close()
