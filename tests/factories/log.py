"""A whole log for tests: signer and witnesses with their own memories, a sequencer on the test's database, monitors."""

import asyncio
import contextlib
import shutil
import tempfile
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import psycopg

from carnet.infra import clock
from carnet.infra.db.database import Database
from carnet.journal.api import Act, Trace, record_durably
from carnet.journal.log.alarms import Alarms
from carnet.journal.log.monitor import Monitor, Trusted
from carnet.journal.log.parties import SignerLine, WitnessAt
from carnet.journal.log.reading import FolderLog
from carnet.journal.log.sequencer import BATCH, Place, Sequencer, sequencer_of
from carnet.journal.log.signer import Signer, serve_socket
from carnet.journal.log.view import seat_log
from carnet.journal.log.witness import Witness, witness_server
from carnet.journal.receipts import ReceiptBook, seat_receipts
from carnet.journal.rules.notes import VerifierKey
from carnet.kernel.decisions import Ground, allow

ORIGIN = "tests.carnet.example/journal"


class Log(msgspec.Struct, kw_only=True):
    """What a test may reach of one log."""

    home: Path
    place: Place
    sequencer: Sequencer
    signer: Signer
    key: VerifierKey
    witnesses: list[Witness]

    @property
    def trusted(self) -> Trusted:
        return Trusted(log=self.key, witnesses=tuple(one.public for one in self.witnesses), quorum=self.place.quorum)

    def monitor(self, name: str = "monitor", *, receipts: bool = True, folder: Path | None = None) -> Monitor:
        """A monitor with a state of its own."""
        return Monitor(
            source=FolderLog(folder or self.place.public),
            trusted=self.trusted,
            state=self.home / name,
            alarms=Alarms(None, by=name),
            receipts=self.home / "receipts" if receipts else None,
        )

    def rung(self) -> list[tuple[str, str]]:
        """Kinds and places of the sequencer's alarms."""
        return [(alarm.kind, alarm.where) for alarm in self.sequencer.alarms.raised]


async def line_to(path: Path) -> SignerLine:
    """A line to the signer at `path`, once it listens there: the file is there a little earlier."""
    deadline = time.monotonic() + 10
    while True:
        try:
            return await SignerLine.to_socket(path)
        except OSError:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.01)


async def seal_all(log: Log) -> None:
    """Seal and publish what waits, however much tests before this one left on the same database."""
    while await log.sequencer.round() >= BATCH:
        continue


@contextlib.asynccontextmanager
async def running_log(url, *, home: Path, witnesses: int = 2, origin: str = ORIGIN) -> AsyncIterator[Log]:
    """A log on the database at `url` (role -> address). Receipts of this process are noted for its monitor."""
    short = Path(tempfile.mkdtemp(prefix="cl-", dir="/tmp"))
    signer = Signer.of(home / "signer", origin)
    threading.Thread(target=serve_socket, args=(signer, short / "s"), daemon=True).start()
    line = await line_to(short / "s")
    key = (await line.state())[0]
    people, at, servers = [], [], []
    for number in range(1, witnesses + 1):
        witness = Witness.of(home / f"witness-{number}", name=f"witness{number}.example", logs=[key])
        server = witness_server(witness, host="127.0.0.1", port=0)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        people.append(witness)
        servers.append(server)
        at.append(WitnessAt(witness.public, f"http://127.0.0.1:{server.server_address[1]}"))
    place = Place(origin=origin, public=home / "log", private=home / "private", witnesses=tuple(at), quorum=witnesses)
    database = Database(url("carnet_sequencer"), min_size=1, max_size=2)
    await database.open()
    seat_receipts(ReceiptBook(home / "receipts"))
    seat_log(place.public, quorum=place.quorum)
    try:
        async with sequencer_of(place, database=database, signer=line) as sequencer:
            yield Log(home=home, place=place, sequencer=sequencer, signer=signer, key=key, witnesses=people)
    finally:
        seat_log(None)
        seat_receipts(None)
        await database.close()
        await line.close()
        for server in servers:
            server.shutdown()
            server.server_close()
        shutil.rmtree(short, ignore_errors=True)


async def act(person, *, act=Act.VIEW_JOURNAL, **details):
    """Leave one trace in a person's journal, as a read does."""
    await record_durably(
        Trace(
            act=act,
            actor=person.actor,
            decision=allow(Ground.OWN_SPACE),
            at=clock.now(),
            space=person.space,
            details=details,
        )
    )


def rows(house, sql, *params):
    with psycopg.connect(house.url("postgres"), autocommit=True) as connection:
        return connection.execute(sql, params).fetchall()
