"""From act to witnessed checkpoint, at a steady rate; and what an entry costs the database, before and after sealing.

    python -m bench.journal_rate [--rate 200] [--seconds 30] [--write]

A throw-away PostgreSQL, a sequencer, a signer and two witnesses in processes of their own; acts are committed through
the same group commit the read path uses. Latency is measured by following the published log, commitment by commitment.
"""

import argparse
import asyncio
import contextlib
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import msgspec
import psycopg

from bench.one_line import keep
from carnet.config.journal_log import log_folder, prepare_sandbox_log, witness_folder, witness_port
from carnet.config.settings import read_settings
from carnet.infra import clock
from carnet.infra.db import database as seat
from carnet.infra.db.database import Database
from carnet.infra.db.embedded import EmbeddedServer
from carnet.infra.db.migrate import migrate
from carnet.journal.api import Act, ReceiptBook, Trace, record_durably, seat_receipts, to_row
from carnet.journal.log.tiles import WIDTH, TileStore, split_bundle
from carnet.journal.receipts import RECORD, read_receipts
from carnet.journal.rules.leaves import commitment_in
from carnet.journal.rules.notes import Note
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Ground, allow
from carnet.kernel.ids import SpaceId

SPACES = 500
MIGRATIONS = Path(__file__).parents[1] / "src/carnet/infra/db/migrations"


