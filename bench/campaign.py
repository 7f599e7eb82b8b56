"""`python -m bench.campaign`: how fast a country is imported and opened, how it grows, and what a kill -9 costs.

A house of its own with PostgreSQL's durability as shipped and the memory docs/operations.md asks for: digests arrive in
no order, so that indexes that do not fit cost a page of disk a person. Each size is imported into what the sizes before
left, so that the last runs on the largest tables. Beside each rate stand the processor time it took and how much of the
machine others used meanwhile: on shared processors the first says more than the clock. Ignored here: e-mails, letters.
"""

import argparse
import asyncio
import contextlib
import datetime as dt
import functools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

import msgspec
import psutil
import psycopg

from bench.house import House, open_house
from bench.machine import busy_seconds, cores, cpu_seconds
from bench.portal_beside import Beside, portal_beside
from carnet.config.campaign_work import install_keys
from carnet.config.connect import connected
from carnet.config.operator import batch_database
from carnet.identity.api import IdentityTraits, Ins
from carnet.identity.data import matricule_key
from carnet.infra import randomness
from carnet.infra.installation import current
from carnet.kernel.actors import Actor, ActorKind
from carnet.spaces.api import Person, Source, awaken_in_advance, import_beneficiaries, open_due_spaces
from carnet.spaces.rules.beneficiaries import COLUMNS, SEPARATOR

