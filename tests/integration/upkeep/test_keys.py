"""The key-encryption key changes under live spaces; a destroyed key leaves nothing readable."""

import contextlib

import pytest

from carnet.infra.db import work
from carnet.infra.installation import current
from carnet.infra.vault import Unopenable
from carnet.journal.api import Filter, entries
from carnet.journeys.actions import rotate_keys as rotating
from carnet.journeys.api import KeyFiles, destroy_space_key, retire_key, rotate_keys
from carnet.kernel.errors import CarnetError, Conflict, Invalid, Refused
from carnet.records.api import DocumentQuery, list_documents, open_metadata, read_content
from carnet.spaces.api import keys_in, view_in
from factories.events import as_owner
from factories.house import parts_of
from factories.world import AT, OPERATOR, give, make_person, make_software


@pytest.fixture
async def inhabited(house):
    """A few people with a document each."""
    software = await make_software()
    people = [await make_person() for _ in range(8)]
    for person in people:
        await give(person, by=software, title="Avant", content=b"contenu")
    return people


def new_kek():
    kek = current().keys.kek
    kek.promote(kek.add_key())
    return kek


async def rotate(house, batch):
    files = KeyFiles(index=house.home / "index.key", house=house.home / "house.key")
    return await rotate_keys(actor=OPERATOR, batch=batch, files=files, size=3, at=AT)


async def retire(house, batch, key):
    files = [house.home / "index.key", house.home / "house.key"]
    await retire_key(actor=OPERATOR, key=key, batch=batch, files=files, at=AT)


def wrappings(house):
    with as_owner(house) as conn:
        return dict(conn.execute("SELECT space_id, wrapped FROM space_keyset WHERE wrapped IS NOT NULL"))


def old_ones(house):
    kek = current().keys.kek
    return sum(not kek.is_current(bytes(wrapped)) for wrapped in wrappings(house).values())


async def reads(person):
    for known in (person.space,):
        current().keys.forget(known)
    listing = await list_documents(actor=person.actor, space=person.space, query=DocumentQuery(), at=AT)
    entry = listing.entries[0]
    opened = await read_content(actor=person.actor, space=person.space, document=entry.document_id, at=AT)
    content = b"".join([chunk async for chunk in opened.chunks(0, opened.blob.size)])
    return open_metadata(entry, keys=listing.keys).title, content


async def test_every_keyset_is_wrapped_anew_and_everything_still_opens(house, batch, inhabited):
    old = current().keys.kek._primary
    kek = new_kek()
    count = len(wrappings(house))
    assert old_ones(house) == count
    done = await rotate(house, batch)
    assert (done.seen, done.rewrapped, done.files, done.complete) == (count, count, 2, False)
    assert old_ones(house) == 0
    with as_owner(house) as conn:
        assert conn.execute("SELECT DISTINCT kek_id FROM space_keyset WHERE wrapped IS NOT NULL").fetchall() == [
            (kek.key_id,)
        ]
    proof = await rotate(house, batch)
    assert proof.complete  # so the old version may go
    await retire(house, batch, old)
    parts_of(house.home)  # a process that starts now finds its own key files readable
    for person in inhabited:
        assert await reads(person) == ("Avant", b"contenu")
    with as_owner(house) as conn:
        rows = conn.execute("SELECT details FROM security_entry WHERE act = 'rotate-keys' ORDER BY entry_id").fetchall()
    assert [row[0].get("rewrapped") for row in rows[-3:]] == [count, 0, None]
    with pytest.raises(Invalid):
        await retire(house, batch, kek._primary)


@pytest.mark.parametrize("left_behind", ["index.key", "house.key", "space"])
async def test_a_key_that_anything_still_needs_cannot_be_retired(house, batch, inhabited, left_behind):
    kek = current().keys.kek
    old, space = kek._primary, inhabited[0].space
    path = house.home / left_behind if left_behind != "space" else None
    before = path.read_bytes() if path else wrappings(house)[space]
    new_kek()
    await rotate(house, batch)
    if path:
        path.write_bytes(before)
    else:
        with as_owner(house) as conn:
            conn.execute("UPDATE space_keyset SET wrapped = %s WHERE space_id = %s", (before, space))
    with pytest.raises(Conflict):
        await retire(house, batch, old)
    assert old in kek._ids
    await rotate(house, batch)
    await retire(house, batch, old)
    assert old not in kek._ids
    parts_of(house.home)
    assert await reads(inhabited[0]) == ("Avant", b"contenu")