class House:
    """PostgreSQL and the log's processes, in a folder thrown away."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="carnet-rate-", dir="/tmp"))
        self.home.chmod(0o755)
        self.server = EmbeddedServer(self.home / "pg")
        self.server.ensure_database()
        migrate(self.server.url(role="carnet_owner"))
        self.environment = dict(os.environ) | {
            "CARNET_HOME": str(self.home),
            "CARNET_PORT": str(25_000 + secrets.randbelow(5_000)),
            "CARNET_DATABASE_URL": self.server.url(role="carnet_app"),
            "CARNET_DATABASE_OWNER_URL": self.server.url(role="carnet_owner"),
            "CARNET_DATABASE_BATCH_URL": self.server.url(role="carnet_batch"),
            "CARNET_DATABASE_SEQUENCER_URL": self.server.url(role="carnet_sequencer"),
        }
        self.settings = read_settings(self.environment)
        self.children: list[subprocess.Popen[bytes]] = []

    def start_log(self) -> None:
        key, named = prepare_sandbox_log(self.settings)
        self.environment |= named
        for number in (1, 2):
            folder, port = witness_folder(self.settings, number), witness_port(self.settings, number)
            where = ["--folder", str(folder), "--port", str(port), "--name", f"witness-{number}.invalid", "--log", key]
            self._start("witness", *where)
        self._start("sequencer")

    def wait_for_log(self) -> None:
        """Return once the sequencer has begun: its start is not what is measured."""
        while not (log_folder(self.settings) / "keys").exists():
            time.sleep(0.1)

    def _start(self, *command: str) -> None:
        self.children.append(subprocess.Popen([sys.executable, "-m", "carnet", *command], env=self.environment))

    def end_log(self) -> None:
        while self.children:
            child = self.children.pop()
            child.terminate()
            child.wait(20)

    def stop(self) -> None:
        self.end_log()
        self.server.stop()
        shutil.rmtree(self.home, ignore_errors=True)


def trace(spaces: list[SpaceId], number: int) -> Trace:
    actor = Actor(
        kind=ActorKind.PROFESSIONAL, identifier="10000000001", name="Dr Claire Marchand", profession="10", strong=True
    )
    return Trace(
        act=Act.READ_DOCUMENT,
        actor=actor,
        decision=allow(Ground.AUTHORISED_PROFESSIONAL),
        at=clock.now(),
        space=spaces[number % len(spaces)],
        documents=(uuid.uuid4(),),
    )


async def follow(folder: Path, seen: dict[bytes, float], stop: asyncio.Event) -> None:
    """Note when each commitment is first under a published (so witnessed) checkpoint."""
    store, done = TileStore(folder), 0
    while not stop.is_set():
        text = store.checkpoint()
        size = Note.parse(text).checkpoint().size if text else 0
        if size > done:
            now = time.time()
            for number in range(done // WIDTH, (size - 1) // WIDTH + 1):
                bundle = split_bundle(store.read("entries", number))
                for leaf in bundle[max(done - number * WIDTH, 0) : size - number * WIDTH]:
                    seen[commitment_in(leaf)] = now
            done = size
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), 0.05)


async def measure(house: House, *, rate: int, seconds: int, write: bool) -> None:
    database = Database(house.server.url(role="carnet_app"), min_size=2, max_size=8)
    await database.open()
    seat.seat(database)
    book = house.home / "journal" / "receipts"
    seat_receipts(ReceiptBook(book))
    spaces = [SpaceId(uuid.uuid4()) for _ in range(SPACES)]
    seen: dict[bytes, float] = {}
    stop = asyncio.Event()
    following = asyncio.create_task(follow(log_folder(house.settings), seen, stop))
    begun, tasks = time.monotonic(), []
    for number in range(rate * seconds):
        await asyncio.sleep(max(begun + number / rate - time.monotonic(), 0))
        tasks.append(asyncio.create_task(record_durably(trace(spaces, number))))
    await asyncio.gather(*tasks)
    committed = time.monotonic() - begun
    data = b"".join(path.read_bytes() for path in book.glob("*-*"))
    receipts = {one: at / 1000 for at, one in read_receipts(data)}
    assert len(receipts) == rate * seconds == len(data) // RECORD
    deadline = time.monotonic() + 30
    while len(seen) < len(receipts) and time.monotonic() < deadline:  # noqa: ASYNC110 - the log is files, nothing to await
        await asyncio.sleep(0.1)
    stop.set()
    await following
    waits = sorted(seen[one] - at for one, at in receipts.items() if one in seen)
    print(f"{len(receipts)} acts in {committed:.1f} s ({len(receipts) / committed:.0f}/s), {len(waits)} witnessed")
    points = ", ".join(f"p{p}: {waits[min(len(waits) * p // 100, len(waits) - 1)]:.2f} s" for p in (50, 95, 99))
    print(f"act to witnessed checkpoint  {points}, most: {waits[-1]:.2f} s")
    if write:
        reached = f"{len(receipts) / committed:.0f} acts/s for {seconds} s"
        keep("journal rate", f"From act to witnessed checkpoint at {reached}: {points}; p99 under 5 s asked for")
    seat_receipts(None)
    await database.close()


def cost(house: House, *, entries: int = 6_000, batch: int = 20) -> None:
    """Processor time of one backend for journal_append as it was before sealing and as it is, interleaved."""
    before = (MIGRATIONS / "0005.journal-append.sql").read_text()
    old = before[before.index("CREATE FUNCTION journal_append") : before.index("GRANT CREATE ON SCHEMA")]
    with psycopg.connect(house.server.superuser_url.replace("/postgres?", "/carnet?"), autocommit=True) as connection:
        connection.execute("SET search_path = carnet")
        connection.execute(old.replace("journal_append(", "journal_append_before("))  # type: ignore[arg-type]
        pid = connection.info.backend_pid
        spaces = [SpaceId(uuid.uuid4()) for _ in range(SPACES)]
        spent = {"journal_append_before": 0.0, "journal_append": 0.0}
        for number in range(0, entries, batch):
            for name in spent:
                rows = msgspec.json.encode([to_row(trace(spaces, number + one)) for one in range(batch)]).decode()
                was = cpu(pid)
                connection.execute(f"SELECT count(*) FROM {name}(%s::jsonb)", (rows,), prepare=True)  # type: ignore[arg-type]
                spent[name] += cpu(pid) - was
    per = {name: seconds / entries * 1e6 for name, seconds in spent.items()}
    for name, microseconds in per.items():
        print(f"{name:<24} {microseconds:.1f} µs of database processor an entry (batches of {batch})")


def cpu(pid: int) -> float:
    """Processor seconds of a process, to the nanosecond where the kernel says."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rate", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--write", action="store_true", help="keep the line in docs/performance.md")
    options = parser.parse_args()
    house = House()
    try:
        house.start_log()
        house.wait_for_log()
        asyncio.run(measure(house, rate=options.rate, seconds=options.seconds, write=options.write))
        house.end_log()
        cost(house)
    finally:
        house.stop()


if __name__ == "__main__":
    main()
