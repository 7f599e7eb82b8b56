"""The local store: whole and durable or not there, and honest about a disk that fails."""

import asyncio
import datetime as dt
import errno
import hashlib
import os
import time
import tracemalloc
import uuid

import pytest

from carnet.infra.blobs import BlobDamaged, BlobExists, BlobMissing, LocalBlobs
from carnet.infra.blobs.drafts import Draft
from carnet.infra.blobs.segments import SEGMENT, sealed_size
from carnet.infra.blobs.store import WINDOW
from carnet.infra.vault import SpaceKeys, new_space_keyset, rotated_space_keyset
from carnet.kernel.errors import Unavailable
from factories.faulty_disk import FaultyDisk

SIZES = [0, 1, 50_000, SEGMENT, WINDOW - 100, WINDOW, WINDOW + 1, 1_500_000]
FORMS = ["in memory", "streamed"]


@pytest.fixture
async def open_store(tmp_path):
    opened = []

    def make(disk=None, **options):
        opened.append(LocalBlobs(tmp_path / "blobs", disk=disk, **options))
        return opened[-1]

    yield make
    for one in opened:
        await one.close()


@pytest.fixture
def store(open_store):
    return open_store()


@pytest.fixture
def place(keys, space_id):
    return {"keys": keys, "space_id": space_id}


async def pieces(content, length=70_000):
    for at in range(0, len(content), length):
        yield content[at : at + length]


def in_form(content, form):
    return content if form == "in memory" else pieces(content)


def drafts(store):
    return list(store._drafts.iterdir())


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("size", SIZES)
async def test_what_was_put_is_read_back(store, place, form, size):
    content, blob = os.urandom(size), uuid.uuid4()
    stored = await store.put(blob, in_form(content, form), **place)
    assert stored.size == size
    assert stored.sealed_size == sealed_size(size)
    assert stored.sha256 == (None if form == FORMS[0] else hashlib.sha256(content).digest())
    assert await store.exists(blob)
    for known in (size, None):
        reader = await store.open(blob, **place, size=known)
        assert reader.size == size
        assert await reader.read() == content
    assert drafts(store) == []


async def test_nothing_readable_lies_on_the_disk(store, place):
    blob = uuid.uuid4()
    await store.put(blob, b"diagnostic " * 1000, **place)
    raw = store._path(blob).read_bytes()
    assert b"diagnostic" not in raw
    assert store._path(blob).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("start", "stop"),
    [
        (0, 1),
        (0, 0),
        (5, 5),
        (9, 3),
        (65_000, 66_000),
        (WINDOW - 10, WINDOW + 10),
        (1_499_990, 9_000_000),
        (2_000_000, 3_000_000),
    ],
)
async def test_a_range_is_exactly_that_range(store, place, start, stop):
    content, blob = os.urandom(1_500_000), uuid.uuid4()
    await store.put(blob, content, **place)
    reader = await store.open(blob, **place, size=len(content))
    parts = [piece async for piece in reader.read_range(start, stop)]
    assert b"".join(parts) == content[start:stop]
    assert all(0 < len(piece) <= WINDOW for piece in parts)


async def test_a_range_does_not_read_the_rest(store, place):
    blob = uuid.uuid4()
    await store.put(blob, os.urandom(1_500_000), **place)
    raw = bytearray(store._path(blob).read_bytes())
    raw[700_000] ^= 1
    store._path(blob).write_bytes(raw)
    reader = await store.open(blob, **place)
    assert len(b"".join([piece async for piece in reader.read_range(1_000_000, 1_400_000)])) == 400_000
    with pytest.raises(BlobDamaged):
        await reader.read()


async def test_a_blob_is_written_in_the_order_that_makes_it_durable(open_store, place):
    disk = FaultyDisk()
    store = open_store(disk)
    disk.calls.clear()
    await store.put(uuid.uuid4(), b"x", **place)
    assert disk.calls == ["create", "write", "fsync", "size", "close", "rename", "fsync_folder"]


