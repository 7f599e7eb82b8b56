"""Unattended work in its own process, to be killed in the middle: `upkeep_process.py HOME URL WORK STOP`.

WORK is "collect", "rotate", "erase" or "export"; STOP says where to hang for ever ("never": run to the
end). Prints "stuck" or "done".
"""

import asyncio
import contextlib
import datetime as dt
import sys
from pathlib import Path

from carnet.design.language import Language
from carnet.infra import installation
from carnet.infra.blobs import LocalBlobs
from carnet.infra.db.database import Database, seat
from carnet.journal.api import seat_statement_key
from carnet.journeys.actions import collect_orphans as collecting
from carnet.journeys.actions import erase_spaces as erasing
from carnet.journeys.actions import export_data as exporting
from carnet.journeys.actions import rotate_keys as rotating
from factories.house import parts_of
from factories.world import OPERATOR


def say(word):
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


async def hang(*_, **__):
    say("stuck")
    await asyncio.Event().wait()


class HangingBlobs(LocalBlobs):
    """Hangs once it removed `stop` blobs."""

    stop = 0

    async def delete(self, blob_id):
        if not self.stop:
            await hang()
        self.stop -= 1
        return await super().delete(blob_id)


def plant(work, stop, blobs):
    if work == "collect" and stop == "before-blobs":
        collecting._remove = hang
    if work == "collect" and stop.startswith("blobs-"):
        blobs.__class__ = HangingBlobs
        blobs.stop = int(stop.removeprefix("blobs-"))
    if work == "collect" and stop == "after-blobs":
        real = collecting._remove

        async def remove(store, ids):
            await real(store, ids)
            await hang()

        collecting._remove = remove
    if work == "rotate" and stop.startswith("batches-"):
        left, real = [int(stop.removeprefix("batches-"))], rotating._rewrap

        async def rewrap(w, rows):
            changed = await real(w, rows)
            if not left[0]:
                await hang()
            left[0] -= 1
            return changed

        rotating._rewrap = rewrap

    if work == "erase":
        real_work = erasing.Work.execute
        where = {"forget": erasing._FORGET, "certify": erasing._CERTIFY}[stop]

        async def execute(w, sql, params=None):
            done = await real_work(w, sql, params)
            if sql == where:
                await hang()
            return done

        erasing.Work.execute = execute


async def erase(home, url, batch, at):
    app = Database(url.replace("carnet_batch", "carnet_app"), min_size=1, max_size=2)
    await app.open()
    seat(app)
    seat_statement_key(home / "statement.key", name="carnet.test/releve")
    listed = erasing.ErasureList(home / "erasures")
    await erasing.carry_out_due(actor=OPERATOR, batch=batch, listed=listed, at=at)


async def journal(*_):
    """Written last: by then the documents are in the draft."""
    await hang()
    yield b""


async def export(url, batch):
    app = Database(url.replace("carnet_batch", "carnet_app"), min_size=1, max_size=2)
    await app.open()
    seat(app)
    languages = (Language(code="fr"), Language(code="en"))
    await exporting.make_exports(
        actor=OPERATOR, batch=batch, languages=languages, journal=journal, at=dt.datetime.now(dt.UTC)
    )


async def main(home, url, work, stop):
    batch = Database(url, min_size=1, max_size=2)
    await batch.open()
    parts = parts_of(home)
    installation.install(parts)
    plant(work, stop, parts.blobs)
    at = dt.datetime.now(dt.UTC) + dt.timedelta(days=3650)
    with contextlib.suppress(asyncio.CancelledError):
        if work == "collect":
            await collecting.collect_orphans(actor=OPERATOR, batch=batch, at=at)
        elif work == "export":
            await export(url, batch)
        elif work == "erase":
            await erase(home, url, batch, dt.datetime(2026, 11, 21, 9, tzinfo=dt.UTC))
        else:
            files = rotating.KeyFiles(index=home / "index.key", house=home / "house.key")
            await rotating.rotate_keys(actor=OPERATOR, batch=batch, files=files, size=3, at=at)
    await batch.close()
    say("done")


asyncio.run(main(Path(sys.argv[1]), *sys.argv[2:]))
