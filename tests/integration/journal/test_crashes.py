"""The sequencer dies between two steps: at the next start every entry is sealed once, and the log goes on."""

import asyncio

import msgspec
import psycopg
import pytest

from carnet.infra import clock
from carnet.infra.db.database import DOWN
from carnet.journal.actions.seal import Sealed, leaf_hash
from carnet.journal.log import sequencer as running
from carnet.journal.log.sequencer import Sequencer
from carnet.kernel.errors import Unavailable
from factories.log import act, rows
from factories.world import make_person

SEALED = "SELECT count(*), count(DISTINCT seq), count(DISTINCT leaf_index) FROM carnet.journal_leaf WHERE space_id = %s"


class Killed(Exception):
    """Stands for kill -9."""


def successor(log):
    """The sequencer the next start makes, on the same files, signer and witnesses."""
    old = log.sequencer
    new = Sequencer(log.place, database=old._database, signer=old._signer, client=old._witnesses[0]._client)
    log.sequencer = new
    return new


async def goes_on(house, log, person, *, entries):
    new = successor(log)
    await new.begin()
    await act(person)
    await new.round()
    assert rows(house, SEALED, person.space) == [(entries + 1,) * 3]
    assert rows(house, "SELECT count(*) FROM carnet.journal_pending") == [(0,)]
    monitor = log.monitor(f"after-{person.space}", receipts=False)
    assert monitor.check()
    assert monitor.size == new.store.size
    monitor.close()


async def with_entries(log):
    await log.sequencer.round()
    person = await make_person(at=clock.now())
    for _ in range(3):
        await act(person)
    return person


async def test_killed_after_the_database_committed_and_before_the_tiles(house, log, monkeypatch):
    person = await with_entries(log)
    size = log.sequencer.store.size
    with monkeypatch.context() as broken:
        broken.setattr(log.sequencer.store, "append", lambda _: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            await log.sequencer.round()
    assert log.sequencer.store.size == size
    found = rows(house, SEALED, person.space)[0][0]
    await goes_on(house, log, person, entries=found)


async def test_killed_while_the_database_had_not_committed(house, log, monkeypatch):
    person = await with_entries(log)
    staged = log.sequencer._stage

    def stage(sealed):
        staged(sealed)
        raise Killed

    with monkeypatch.context() as broken:
        broken.setattr(log.sequencer, "_stage", stage)
        with pytest.raises(Killed):
            await log.sequencer.round()
    assert rows(house, SEALED, person.space)[0][0] == 0
    waiting = rows(house, "SELECT count(*) FROM carnet.journal_pending WHERE space_id = %s", person.space)[0][0]
    await goes_on(house, log, person, entries=waiting)


async def test_killed_in_the_middle_of_the_tiles(house, log, monkeypatch):
    person = await with_entries(log)
    write = log.sequencer.store._write

    def half(level, first, records):
        if level == 0:
            raise Killed
        write(level, first, records)

    with monkeypatch.context() as broken:
        broken.setattr(log.sequencer.store, "_write", half)
        with pytest.raises(Killed):
            await log.sequencer.round()
    found = rows(house, SEALED, person.space)[0][0]
    await goes_on(house, log, person, entries=found)


async def test_killed_after_the_signature_and_before_publishing(house, log, monkeypatch):
    person = await with_entries(log)
    with monkeypatch.context() as broken:
        broken.setattr(log.sequencer.store, "publish", lambda _: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            await log.sequencer.round()
    found = rows(house, SEALED, person.space)[0][0]
    await goes_on(house, log, person, entries=found)


async def test_a_connection_lost_in_commit_does_not_end_it(house, log, monkeypatch):
    """Nobody told whether the database committed: it had. The next round goes on from there."""
    person = await with_entries(log)

    async def lost(*given, real=running.seal_pending, **named):
        await real(*given, **named)
        raise Unavailable(DOWN)

    with monkeypatch.context() as broken:
        broken.setattr(running, "seal_pending", lost)
        with pytest.raises(Unavailable):
            await log.sequencer.round()
    found = rows(house, SEALED, person.space)[0][0]
    await act(person)
    await log.sequencer.round()
    assert rows(house, SEALED, person.space) == [(found + 1,) * 3]


async def test_what_still_commits_is_waited_for(house, log, monkeypatch):
    """A sequencer starts while the transaction of the one before it has not ended: its leaves are not thrown away."""
    person = await with_entries(log)
    size, stage = log.sequencer.store.size, log.sequencer._stage

    def stage_and_die(sealed):
        stage(sealed)
        raise Killed

    with monkeypatch.context() as broken:
        broken.setattr(log.sequencer, "_stage", stage_and_die)
        with pytest.raises(Killed):
            await log.sequencer.round()
    staged = msgspec.json.decode(log.sequencer._staged.read_bytes(), type=list[Sealed])
    new = successor(log)
    with psycopg.connect(house.url("postgres")) as slow:  # what the dead one sent, on its way to disk
        slow.execute("SELECT FROM carnet.journal_log WHERE origin = %s FOR UPDATE", (log.place.origin,))
        for one in staged:
            place = (one.space, one.held, one.place, one.seq, one.index, leaf_hash(one.leaf))
            slow.execute("INSERT INTO carnet.journal_leaf"
                         " (space_id, held, place, seq, leaf_index, sealed_at, leaf_hash)"
                         " VALUES (%s, %s, %s, %s, %s, now(), %s)", place)  # fmt: skip
            slow.execute("DELETE FROM carnet.journal_pending WHERE (space_id, seq) = (%s, %s)", (one.space, one.seq))
        slow.execute(
            "UPDATE carnet.journal_log SET size = %s WHERE origin = %s", (size + len(staged), log.place.origin)
        )
        beginning = asyncio.create_task(new.begin())
        while not rows(house, "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"):
            assert not beginning.done()
            await asyncio.sleep(0.01)
        slow.commit()
    await beginning
    assert new.store.size == size + len(staged)
    await goes_on(house, log, person, entries=rows(house, SEALED, person.space)[0][0])