class EagerDraft(Draft):
    """Planted fault: visible before it is durable."""

    def __init__(self, folder, *, disk):
        super().__init__(folder, disk=disk)
        self._visible = None

    def write(self, data):
        if EagerDraft.target is not None:
            self._disk.rename(self._path, EagerDraft.target)
            self._path = EagerDraft.target
        super().write(data)

    def publish(self, target):
        return self._length

    def discard(self):
        self._close()


class CarelessDraft(Draft):
    """Planted fault: ignores that the system could not make bytes durable."""

    def publish(self, target):
        try:
            return super().publish(target)
        except OSError:
            return self._length


async def outcome_of_a_failing_disk(open_store, place, call, *, form, error=errno.EIO, after=0, prepare=None):
    """Put one blob on a disk that fails; return the refusal's code, what is visible, and whether drafts remain."""
    disk = FaultyDisk(error=error, short_writes=True)
    store, blob, content = open_store(disk), uuid.uuid4(), os.urandom(300_000)
    if prepare:
        prepare(store._path(blob))
    disk.fail, disk.after = call, after
    try:
        await store.put(blob, in_form(content, form), **place)
        code = "accepted"
    except Unavailable as refusal:
        code = refusal.problems[0].code
    disk.fail = None
    await asyncio.sleep(0.05)
    if not store._path(blob).exists():
        visible = "absent"
    else:
        try:
            visible = "whole" if await (await store.open(blob, **place)).read() == content else "partial"
        except BlobDamaged:
            visible = "partial"
    return code, visible, len(drafts(store)), store


EXPECTED = {
    "create": ("storage-unavailable", "absent"),
    "write": ("storage-unavailable", "absent"),
    "fsync": ("storage-unfit", "absent"),
    "size": ("storage-unavailable", "absent"),
    "close": ("storage-unavailable", "absent"),
    "rename": ("storage-unavailable", "absent"),
    "fsync_folder": ("storage-unfit", "whole"),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("call", EXPECTED)
async def test_a_failing_call_is_a_refusal_and_never_a_partial_blob(open_store, place, call, form):
    code, visible, left, _ = await outcome_of_a_failing_disk(open_store, place, call, form=form)
    assert (code, visible, left) == (*EXPECTED[call], 0)


@pytest.mark.parametrize("after", [1, 2, 5])
@pytest.mark.parametrize("form", FORMS)
async def test_a_failure_in_the_middle_of_writing_leaves_nothing(open_store, place, form, after):
    code, visible, left, _ = await outcome_of_a_failing_disk(open_store, place, "write", form=form, after=after)
    assert (code, visible, left) == ("storage-unavailable", "absent", 0)


async def test_the_check_sees_a_blob_visible_too_early(open_store, place, monkeypatch):
    monkeypatch.setattr("carnet.infra.blobs.local.Draft", EagerDraft)

    def prepare(target):
        EagerDraft.target = target

    _, visible, _, _ = await outcome_of_a_failing_disk(
        open_store, place, "write", form="in memory", after=2, prepare=prepare
    )
    assert visible == "partial"


async def test_the_check_sees_a_failed_fsync_passed_over(open_store, place, monkeypatch):
    monkeypatch.setattr("carnet.infra.blobs.local.Draft", CarelessDraft)
    code, *_ = await outcome_of_a_failing_disk(open_store, place, "fsync", form="in memory")
    assert code == "accepted"


@pytest.mark.parametrize("call", ["fsync", "fsync_folder"])
async def test_after_a_failed_fsync_the_store_takes_nothing_more_but_still_reads(open_store, place, call):
    disk = FaultyDisk()
    store, kept = open_store(disk), uuid.uuid4()
    await store.put(kept, b"kept", **place)
    await store.check_fit()
    disk.fail = call
    with pytest.raises(Unavailable):
        await store.put(uuid.uuid4(), b"x", **place)
    disk.fail = None
    for attempt in (
        store.put(uuid.uuid4(), b"x", **place),
        store.put(uuid.uuid4(), pieces(b"x"), **place),
        store.check_fit(),
    ):
        with pytest.raises(Unavailable) as refusal:
            await attempt
        assert refusal.value.problems[0].code == "storage-unfit"
    assert await (await store.open(kept, **place)).read() == b"kept"
    await open_store().put(uuid.uuid4(), b"after a restart", **place)


async def test_readiness_notices_a_failing_fsync_by_itself(open_store, place):
    disk = FaultyDisk("fsync")
    store = open_store(disk)
    with pytest.raises(Unavailable):
        await store.check_fit()
    disk.fail = None
    with pytest.raises(Unavailable):
        await store.put(uuid.uuid4(), b"x", **place)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EDQUOT])
