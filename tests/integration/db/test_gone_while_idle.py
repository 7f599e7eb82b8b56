"""A connection whose server went away while nobody used it costs nobody an answer."""

import asyncio

import psycopg
import pytest

from carnet.infra.db import database as module
from carnet.infra.db.database import Database
from carnet.kernel.errors import Unavailable

APPLICATION = "gone-while-idle"
CONNECTIONS = 4
WHICH = "SELECT pid FROM pg_stat_activity WHERE application_name = %s"


async def answers_after_the_server_went(house):
    """End every idle connection of a pool as a crash does; return how many of the next questions had no answer."""
    pool = Database(
        house.url("carnet_app"), min_size=CONNECTIONS, max_size=CONNECTIONS, application=APPLICATION, wait_seconds=20
    )
    await pool.open()
    with psycopg.connect(house.superuser_url, autocommit=True) as root:
        root.execute(f"SELECT pg_terminate_backend(pid, 20000) FROM ({WHICH}) AS every", (APPLICATION,))
    unanswered = 0
    for _ in range(CONNECTIONS):
        try:
            await pool.check()
        except Unavailable:
            unanswered += 1
        await asyncio.sleep(0)
    await pool.close()
    return unanswered


async def test_nobody_meets_a_connection_that_died_idle(house):
    assert await answers_after_the_server_went(house) == 0


@pytest.mark.parametrize("fault", ["whatever comes back is lent"])
async def test_the_check_sees_what_is_lent_unseen(house, monkeypatch, fault):
    monkeypatch.setattr(module, "_is_quiet", lambda _: True)
    assert await answers_after_the_server_went(house) > 0, fault
