"""Disk full and `kill -9` in the middle of each batch: nothing half-done, said in words, and the same end after it."""

import asyncio
import datetime as dt
import errno
import os
from pathlib import Path

import psycopg
import pytest

from carnet.config.cli import app
from carnet.config.wiring import schedules
from carnet.infra.disk import Disk
from carnet.journal.api import seat_statement_key
from carnet.kernel.errors import Unavailable
from carnet.spaces.actions import awake
from factories.batches import BATCHES, COMMANDS, READ_ONLY, World, settings_of
from factories.events import empty_queue
from factories.forked import Forked
from factories.full_database import writes_of
from factories.world import AT

PROCESS = Path(__file__).with_name("batch_process.py")
NO_ROOM = ("database-full", "storage-full", errno.ENOSPC)
LATER = dt.timedelta(minutes=10)


@pytest.fixture(scope="module")
def writes(house):
    seat_statement_key(house.home / "statement.key", name="carnet.test/releve")
    with writes_of(house) as found:
        yield found
    seat_statement_key(None)


@pytest.fixture(scope="module")
def conn(house):
    with psycopg.connect(house.url("postgres"), autocommit=True) as conn:
        conn.execute("SET search_path = carnet, vault, jobs")
        yield conn


@pytest.fixture
def world(house, batch, conn, tmp_path):
    """A function: a world with a folder of its own, a while after the one before."""
    empty_queue(house)
    never_ran = "DELETE FROM carnet.house_clock"
    worlds = []

    def make():
        (folder := tmp_path / str(len(worlds))).mkdir()
        worlds.append(World(batch, folder, AT + len(worlds) * LATER, house, conn))
        worlds[-1].rows(never_ran)
        return worlds[-1]

    yield make
    worlds[-1].rows(never_ran)


def test_no_batch_is_left_out(batch, tmp_path):
    turns = {one.name for one in schedules(settings_of(tmp_path), batch=batch)}
    commands = {one for one in app["campaign"] if not one.startswith("-")} - READ_ONLY
    assert {COMMANDS.get(one, one) for one in commands} | turns == set(BATCHES)


def whole(world, batch, items):
    """Each item is as it was or as it is to be; return whether all are as they are to be."""
    found = {item: batch.look(world, item) for item in items}
    assert set(found.values()) <= {batch.before, batch.end, *batch.between}, found
    return set(found.values()) == {batch.end}


def finished(world, batch, items):
    assert whole(world, batch, items)
    batch.ended(world, items)


async def undisturbed(world, batch, writes):
    items = await batch.prepare(world)
    assert {batch.look(world, item) for item in items} == {batch.before}
    with writes.counted() as number:
        await batch.run(world)
    finished(world, batch, items)
    return number[0]


async def with_nowhere_to_write(world, batch, writes, number, monkeypatch):
    """The database full from its first write on, from the middle on, at the last; then the disk beside it."""
    items = await batch.prepare(world)

    async def attempt():
        nonlocal world
        world = world._replace(at=world.at + LATER)
        said = await what_it_said(batch.run(world))
        # a copy is put off, and says so to the person; whatever else was not done is said
        assert whole(world, batch, items) or batch is BATCHES["make-exports"] or said in NO_ROOM

    for after in sorted({0, number // 2, number - 1}):
        with writes.full(after):
            await attempt()
    with monkeypatch.context() as full:
        full.setattr(Disk, "write", no_space)
        await attempt()
    world = world._replace(at=world.at + LATER)
    await batch.run(world)
    finished(world, batch, items)


async def what_it_said(run):
    """The code of what it was refused with; of the disk, its number."""
    try:
        await run
    except Unavailable as refused:
        return refused.problems[0].code
    except OSError as refused:
        return refused.errno


def no_space(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


async def killed(world, batch, name, writes, number):
    items = await batch.prepare(world)
    house, log = world.house, world.folder / "said.log"
    command = [str(house.home), house.url("carnet_app"), house.url("carnet_batch"), str(world.folder)]
    with writes.hanging(number // 2) as until_it_hangs:
        child = Forked([*command, world.at.isoformat(), name], dict(os.environ), log, script=PROCESS)
        try:
            await asyncio.to_thread(until_it_hangs, lambda: child.poll() is not None)
        finally:
            child.kill()
    whole(world, batch, items)
    world = world._replace(at=world.at + LATER)
    await batch.run(world)
    finished(world, batch, items)
    await batch.run(world)
    finished(world, batch, items)


@pytest.mark.parametrize("name", BATCHES)
async def test_nothing_half_done_and_the_same_end(world, writes, monkeypatch, name):
    batch = BATCHES[name]
    number = await undisturbed(world(), batch, writes)
    await with_nowhere_to_write(world(), batch, writes, number, monkeypatch)
    await killed(world(), batch, name, writes, number)


async def test_the_check_sees_a_batch_that_stops_half_way(world, writes, monkeypatch):
    async def hasty(w, *given, **named):
        await w.conn.commit()
        await recorded(w, *given, **named)

    recorded = awake.record
    monkeypatch.setattr(awake, "record", hasty)
    one, batch, seen = world(), BATCHES["awaken-spaces"], set()
    one.rows("DELETE FROM ins_index WHERE asleep")
    items = await batch.prepare(one)
    for after in range(3, 7):  # at one of them the trace is what finds no room
        with writes.full(after):
            assert await what_it_said(batch.run(one)) == "database-full"
        seen |= {batch.look(one, item) for item in items}
    assert seen - {batch.before, batch.end}