async def test_a_full_disk_is_said_clearly_and_heals(open_store, place, form, error):
    code, visible, left, store = await outcome_of_a_failing_disk(open_store, place, "write", form=form, error=error)
    assert (code, visible, left) == ("storage-full", "absent", 0)
    await store.put(uuid.uuid4(), b"room again", **place)


async def test_readiness_warns_before_the_disk_is_full(open_store):
    with pytest.raises(Unavailable) as refusal:
        await open_store(reserve_bytes=2**62).check_fit()
    assert refusal.value.problems[0].code == "storage-full"


async def test_an_id_is_used_once(store, place):
    blob = uuid.uuid4()
    await store.put(blob, b"first", **place)
    for content in (b"second", pieces(b"second")):
        with pytest.raises(BlobExists):
            await store.put(blob, content, **place)
    assert await (await store.open(blob, **place)).read() == b"first"


async def hung_up(content):
    yield content
    raise ConnectionResetError("the client hung up")


async def test_a_client_that_hangs_up_leaves_nothing(store, place):
    blob = uuid.uuid4()
    with pytest.raises(ConnectionResetError):
        await store.put(blob, hung_up(bytes(3_000_000)), **place)
    await store.close()
    assert not store._path(blob).exists()
    assert drafts(store) == []


async def test_a_cancelled_deposit_leaves_nothing(store, place):
    blob, started = uuid.uuid4(), asyncio.Event()

    async def endless():
        while True:
            started.set()
            yield bytes(100_000)
            await asyncio.sleep(0)

    task = asyncio.create_task(store.put(blob, endless(), **place))
    await started.wait()
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await store.close()
    assert not store._path(blob).exists()
    assert drafts(store) == []


async def test_a_slow_fsync_does_not_hold_up_the_loop(open_store, place):
    class SlowDisk(FaultyDisk):
        def fsync(self, descriptor):
            time.sleep(0.3)
            super().fsync(descriptor)

    store = open_store(SlowDisk())
    task = asyncio.create_task(store.put(uuid.uuid4(), b"x", **place))
    longest, last = 0.0, time.monotonic()
    while not task.done():
        await asyncio.sleep(0.005)
        now = time.monotonic()
        longest, last = max(longest, now - last), now
    await task
    assert longest < 0.2


async def wrong_openings(store, space_id, keyset, *, cross=lambda store, from_id, to_id: None):
    """Put two blobs and exchange their files; try every wrong way in; return those that succeeded."""
    keys = SpaceKeys(keyset, space_id=space_id)
    one, two, content = uuid.uuid4(), uuid.uuid4(), os.urandom(100_000)
    await store.put(one, content, keys=keys, space_id=space_id)
    await store.put(two, os.urandom(100_000), keys=keys, space_id=space_id)
    store._path(two).write_bytes(store._path(one).read_bytes())
    elsewhere = uuid.uuid4()
    attempts = {
        "document": (two, keys, space_id),
        "space": (one, SpaceKeys(keyset, space_id=elsewhere), elsewhere),
        "key": (one, SpaceKeys(new_space_keyset(), space_id=space_id), space_id),
    }
    succeeded = set()
    for name, (blob, held, space) in attempts.items():
        try:
            await store.open(blob, keys=held, space_id=space)
        except BlobDamaged:
            continue
        succeeded.add(name)
    return succeeded


