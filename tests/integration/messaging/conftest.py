"""Real mail servers, started once for the tests that need them."""

import pytest

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
