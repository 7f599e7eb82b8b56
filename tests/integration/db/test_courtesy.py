"""Batch work goes after people: its process of the database is the one that steps aside, and nothing else does."""

import os
import subprocess
import sys
from types import SimpleNamespace

import psutil
import pytest

from carnet.infra import courtesy
from carnet.infra.db import Database


@pytest.mark.parametrize("aside", [True, False])
async def test_the_process_behind_a_batch_steps_aside(house, aside):
    database = Database(house.url("carnet_batch"), min_size=1, max_size=1, aside=aside)
    await database.open()
    try:
        async with database.connection() as conn:
            behind = psutil.Process(conn.info.backend_pid)
            usual = psutil.Process(behind.ppid()).nice()
            if os.geteuid() not in {0, behind.uids().real}:
                pytest.skip("the database runs as somebody else here: it is not ours to ask")
            assert behind.nice() == (max(courtesy.NICE, usual) if aside else usual)
    finally:
        await database.close()


def test_another_process_of_the_same_number_is_left_alone():
    """A number that comes through a tunnel may be anybody's here."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        before = psutil.Process(other.pid).nice()
        info = SimpleNamespace(host="127.0.0.1", backend_pid=other.pid, user="carnet_batch")
        courtesy.step_aside_behind(SimpleNamespace(info=info))
        assert psutil.Process(other.pid).nice() == before
        other.communicate(b"\n")
