"""The database was restored, the old log cannot go on: in a new one every journal is whole and nobody is accused."""

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
