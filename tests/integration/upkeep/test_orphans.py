"""Bytes without a document go; bytes with one never do, whatever commits, hangs or dies meanwhile."""

import asyncio
import datetime as dt
import random
from uuid import uuid4

import pytest

from carnet.infra.db import work
from carnet.infra.db.work import rows_in_one_trip
from carnet.infra.installation import current
from carnet.journeys.api import collect_orphans
from carnet.kernel.errors import Unavailable
from carnet.records.actions import deposit as depositing
from carnet.records.api import read_content
from factories.events import as_owner, empty_queue
from factories.world import AT, OPERATOR, give, make_person, make_software

LATER = AT + dt.timedelta(hours=2)
SOON = AT + dt.timedelta(minutes=30)


@pytest.fixture(autouse=True)
def _fresh(house):
    empty_queue(house)
    with as_owner(house) as conn:
        conn.execute("DELETE FROM deposit_intent")


async def collect(batch, at=LATER, **options):
    return await collect_orphans(actor=OPERATOR, batch=batch, at=at, **options)


async def readable(person, document):
    opened = await read_content(actor=person.actor, space=person.space, document=document, at=LATER)
    return b"".join([chunk async for chunk in opened.chunks(0, opened.blob.size)])


def blobs_of(house, space):
    with as_owner(house) as conn:
        return [row[0] for row in conn.execute("SELECT blob_id FROM document WHERE space_id = %s", (space,))]


def intents(house):
    with as_owner(house) as conn:
        return [row[0] for row in conn.execute("SELECT blob_id FROM deposit_intent")]


async def interrupted(house, person, *, at=AT):
    """What a deposit leaves that died between its bytes and its rows."""
    blob = uuid4()
    with as_owner(house) as conn:
        conn.execute("INSERT INTO deposit_intent (blob_id, noted_at) VALUES (%s, %s)", (blob, at))
    async with work(space=person.space, at=at) as w:
        from carnet.spaces.api import keys_in

        keys = await keys_in(w)
    await current().blobs.put(blob, b"never named", keys=keys, space_id=person.space)
    return blob


async def test_what_an_interrupted_deposit_left_goes_after_an_hour(house, batch):
    person = await make_person()
    blob = await interrupted(house, person)
    assert (await collect(batch, at=SOON)).intents == 0
    assert await current().blobs.exists(blob)
    done = await collect(batch)
    assert (done.intents, done.blobs, done.needed) == (1, 1, 0)
    assert not await current().blobs.exists(blob)
    assert intents(house) == []
    with as_owner(house) as conn:
        (details,) = conn.execute(
            "SELECT details FROM security_entry WHERE act = 'collect-orphans' ORDER BY entry_id DESC LIMIT 1"
        ).fetchone()
    assert details == {"intents": 1, "blobs": 1, "needed": 0}


async def test_an_intent_without_bytes_goes_too(house, batch):
    with as_owner(house) as conn:
        conn.execute("INSERT INTO deposit_intent (blob_id, noted_at) VALUES (%s, %s)", (uuid4(), AT))
    done = await collect(batch)
    assert (done.intents, done.blobs) == (1, 0)


async def test_second_wall_bytes_that_a_document_names_stay_even_with_an_intent(house, batch):
    person, software = await make_person(), await make_software()
    receipt = await give(person, by=software, content=b"tout va bien")
    (blob,) = blobs_of(house, person.space)
    with as_owner(house) as conn:
        conn.execute("INSERT INTO deposit_intent (blob_id, noted_at) VALUES (%s, %s)", (blob, AT))
    done = await collect(batch)
    assert (done.intents, done.blobs, done.needed) == (1, 0, 1)
    assert await readable(person, receipt.documents[0].document_id) == b"tout va bien"


NAMING = {
    "message": (
        "INSERT INTO message_attachment (space_id, message_id, number, size, blob_id)"
        " VALUES (%(space)s, gen_random_uuid(), 1, 1, %(blob)s)"
    ),
    "copy": (
        "INSERT INTO data_export (space_id, export_id, state, account_id, language, asked_at, touched_at, blob_id,"
        " size, ready_at, expires_at) VALUES (%(space)s, gen_random_uuid(), 'ready', gen_random_uuid(), 'fr', now(),"
        " now(), %(blob)s, 1, now(), now())"
    ),
}


@pytest.mark.parametrize("what", NAMING)
async def test_bytes_that_a_message_or_a_copy_names_stay_too(house, batch, what):
    person, blob = await make_person(), uuid4()
    with as_owner(house) as conn:
        conn.execute(NAMING[what], {"space": person.space, "blob": blob})
        conn.execute("INSERT INTO deposit_intent (blob_id, noted_at) VALUES (%s, %s)", (blob, AT))
    done = await collect(batch)
    assert (done.intents, done.blobs, done.needed) == (1, 0, 1)


class Held:
    """Stops a deposit between its bytes and its rows, or inside its last transaction, until told to go on."""

    def __init__(self):
        self.there, self.go = asyncio.Event(), asyncio.Event()

    async def stop(self):
        self.there.set()
        await self.go.wait()


