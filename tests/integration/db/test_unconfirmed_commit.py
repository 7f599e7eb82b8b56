"""A commit the stand-by did not confirm is never acknowledged."""

import asyncio
import datetime as dt
import shutil
import tempfile
from pathlib import Path

import psycopg
import pytest

from carnet.infra.db.database import Database
from carnet.infra.db.embedded import EmbeddedServer
from carnet.infra.db.migrate import migrate
from carnet.infra.db.work import Statement, rows_in_one_trip, work
from carnet.kernel.errors import Unavailable

AT = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
INTENT = "INSERT INTO deposit_intent (blob_id, noted_at) VALUES (gen_random_uuid(), now())"


@pytest.fixture
async def waiting_for_a_ghost():
    """A database whose synchronous stand-by does not exist: every COMMIT waits until somebody cancels it."""
    folder = Path(tempfile.mkdtemp(prefix="carnet-ghost-", dir="/tmp"))
    folder.chmod(0o755)  # noqa: ASYNC240 - before anything runs
    server = EmbeddedServer(folder / "pg")
    server.ensure_database()
    migrate(server.url(role="carnet_owner"))
    database = Database(server.url(role="carnet_app"), min_size=1, max_size=2)
    await database.open()
    with psycopg.connect(server.superuser_url, autocommit=True) as conn:
        conn.execute("ALTER SYSTEM SET synchronous_standby_names = 'ghost'")
        conn.execute("SELECT pg_reload_conf()")
    await until_told(database)
    yield database, server.superuser_url
    await database.close()
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


async def until_told(database):
    """A reload reaches each server process when that process has time."""
    for _ in range(200):
        async with database.connection() as conn:
            cursor = await conn.execute("SHOW synchronous_standby_names")
            if await cursor.fetchone() == ("ghost",):
                return
        await asyncio.sleep(0.05)
    raise AssertionError("the server was not told")


async def cancel_the_wait(superuser_url):
    async with await psycopg.AsyncConnection.connect(superuser_url, autocommit=True) as conn:
        for _ in range(200):
            cursor = await conn.execute(
                "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
            )
            if await cursor.fetchone():
                return
            await asyncio.sleep(0.05)
    raise AssertionError("no commit waited for the stand-by")


async def test_no_acknowledgement_without_the_stand_by(waiting_for_a_ghost):
    database, superuser_url = waiting_for_a_ghost

    async def in_one_trip():
        await rows_in_one_trip([Statement(INTENT)], space=None, database_=database)

    async def in_a_block():
        async with work(space=None, at=AT, database_=database) as w:
            await w.execute(INTENT)

    for write in (in_one_trip, in_a_block):
        canceller = asyncio.create_task(cancel_the_wait(superuser_url))
        with pytest.raises(Unavailable) as refused:
            await write()
        assert refused.value.problems[0].code == "not-replicated"
        await canceller
