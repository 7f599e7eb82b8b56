"""The database as the batch role sees it, and unattended work in a process that can be killed."""

import asyncio
import contextlib
import os
import sys
from pathlib import Path

import pytest

from carnet.infra.db.database import Database

PROCESS = Path(__file__).with_name("upkeep_process.py")


@pytest.fixture(scope="session")
async def batch(house):
    database = Database(house.url("carnet_batch"), min_size=1, max_size=4, application="carnet-batch")
    await database.open()
    yield database
    await database.close()


@pytest.fixture
def upkeep(house):
    """Run `work` until it hangs at `stop` (then it is killed with SIGKILL) or ends."""

    async def run(work, *, stop="never"):
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-W",
            "ignore",
            str(PROCESS),
            str(house.home),
            house.url("carnet_batch"),
            work,
            stop,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": "src:tests"},
        )
        try:
            word = (await asyncio.wait_for(child.stdout.readline(), 30)).decode().strip()
        finally:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()
        return word

    return run