async def test_a_blob_opens_only_as_itself(store, space_id):
    assert await wrong_openings(store, space_id, new_space_keyset()) == set()


@pytest.mark.parametrize(("forgotten", "position"), [("space", 1), ("document", 2)])
async def test_the_check_sees_a_binding_left_out(store, space_id, monkeypatch, forgotten, position):
    def encode(*parts):
        return b"|".join(str(part).encode() for at, part in enumerate(parts) if at != position)

    monkeypatch.setattr("carnet.infra.blobs.store.encode_parts", encode)
    assert await wrong_openings(store, space_id, new_space_keyset()) == {forgotten}


async def test_keys_of_another_space_are_a_mistake_of_the_code(store, keys):
    with pytest.raises(ValueError):
        await store.put(uuid.uuid4(), b"x", keys=keys, space_id=uuid.uuid4())


@pytest.mark.parametrize("segments", [1, 3, 4, 5, 20])
@pytest.mark.parametrize("known", [True, False])
async def test_a_file_cut_at_a_segment_is_noticed_on_opening(store, place, segments, known):
    blob, size = uuid.uuid4(), 1_500_000
    await store.put(blob, os.urandom(size), **place)
    os.truncate(store._path(blob), segments * SEGMENT)
    with pytest.raises(BlobDamaged):
        await store.open(blob, **place, size=size if known else None)


async def test_an_empty_file_is_damage_and_no_file_is_missing(store, place):
    blob = uuid.uuid4()
    with pytest.raises(BlobMissing):
        await store.open(blob, **place)
    store._path(blob).touch()
    with pytest.raises(BlobDamaged):
        await store.open(blob, **place)


async def test_after_rotation_of_the_space_key_old_blobs_open(store, space_id):
    keyset, blob = new_space_keyset(), uuid.uuid4()
    await store.put(blob, b"old" * 50_000, keys=SpaceKeys(keyset, space_id=space_id), space_id=space_id)
    rotated = SpaceKeys(rotated_space_keyset(keyset), space_id=space_id)
    assert await (await store.open(blob, keys=rotated, space_id=space_id)).read() == b"old" * 50_000


async def test_deleting_and_collecting_can_be_repeated(store, place):
    blobs = [uuid.uuid4() for _ in range(4)]
    for blob in blobs:
        await store.put(blob, b"x", **place)
    assert await store.delete(blobs[0])
    assert not await store.delete(blobs[0])
    assert await store.collect([*blobs, uuid.uuid4()]) == 3
    assert await store.collect(blobs) == 0
    assert not any([await store.exists(blob) for blob in blobs])


async def test_old_blobs_are_listed_and_new_ones_are_not(store, place):
    old, new = uuid.uuid4(), uuid.uuid4()
    for blob in (old, new):
        await store.put(blob, b"x", **place)
    os.utime(store._path(old), (1_000_000, 1_000_000))
    limit = dt.datetime.fromtimestamp(2_000_000, dt.UTC)
    assert [blob async for blob in store.list_older_than(limit)] == [old]


async def test_drafts_of_dead_processes_are_thrown_away_and_fresh_ones_kept(open_store, tmp_path):
    store = open_store()
    (stale, fresh) = (store._drafts / name for name in ("stale", "fresh"))
    stale.touch()
    fresh.touch()
    os.utime(stale, (1_000_000, 1_000_000))
    open_store()
    assert drafts(store) == [fresh]


async def test_content_of_any_length_passes_in_constant_memory(store, place):
    blob, total, piece = uuid.uuid4(), 48_000_000, os.urandom(64_000)

    async def long():
        for _ in range(total // len(piece)):
            yield piece

    tracemalloc.start()
    try:
        await store.put(blob, long(), **place)
        written = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        reader, seen = await store.open(blob, **place, size=total), 0
        async for part in reader.read_range(0, total):
            seen += len(part)
        read = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert seen == total
    assert written < 10_000_000
    assert read < 4_000_000
