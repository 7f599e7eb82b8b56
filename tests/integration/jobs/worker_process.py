"""A worker in its own process, to be killed: `worker_process.py HOME URL MODE`.

MODE "stuck-inside": stops for ever inside the transaction that writes; "stuck-after": right after it committed;
"well": works. Prints "ready" and, when it is stuck, "stuck".
"""

import asyncio
import sys
from pathlib import Path

from carnet.infra import installation
from carnet.infra.db import database as database_seat
from carnet.infra.db.database import Database
from carnet.infra.jobs.worker import Pace, run_worker
from carnet.notifications.actions import add_notification as action
from factories.events import table
from factories.house import parts_of


def say(word):
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


async def stuck(*_, **__):
    say("stuck")
    await asyncio.Event().wait()


async def main(home, url, mode):
    database = Database(url, min_size=1, max_size=4)
    await database.open()
    database_seat.seat(database)
    installation.install(parts_of(home))
    handlers = table()
    if mode == "stuck-inside":
        real = action._insert

        async def insert(w, news, settings):
            await real(w, news, settings)
            await stuck()

        action._insert = insert
    if mode == "stuck-after":

        async def then_stuck(event, /, *, at):
            await stuck()

        handlers = {event: (*heard, then_stuck) for event, heard in handlers.items()}
    pace = Pace(poll=0.2, heartbeat=0.3, stalled_after=1.5, rescue="* * * * * */1")
    say("ready")
    await run_worker(url, handlers=handlers, pace=pace, stop=asyncio.Event())


asyncio.run(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
