"""Batch work steps aside for people: where both want the same processor, people go first.

Niceness spares nothing while nobody asks: the batch keeps the whole machine, and gives it up within milliseconds. It
reaches what runs here: our own processes, and the database's when they run on this machine under a user that may be
asked (make run, a small installation). Elsewhere it changes nothing: units of a system manager weigh there
(docs/operations.md). Between two steps a batch rests wherever it runs: what waited for the same disk, the same locks or
the same processor goes then.
"""

import asyncio
import contextlib
import os
from typing import Final

import psutil
import psycopg

NICE: Final = 15
"""A fifteenth of the weight of whoever serves people (Linux: a factor of 1.25 a step)."""
REST: Final = 0.3
"""How long a batch rests after a step, as a share of what the step took."""
_HERE: Final = ("/", "localhost", "127.", "::1")


async def rest_after(seconds: float) -> None:
    """Leave the machine to others for a share of what a step took: a slow step is one that others wait behind."""
    await asyncio.sleep(seconds * REST)


def step_aside() -> None:
    """Let everybody else on this machine go before this process and what it starts."""
    _lower(os.getpid())


def step_aside_behind(connection: psycopg.AsyncConnection[object]) -> None:
    """The same for the process of the database behind a connection, when it runs here and is ours to ask."""
    info = connection.info
    if not info.host.startswith(_HERE):
        return
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(info.backend_pid)
        # a number names another process in another place (a tunnel, a container): only the database's own is touched
        if process.name().startswith("postgres") and info.user in " ".join(process.cmdline()):
            _lower(info.backend_pid)


def _lower(pid: int) -> None:
    with contextlib.suppress(OSError):
        if os.getpriority(os.PRIO_PROCESS, pid) < NICE:
            os.setpriority(os.PRIO_PROCESS, pid, NICE)
