"""The database as the batch role sees it, and unattended work in a process that can be killed."""

import asyncio
import os
import time
from pathlib import Path

import pytest

from carnet.infra.db.database import Database
from factories.forked import Forked

PROCESS = Path(__file__).with_name("upkeep_process.py")


@pytest.fixture(scope="session")
async def batch(house):
    database = Database(house.url("carnet_batch"), min_size=1, max_size=4, application="carnet-batch")
    await database.open()
    yield database
    await database.close()


@pytest.fixture
def upkeep(house, tmp_path_factory):
    """Run `work` until it hangs at `stop` (then it is killed with SIGKILL) or ends; return its last word."""

    async def run(work, *, stop="never"):
        log = tmp_path_factory.mktemp("upkeep") / "said.log"
        command = [str(house.home), house.url("carnet_batch"), work, stop]
        child, deadline = Forked(command, dict(os.environ), log, script=PROCESS), time.monotonic() + 60
        while child.poll() is None and last_word(log) not in {"stuck", "done"}:
            assert time.monotonic() < deadline, "it says nothing"
            await asyncio.sleep(0.01)
        child.kill()
        return last_word(log)

    return run


def last_word(log):
    """What a process said last, "" when it said nothing yet."""
    words = log.read_text().split() if log.exists() else []
    return words[-1] if words else ""
