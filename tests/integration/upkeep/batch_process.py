"""A batch in its own process, to be killed in the middle: `batch_process.py HOME APP_URL BATCH_URL FOLDER AT NAME`."""

import asyncio
import datetime as dt
import sys
from pathlib import Path

from carnet.infra import installation
from carnet.infra.db.database import Database, seat
from carnet.journal.api import seat_statement_key
from factories.batches import BATCHES, World
from factories.house import parts_of


async def main(home, app_url, batch_url, folder, at, name):
    installation.install(parts_of(Path(home)))
    app, batch = Database(app_url, min_size=1, max_size=3), Database(batch_url, min_size=1, max_size=4)
    await app.open()
    await batch.open()
    seat(app)
    seat_statement_key(Path(home) / "statement.key", name="carnet.test/releve")
    await BATCHES[name].run(World(batch, Path(folder), dt.datetime.fromisoformat(at)))


asyncio.run(main(*sys.argv[1:]))