AT = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
BENCH = Actor(kind=ActorKind.OPERATOR, identifier="bench", name="Bench", strong=True)
OID = "1.2.250.1.213.1.4.10"
HEADER = ";".join(COLUMNS)
_POSTCODES = ("31000", "44000", "80000", "75001", "20167", "97400")
# everybody counts as told six weeks ago: what is measured is the opening
_TOLD = """
UPDATE carnet.enrolment SET state = 'NOTIFIED', notified_at = %(told)s, opens_at = %(at)s, since = %(told)s,
  channel = 'post' WHERE state = 'ELIGIBLE'
"""
# ## A quarter of 24 GiB; checkpoints far apart: after each, a page's first change is logged whole (no lz4 here) ##
COUNTRY = {
    "shared_buffers": "6GB",
    "max_wal_size": "16GB",
    "min_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "wal_compression": "on",
}
KEPT = 500
SAMPLE = 0.2
ALONE_SECONDS = 15
JOURNAL_FILES = 250


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the report. cpu, others: processor seconds of ours and of everybody else; memory: MB at most."""

    what: str
    persons: int
    seconds: float
    cpu: float
    others: float
    memory: float

    def __str__(self) -> str:
        rate = self.persons / self.seconds
        each = self.cpu / self.persons * 1e6
        elsewhere = self.others / self.seconds
        return (
            f"{self.what:<34} {self.persons:>9,} {self.seconds:>7.1f} s {rate:>9,.0f}/s {each:>6.1f} µs CPU each "
            f"{self.memory:>6.0f} MB  others used {elsewhere:.1f} of {cores()} processors"
        )


def main(arguments: list[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.campaign", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[100_000, 200_000, 400_000])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--portal", action="store_true", help="ask for a person's first page meanwhile")
    parser.add_argument("--parquet", action="store_true", help="import Parquet files instead of CSV")
    given = parser.parse_args(arguments)
    with open_house(workers=1, configuration=COUNTRY) as house:
        _grown_old(house)
        files = _files(house.home, given.sizes)
        if given.parquet:
            files = [(_as_parquet(path), number) for path, number in files]
        asyncio.run(_measure(house, files, workers=given.workers, portal=given.portal))
        _say(_killed(house, _file(house.home / "killed.csv", sum(given.sizes), 150_000), 150_000))
    return 0


async def _measure(house: House, files: list[tuple[Path, int]], *, workers: int, portal: bool) -> None:
    settings = house.settings
    start = functools.partial(install_keys, settings)
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(connected(settings, name="bench"))
        batch = await stack.enter_async_context(batch_database(settings))
        beside = await stack.enter_async_context(portal_beside(house)) if portal else None
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=start) as pool:
            list(pool.map(abs, range(workers)))
            for path, number in files:
                if beside is not None:
                    await _alone(beside)
                source = Source(path=path, rejects=path.with_suffix(".rejets"))
                with _measured(house, f"import, {workers} readers", number):
                    done = await import_beneficiaries(
                        actor=BENCH, batch=batch, source=source, executor=pool, at=AT - dt.timedelta(days=42)
                    )
                if beside is not None:
                    _say(str(beside.said()))
                if (done.stored, done.rejected) != (number, 0):
                    raise RuntimeError(f"{done.stored} stored, {done.rejected} refused of {number}")
                with psycopg.connect(house.server.superuser_url.replace("/postgres?", "/carnet?")) as conn:
                    conn.execute(_TOLD, {"told": AT - dt.timedelta(days=42), "at": AT})
                with psycopg.connect(
                    house.server.superuser_url.replace("/postgres?", "/carnet?"), autocommit=True
                ) as conn:
                    conn.execute("VACUUM ANALYZE carnet.enrolment")
                if beside is not None:
                    beside.said()
                with _measured(house, f"open, {workers} workers, keys later", number):
                    opened = await open_due_spaces(actor=BENCH, batch=batch, workers=workers, at=AT)
                if beside is not None:
                    _say(str(beside.said()))
                if opened != number:
                    raise RuntimeError(f"{opened} opened of {number}")
        with _measured(house, "keys at once: made and sealed alone", KEPT):
            for _ in range(KEPT):
                _keys_at_once()
        with _measured(house, "keys at the first need, one by one", KEPT):
            await awaken_in_advance(actor=BENCH, batch=batch, most=KEPT, at=AT)


def _grown_old(house: House) -> None:
    """Leave the journal files that a database has after its first days: none is made while people wait."""
    with psycopg.connect(house.server.superuser_url, autocommit=True) as conn:
        for _ in range(JOURNAL_FILES):
            conn.execute("SELECT pg_logical_emit_message(false, 'bench', 'old'), pg_switch_wal()")
        conn.execute("CHECKPOINT")


async def _alone(beside: Beside) -> None:
    """The floor of the machine in these minutes: the same pages while nothing is imported and nothing opened."""
    beside.said()
    await asyncio.sleep(ALONE_SECONDS)
    _say("nobody but the browsers")
    _say(str(beside.said()))


def _keys_at_once() -> None:
    """What opening with keys would cost the processor beside the rows: a keyset, wrapped, and two fields sealed."""
    ring, space = current().keys, randomness.uuid4()
    keys = ring.open_now(space_id=space, version=1, wrapped=ring.create_now(space_id=space))
    person = msgspec.json.encode(Person(ins=Ins("x" * 15, OID), traits=IdentityTraits("ESSAI", ("ZOE",))))
    keys.seal(table="space", column="person_enc", row=space, plaintext=person)
    keys.seal(table="space", column="contact_enc", row=space, plaintext=b"{}")


def _killed(house: House, path: Path, number: int) -> str:
    """Import by the real command, kill it -9 in the middle, run it again: what is there, and what was done twice."""
    command = [sys.executable, "-m", "carnet", "campaign", "import", str(path), "--workers", "1"]
    url = house.server.superuser_url.replace("/postgres?", "/carnet?")
    process = subprocess.Popen(command, env=house.environment, start_new_session=True, stderr=subprocess.DEVNULL)
    with psycopg.connect(url, autocommit=True) as conn:
        progress = "SELECT coalesce(max(lines), 0) FROM carnet.import_file WHERE ended_at IS NULL"
        before = conn.execute("SELECT count(*) FROM carnet.enrolment").fetchone()
        while process.poll() is None and not conn.execute(progress).fetchone()[0]:  # type: ignore[index]  # one row
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        kept = conn.execute(progress).fetchone()
        again = subprocess.run(command, env=house.environment, capture_output=True, text=True, check=True)
        after = conn.execute("SELECT count(*) FROM carnet.enrolment").fetchone()
    stored = (after or [0])[0] - (before or [0])[0]
    if stored != number:
        raise RuntimeError(f"{stored} people after the kill, {number} in the file")
    return (
        f"kill -9 after {(kept or [0])[0]:,} lines, run again: {stored:,} of {number:,} there. {again.stdout.strip()}"
    )


@contextmanager
def _measured(house: House, what: str, persons: int) -> Iterator[None]:
    mine = psutil.Process()

    def ours() -> float:
        return cpu_seconds([mine, *mine.children(recursive=True), *house.postgres()])

    peak, stop = [0.0], threading.Event()

    def watch() -> None:
        while not stop.wait(SAMPLE):
            peak[0] = max(peak[0], mine.memory_info().rss / 2**20)

    watcher = threading.Thread(target=watch)
    watcher.start()
    begun, cpu, busy = time.monotonic(), ours(), busy_seconds()
    try:
        yield
    finally:
        seconds, used = time.monotonic() - begun, ours() - cpu
        others = busy_seconds() - busy - used
        stop.set()
        watcher.join()
    _say(str(Measure(what=what, persons=persons, seconds=seconds, cpu=used, others=others, memory=peak[0])))


def _files(folder: Path, sizes: list[int]) -> list[tuple[Path, int]]:
    starts = [sum(sizes[:place]) for place in range(len(sizes))]
    return [(_file(folder / f"from-{start}.csv", start, one), one) for start, one in zip(starts, sizes, strict=True)]


def _file(path: Path, start: int, number: int) -> Path:
    """Write a file of fictitious beneficiaries (test INS) numbered from `start`."""
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADER + "\n")
        file.writelines(_line(one) for one in range(start, start + number))
    return path


def _as_parquet(path: Path) -> Path:
    """Write the same people as Parquet, in row groups as its writers make them; return where."""
    import pyarrow as pa  # noqa: PLC0415 - what CSV is measured in holds none of it
    from pyarrow import csv as pa_csv  # noqa: PLC0415
    from pyarrow import parquet  # noqa: PLC0415

    text = pa_csv.ConvertOptions(column_types=dict.fromkeys(COLUMNS, pa.string()), strings_can_be_null=False)
    written = path.with_suffix(".parquet")
    table = pa_csv.read_csv(path, parse_options=pa_csv.ParseOptions(delimiter=SEPARATOR), convert_options=text)
    parquet.write_table(table, written)
    return written


def _line(number: int) -> str:
    order, rest = number % 1000, number // 1000
    commune, rest = rest % 900, rest // 900
    year, month = 40 + rest % 60, 1 + rest // 60 % 12
    body = f"2{year:02d}{month:02d}31{commune:03d}{order:03d}"
    email = f"personne{number}@exemple.invalid" if number % 2 else ""
    return (
        f"{body}{matricule_key(body)};{OID};ESSAI;ZOE|ANNE;F;19{year}-{month:02d}-{1 + number % 28:02d};"
        f"31{commune:03d};;{email};;{number} RUE DES ESSAIS|BATIMENT B;{_POSTCODES[number % 6]};VILLE-ESSAI;;\n"
    )


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