def hold_before_rows(monkeypatch):
    held, real = Held(), depositing._write

    async def write(*args, **kwargs):
        await held.stop()
        return await real(*args, **kwargs)

    monkeypatch.setattr(depositing, "_write", write)
    return held


async def test_a_deposit_that_comes_after_the_collector_is_undone_not_emptied(house, batch, monkeypatch):
    person, software = await make_person(), await make_software()
    held = hold_before_rows(monkeypatch)
    late = asyncio.create_task(give(person, by=software))
    await held.there.wait()
    assert (await collect(batch)).blobs == 1
    held.go.set()
    with pytest.raises(Unavailable):
        await late
    assert blobs_of(house, person.space) == []


async def test_planted_a_deposit_that_only_deletes_its_intent_loses_its_bytes(house, batch, monkeypatch):
    """Why `release_intents` raises: with a plain DELETE the row would be there and the bytes gone."""
    person, software = await make_person(), await make_software()
    plant_plain_delete(monkeypatch)
    held = hold_before_rows(monkeypatch)
    late = asyncio.create_task(give(person, by=software))
    await held.there.wait()
    await collect(batch)
    held.go.set()
    await late
    (blob,) = blobs_of(house, person.space)
    assert not await current().blobs.exists(blob)


def plant_plain_delete(monkeypatch):
    async def forgetful(statements, **kwargs):
        changed = [
            type(one)(PLAIN + one.sql.replace(LAST, ""), one.params) if LAST in one.sql else one for one in statements
        ]
        assert [one.sql for one in changed] != [one.sql for one in statements] or len(statements) < 3
        return await rows_in_one_trip(changed, **kwargs)

    monkeypatch.setattr(depositing, "rows_in_one_trip", forgetful)


LAST = ", release_intents(%(blobs)s::uuid[])"
PLAIN = "WITH gone AS (DELETE FROM deposit_intent WHERE blob_id = ANY(%(blobs)s::uuid[])) "


async def test_a_deposit_that_is_committing_right_now_is_left_alone(house, batch):
    """Its transaction holds the intent: the collector passes by, and the next run finds nothing to do."""
    person = await make_person()
    blob = await interrupted(house, person)
    async with work(space=person.space, at=AT) as w:
        await w.row("SELECT release_intents(%s::uuid[])", ([blob],))
        done = await collect(batch)
        assert (done.intents, done.blobs) == (0, 0)
        assert await current().blobs.exists(blob)
    assert (await collect(batch)).intents == 0
    assert await current().blobs.exists(blob)


@pytest.mark.parametrize("seed", range(3))
async def test_deposits_and_collectors_in_any_order_never_leave_a_document_without_bytes(house, batch, seed):
    """The hour is set to nothing, so that every deposit is old enough at once: the worst hour there can be."""
    chance = random.Random(seed)
    people = [await make_person() for _ in range(3)]
    software = await make_software()
    outcomes = {"kept": 0, "undone": 0}

    async def deposit_one():
        await asyncio.sleep(chance.random() * 0.3)
        try:
            await give(chance.choice(people), by=software)
            outcomes["kept"] += 1
        except Unavailable:
            outcomes["undone"] += 1

    async def collect_often():
        for _ in range(8):
            await asyncio.sleep(chance.random() * 0.05)
            await collect(batch, older_than=dt.timedelta(hours=-1))

    await asyncio.gather(*(deposit_one() for _ in range(24)), collect_often(), collect_often())
    await collect(batch, older_than=dt.timedelta(hours=-1))
    named = [blob for person in people for blob in blobs_of(house, person.space)]
    assert len(named) == outcomes["kept"]
    for blob in named:
        assert await current().blobs.exists(blob)
    assert intents(house) == []


@pytest.mark.parametrize("stop", ["before-blobs", "blobs-0", "blobs-2", "after-blobs"])
async def test_a_collector_that_is_killed_is_run_again(house, batch, upkeep, stop):
    person, software = await make_person(), await make_software()
    receipt = await give(person, by=software, content=b"tout va bien")
    orphans = [await interrupted(house, person) for _ in range(4)]
    assert await upkeep("collect", stop=stop) == "stuck"
    assert len(intents(house)) == 4
    assert await upkeep("collect") == "done"
    assert intents(house) == []
    assert not any([await current().blobs.exists(blob) for blob in orphans])
    assert await readable(person, receipt.documents[0].document_id) == b"tout va bien"


async def test_a_doomed_deposit_stays_undone_even_if_the_collector_died(house, upkeep, monkeypatch):
    person, software = await make_person(), await make_software()
    held = hold_before_rows(monkeypatch)
    late = asyncio.create_task(give(person, by=software))
    await held.there.wait()
    assert await upkeep("collect", stop="after-blobs") == "stuck"
    held.go.set()
    with pytest.raises(Unavailable):
        await late
    assert blobs_of(house, person.space) == []
