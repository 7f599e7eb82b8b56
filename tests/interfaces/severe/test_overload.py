"""More than it can do: a quick 503 that says when to come back, no pile-up, and service at once when the wave is over.

The database is made slow the way it becomes slow in life: somebody holds a lock. Threats T55.
"""

import asyncio
import contextlib
import time

import httpx
import psycopg
import pytest

from carnet.infra.db.database import Database
from carnet.kernel.errors import Unavailable
from factories.served import bearer, serve
from factories.town import carers, settle

POOL = 2
FLOOD = 80
PATIENCE = 8.0
"""Seconds: a lock is waited for 3, a connection 2; what takes longer piles up."""


@pytest.fixture(scope="module")
async def small(new_database, simulator, tmp_path_factory):
    """A house with very few database connections."""
    url = new_database()
    with serve(url, tmp_path_factory.mktemp("small"), CARNET_POOL_SIZE=str(POOL), **carers(simulator)) as served:
        yield await settle(served, simulator, url)


@contextlib.contextmanager
def documents_locked(town):
    """Hold every document, so that whoever reads one waits in the database."""
    with psycopg.connect(town.url("postgres")) as conn:
        conn.execute("LOCK TABLE carnet.document IN ACCESS EXCLUSIVE MODE")
        yield
        conn.rollback()


async def read(client, town, document):
    """Return (status, seconds, headers) of one read."""
    began = time.monotonic()
    address = f"{town.served.fhir}/Binary/{document}"
    answer = await client.get(address, headers=bearer(town.reader) | {"Accept": "*/*"})
    return answer.status_code, time.monotonic() - began, answer.headers


async def flood(town, document):
    """Ask FLOOD times at once while the database does not move.

    Return the answers, how many had none when PATIENCE was over, whether /healthz answered meanwhile, and a read after.
    """
    async with httpx.AsyncClient(timeout=60, limits=httpx.Limits(max_connections=FLOOD + 2)) as client:
        with documents_locked(town):
            asking = [asyncio.create_task(read(client, town, document)) for _ in range(FLOOD)]
            healthy = (await client.get(f"{town.served.base_url}/healthz", timeout=5)).status_code == 200
            _, unanswered = await asyncio.wait(asking, timeout=PATIENCE)
        answers = await asyncio.gather(*asking)
        status, seconds, _ = await read(client, town, document)
    return answers, len(unanswered), healthy, (status, seconds)


async def test_a_flood_gets_503_quickly_and_the_service_is_back_at_once(small):
    (document,) = await small.documents([b"tres demande"])
    answers, unanswered, healthy, after = await flood(small, document)
    assert unanswered == 0
    assert {status for status, _, _ in answers} == {503}
    assert all(int(headers["retry-after"]) >= 1 for _, _, headers in answers)
    assert healthy
    assert after[0] == 200
    assert after[1] < 3


async def test_one_reader_behind_a_lock_is_told_so_within_the_lock_timeout(small):
    (document,) = await small.documents([b"verrouille"])
    async with httpx.AsyncClient(timeout=60) as client:
        with documents_locked(small):
            status, seconds, headers = await read(client, small, document)
    assert (status, headers["retry-after"].isdigit()) == (503, True)
    assert 2 < seconds < 8


@contextlib.asynccontextmanager
async def limited(url, **limits):
    """The product's own pool, with its own limits unless others are given."""
    database = Database(url, min_size=1, max_size=1, **limits)
    await database.open()
    try:
        yield database
    finally:
        await database.close()


async def test_no_statement_and_no_forgotten_transaction_holds_a_connection_for_long(small):
    async with limited(small.url("carnet_app")) as database, database.connection() as conn:
        names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
        found = {name: (await (await conn.execute(f"SHOW {name}")).fetchone())[0] for name in names}
    assert found == {"statement_timeout": "10s", "lock_timeout": "3s", "idle_in_transaction_session_timeout": "30s"}
    async with limited(small.url("carnet_app"), statement_timeout=200) as database:
        began = time.monotonic()
        with pytest.raises(Unavailable):
            async with database.connection() as conn:
                await conn.execute("SELECT pg_sleep(30)")
        assert time.monotonic() - began < 5


async def test_the_check_sees_a_pool_whose_queue_has_no_end(new_database, simulator, tmp_path):
    url = new_database()
    with serve(url, tmp_path, fault="patient_pool", CARNET_POOL_SIZE=str(POOL), **carers(simulator)) as served:
        town = await settle(served, simulator, url)
        (document,) = await town.documents([b"tres demande"])
        _, unanswered, *_ = await flood(town, document)
    assert unanswered