async def test_planted_a_run_that_stores_nothing_is_caught(house, batch, inhabited, monkeypatch):
    new_kek()
    monkeypatch.setattr(rotating, "_STORE", rotating._STORE + " AND false")
    await rotate(house, batch)
    assert old_ones(house) > 0
    monkeypatch.undo()
    assert (await rotate(house, batch)).rewrapped > 0


@pytest.mark.parametrize("stop", ["batches-0", "batches-2"])
async def test_killed_in_the_middle_everything_opens_and_the_next_run_finishes(house, batch, inhabited, upkeep, stop):
    new_kek()
    before = old_ones(house)
    assert await upkeep("rotate", stop=stop) == "stuck"
    left = old_ones(house)
    assert 0 < left <= before
    assert left == before - 3 * int(stop.removeprefix("batches-"))  # whole batches, or nothing
    for person in inhabited:
        assert await reads(person) == ("Avant", b"contenu")
    assert await upkeep("rotate") == "done"
    assert old_ones(house) == 0
    for person in inhabited:
        assert await reads(person) == ("Avant", b"contenu")


async def test_a_destroyed_key_leaves_nothing_readable(house, batch):
    person, software, other = await make_person(), await make_software(), await make_person()
    receipt = await give(person, by=software)
    await give(other, by=software, title="Avant", content=b"contenu")
    document = receipt.documents[0].document_id
    async with work(space=person.space, at=AT) as w:
        keys = await keys_in(w)
    assert await destroy_space_key(actor=OPERATOR, space=person.space, batch=batch, at=AT) == 1
    assert current().keys._recall((keys.space_id, 1, b"")) is None
    with as_owner(house) as conn:
        rows = conn.execute(
            "SELECT wrapped, destroyed_at FROM space_keyset WHERE space_id = %s", (person.space,)
        ).fetchall()
    assert rows == [(None, AT)]
    for attempt in (
        list_documents(actor=person.actor, space=person.space, query=DocumentQuery(), at=AT),
        read_content(actor=person.actor, space=person.space, document=document, at=AT),
    ):
        with contextlib.suppress(CarnetError, RuntimeError):
            await attempt
            pytest.fail("something was read without a key")
    async with work(space=person.space, at=AT) as w:
        with pytest.raises(CarnetError):
            await view_in(w)
        last = (await entries(w, filter_=Filter(acts=("destroy-space-key",)), limit=1))[0]
    assert last.details == {"versions": 1}
    assert await destroy_space_key(actor=OPERATOR, space=person.space, batch=batch, at=AT) == 0
    assert await reads(other) == ("Avant", b"contenu")


async def test_a_rotation_never_brings_a_destroyed_key_back(house, batch, monkeypatch):
    """The key is destroyed between the reading of a batch and its storing."""
    person = await make_person()
    new_kek()
    monkeypatch.setattr(rotating, "_NEXT", rotating._NEXT.replace("FOR UPDATE", ""))
    real = rotating._changed

    async def changed(rows, kek):
        found = await real(rows, kek)
        with as_owner(house) as conn:
            conn.execute(
                "UPDATE space_keyset SET wrapped = NULL, destroyed_at = %s WHERE space_id = %s", (AT, person.space)
            )
        return found

    monkeypatch.setattr(rotating, "_changed", changed)
    await rotate(house, batch)
    assert person.space not in wrappings(house)


async def test_only_the_operator_and_the_house_destroy_keys(house, batch):
    person = await make_person()
    with pytest.raises(Refused):
        await destroy_space_key(actor=person.actor, space=person.space, batch=batch, at=AT)
    assert person.space in wrappings(house)
    async with work(space=person.space, at=AT) as w:
        refused = await entries(w, filter_=Filter(acts=("destroy-space-key",), with_refusals=True), limit=1)
    assert [entry.outcome for entry in refused] == ["refused"]


async def test_a_keyset_no_key_opens_stops_the_run(house, batch):
    person = await make_person()
    with as_owner(house) as conn:
        saved = conn.execute("SELECT wrapped FROM space_keyset WHERE space_id = %s", (person.space,)).fetchone()[0]
        conn.execute("UPDATE space_keyset SET wrapped = %s WHERE space_id = %s", (b"rubbish", person.space))
    try:
        with pytest.raises(Unopenable):
            await rotate(house, batch)
    finally:
        with as_owner(house) as conn:
            conn.execute("UPDATE space_keyset SET wrapped = %s WHERE space_id = %s", (saved, person.space))
