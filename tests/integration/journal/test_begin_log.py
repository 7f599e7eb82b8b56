"""The database was restored, the old log cannot go on: in a new one every journal is whole and nobody is accused."""

import psycopg
import pytest

from carnet.infra import clock
from carnet.infra.db import database as database_seat
from carnet.infra.db.database import Database
from carnet.journal.api import LogView, audit, begin_log
from carnet.kernel.errors import Conflict
from factories.log import act, running_log
from factories.world import OPERATOR, make_person
from integration.journal.test_tampering import seat_again

SEALED = "SELECT count(*), count(DISTINCT leaf_index), min(leaf_index) FROM carnet.journal_leaf"


async def opened(url, role):
    database = Database(url(role), min_size=1, max_size=4)
    await database.open()
    return database


@pytest.fixture
async def alone(house, log, new_database):
    """A database of its own, seated: address by role."""
    kept, url = list(database_seat._seated), new_database()
    database = await opened(url, "carnet_app")
    database_seat._seated[:] = []
    database_seat.seat(database)
    yield url
    database_seat._seated[:] = kept
    await database.close()
    seat_again(log)


async def test_after_a_restore_every_entry_is_sealed_in_the_new_log(house, alone, tmp_path):
    async with running_log(alone, home=tmp_path / "old", origin="old.example/journal") as old:
        person = await make_person(at=clock.now())
        for _ in range(5):
            await act(person)
        await old.sequencer.round()
    owner = await opened(alone, "carnet_owner")
    sequencer = await opened(alone, "carnet_sequencer")
    try:
        with pytest.raises(Conflict):
            await begin_log(actor=OPERATOR, owner=owner, origin="old.example/journal", at=clock.now())
        assert await begin_log(actor=OPERATOR, owner=owner, origin="new.example/journal", at=clock.now()) >= 6
        async with running_log(alone, home=tmp_path / "new", origin="new.example/journal") as new:
            await act(person)
            await new.sequencer.round()
            monitor = new.monitor()
            assert monitor.check()
            monitor.close()
            assert not new.sequencer.alarms.raised
            assert [one async for one in audit(sequencer, log=LogView(new.place.public), at=clock.now())] == []
            async with sequencer.connection() as connection:
                found = await (await connection.execute(SEALED)).fetchone()
            assert found == (new.sequencer.store.size, new.sequencer.store.size, 0)
    finally:
        await owner.close()
        await sequencer.close()


async def test_the_end_of_a_journal_cut_off_everywhere_is_missed_by_its_leaves(house, alone, tmp_path):
    """The superuser takes the last entries, their places and the count: only the log still knows how many there are."""
    async with running_log(alone, home=tmp_path / "cut", origin="cut.example/journal") as log:
        person = await make_person(at=clock.now())
        for _ in range(5):
            await act(person)
        await log.sequencer.round()
        monitor, sequencer = log.monitor(), await opened(alone, "carnet_sequencer")
        try:
            assert await audited(sequencer, log) == []
            with psycopg.connect(alone("postgres")) as thief:
                thief.execute("SET session_replication_role = replica")
                last = thief.execute("SELECT max(seq) FROM carnet.journal_entry").fetchone()[0]
                gone = thief.execute("DELETE FROM carnet.journal_leaf WHERE seq > %s RETURNING leaf_index", (last - 2,))
                missing = {f"leaf:{index}" for (index,) in gone.fetchall()}
                thief.execute("DELETE FROM carnet.journal_entry WHERE seq > %s", (last - 2,))
                thief.execute("UPDATE carnet.journal_head SET seq = %s", (last - 2,))
            found = await audited(sequencer, log)
            assert {one.kind for one in found} == {"truncated"}
            assert {one.where for one in found} == missing
            assert monitor.check()
            await act(person)
            await log.sequencer.round()
            assert not monitor.check(), "the next entry takes a number that is taken"
            assert {one.kind for one in monitor.alarms.raised} == {"replayed"}
            with psycopg.connect(alone("postgres")) as thief:  # the new entry shown at the place of what is gone
                thief.execute("SET session_replication_role = replica")
                thief.execute("UPDATE carnet.journal_leaf SET leaf_index = (SELECT min(leaf_index)"
                              " FROM carnet.journal_leaf) WHERE seq = %s", (last - 1,))  # fmt: skip
            assert {"replayed", "truncated"} <= {one.kind for one in await audited(sequencer, log)}
        finally:
            monitor.close()
            await sequencer.close()


async def audited(database, log):
    return [one async for one in audit(database, log=LogView(log.place.public), at=clock.now())]
