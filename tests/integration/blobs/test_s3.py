"""The S3 store against a real service: conditional, whole, bounded in time, honest when the service is away."""

import asyncio
import contextlib
import datetime as dt
import hashlib
import os
import socket
import time
import tracemalloc
import uuid

import msgspec
import obstore
import pytest

from carnet.infra.blobs import BlobDamaged, BlobExists, BlobMissing, S3Blobs
from carnet.infra.blobs import s3 as s3_module
from carnet.infra.blobs.segments import SEGMENT, sealed_size
from carnet.infra.blobs.store import WINDOW
from carnet.kernel.errors import Unavailable

SIZES = [0, 1, 50_000, SEGMENT, WINDOW - 100, WINDOW + 1, 5_000_000]
FORMS = ["in memory", "streamed"]


async def pieces(content, length=200_000):
    for at in range(0, len(content), length):
        yield content[at : at + length]


def in_form(content, form):
    return content if form == "in memory" else pieces(content)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("size", SIZES)
async def test_what_was_put_is_read_back(s3, place, form, size):
    content, blob = os.urandom(size), uuid.uuid4()
    stored = await s3.put(blob, in_form(content, form), **place)
    assert (stored.size, stored.sealed_size) == (size, sealed_size(size))
    assert stored.sha256 == (None if form == FORMS[0] else hashlib.sha256(content).digest())
    for known in (size, None):
        reader = await s3.open(blob, **place, size=known)
        assert await reader.read() == content
    middle = [piece async for piece in reader.read_range(size // 3, size // 2)]
    assert b"".join(middle) == content[size // 3 : size // 2]


async def overwriting_succeeds(store, place, form):
    blob = uuid.uuid4()
    await store.put(blob, b"first", **place)
    with contextlib.suppress(BlobExists):
        await store.put(blob, in_form(b"second", form), **place)
    return await (await store.open(blob, **place)).read() != b"first"


@pytest.mark.parametrize("form", FORMS)
async def test_nothing_is_written_over(s3, place, form):
    assert not await overwriting_succeeds(s3, place, form)


async def test_the_check_sees_an_unconditional_put(s3, place, monkeypatch):
    async def put(store, path, content, **options):
        return await obstore.put_async(store, path, content, **options | {"mode": "overwrite"})

    class Careless:
        put_async = staticmethod(put)

        def __getattr__(self, name):
            return getattr(obstore, name)

    monkeypatch.setattr(s3_module, "obstore", Careless())
    assert await overwriting_succeeds(s3, place, "in memory")


async def test_two_deposits_under_one_id_at_once_leave_one_whole(s3, place):
    blob, contents = uuid.uuid4(), [os.urandom(300_000) for _ in range(4)]
    answers = await asyncio.gather(*[s3.put(blob, one, **place) for one in contents], return_exceptions=True)
    accepted = [one for one, answer in zip(contents, answers, strict=True) if not isinstance(answer, BaseException)]
    assert [await (await s3.open(blob, **place)).read()] == accepted
    assert sum(isinstance(answer, BlobExists) for answer in answers) == 3


async def test_a_repeated_attempt_of_ours_is_recognised(s3, place, monkeypatch):
    """The answer to the first attempt is lost, the client below repeats it and is told that the name is taken."""
    sent = []

    async def put(store, path, content, **options):
        sent.append(path)
        await obstore.put_async(store, path, content, **options)
        return await obstore.put_async(store, path, content, **options)

    class Repeating:
        put_async = staticmethod(put)

        def __getattr__(self, name):
            return getattr(obstore, name)

    blob = uuid.uuid4()
    monkeypatch.setattr(s3_module, "obstore", Repeating())
    stored = await s3.put(blob, b"content", **place)
    assert stored.size == 7
    assert len(sent) == 1
    assert await (await s3.open(blob, **place)).read() == b"content"


@pytest.mark.parametrize("size", [3_000_000, 40_000_000])
async def test_a_client_that_hangs_up_leaves_nothing(s3, place, size):
    async def hung_up():
        async for piece in pieces(bytes(size)):
            yield piece
        raise ConnectionResetError("the client hung up")

    blob = uuid.uuid4()
    with pytest.raises(ConnectionResetError):
        await s3.put(blob, hung_up(), **place)
    assert not await s3.exists(blob)


async def test_a_long_content_goes_up_in_parts_in_constant_memory(s3, place):
    blob, total, piece = uuid.uuid4(), 120_000_000, os.urandom(1_000_000)
    digest = hashlib.sha256()

    async def long():
        for _ in range(total // len(piece)):
            digest.update(piece)
            yield piece

    tracemalloc.start()
    try:
        stored = await s3.put(blob, long(), **place)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert stored.size == total
    assert stored.sha256 == digest.digest()
    assert peak < 80_000_000
    reader, seen = await s3.open(blob, **place, size=total), hashlib.sha256()
    async for part in reader.read_range(0, total):
        assert len(part) <= WINDOW
        seen.update(part)
    assert seen.digest() == stored.sha256
    with pytest.raises(BlobExists):
        await s3.put(blob, long(), **place)
    await s3.delete(blob)


async def test_missing_damaged_and_anothers_are_told_apart(s3, place, keys, space_id):
    one, two = uuid.uuid4(), uuid.uuid4()
    with pytest.raises(BlobMissing):
        await s3.open(one, **place)
    await s3.put(one, os.urandom(600_000), **place)
    raw = bytes(await (await obstore.get_async(s3._store, s3._path(one))).bytes_async())
    for wrong in (raw[: 2 * SEGMENT], raw[:-1], raw + b"\0", b""):
        await obstore.put_async(s3._store, s3._path(one), wrong)
        with pytest.raises(BlobDamaged):
            await s3.open(one, **place)
        with pytest.raises(BlobDamaged):
            await s3.open(one, **place, size=600_000)
    await obstore.put_async(s3._store, s3._path(two), raw)
    with pytest.raises(BlobDamaged):
        await s3.open(two, **place)


async def test_listing_deleting_and_collecting(s3_settings, place):
    s3 = S3Blobs(msgspec.structs.replace(s3_settings, prefix=f"listing-{uuid.uuid4().hex}"))
    blobs = {uuid.uuid4() for _ in range(5)}
    for blob in blobs:
        await s3.put(blob, b"x", **place)
    at = dt.datetime.now(dt.UTC)
    assert {blob async for blob in s3.list_older_than(at + dt.timedelta(minutes=1))} == blobs
    assert [blob async for blob in s3.list_older_than(at - dt.timedelta(minutes=1))] == []
    some = blobs.pop()
    assert await s3.delete(some)
    assert not await s3.delete(some)
    assert await s3.collect([*blobs, some, uuid.uuid4()]) == 4
    assert await s3.collect(blobs) == 0


async def test_a_service_that_answers_is_fit_and_its_probe_is_no_blob(s3):
    await s3.check_fit()
    listed = [blob async for blob in s3.list_older_than(dt.datetime.now(dt.UTC))]
    assert all(blob.version == 4 for blob in listed)


@pytest.fixture
def silent_port():
    """A port where somebody accepts and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        yield listener.getsockname()[1]


def closed_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.mark.parametrize("trouble", ["gone", "silent", "wrong secret", "no bucket"])
async def test_a_service_that_cannot_serve_is_unavailable_in_bounded_time(s3_settings, place, silent_port, trouble):
    brief = {"request_seconds": 0.5, "retry_seconds": 0.5, "connect_seconds": 0.3, "retries": 1}
    wrong = {
        "gone": {"endpoint": f"http://127.0.0.1:{closed_port()}"},
        "silent": {"endpoint": f"http://127.0.0.1:{silent_port}"},
        "wrong secret": {"secret_access_key": "wrong"},
        "no bucket": {"bucket": "No_Such_Bucket"},
    }[trouble]
    s3 = S3Blobs(msgspec.structs.replace(s3_settings, **brief, **wrong))
    started = time.monotonic()
    with pytest.raises(Unavailable):
        await s3.check_fit()
    for content in (b"x", pieces(b"x" * 1_000_000), pieces(bytes(20_000_000))):
        with pytest.raises(Unavailable) as refusal:
            await s3.put(uuid.uuid4(), content, **place)
        assert refusal.value.problems[0].code == "storage-unavailable"
    if trouble != "no bucket":
        with pytest.raises(Unavailable):
            await s3.open(uuid.uuid4(), **place)
    assert time.monotonic() - started < 15


async def stored_through_a_peer(s3_settings, place, alter):
    """Deposit through a peer that hands each long piece of the request on as `alter` makes it; return whether kept."""
    host, port = s3_settings.endpoint.removeprefix("http://").split(":")
    writers = []

    async def between(reader, writer):
        onward_reader, onward_writer = await asyncio.open_connection(host, int(port))
        writers.extend((writer, onward_writer))

        async def hand_on(source, target, change):
            while data := await source.read(65536):
                target.write(change(data))
                await target.drain()
            target.close()

        ways = ((reader, onward_writer, alter), (onward_reader, writer, bytes))
        await asyncio.gather(*[hand_on(*way) for way in ways], return_exceptions=True)

    async with await asyncio.start_server(between, "127.0.0.1", 0) as server:
        endpoint = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        brief = {"request_seconds": 2.0, "retry_seconds": 1.0, "retries": 0}
        blob = uuid.uuid4()
        try:
            through = S3Blobs(msgspec.structs.replace(s3_settings, endpoint=endpoint, **brief))
            await through.put(blob, os.urandom(300_000), **place)
        except Unavailable:
            pass
        for writer in writers:
            writer.close()
        await asyncio.gather(*[writer.wait_closed() for writer in writers], return_exceptions=True)
        return await S3Blobs(s3_settings).exists(blob)


async def test_bytes_altered_on_the_way_are_not_kept(s3_settings, place):
    def flip_last(data):
        return data[:-1] + bytes((data[-1] ^ 1,)) if len(data) > 5000 else data

    assert not await stored_through_a_peer(s3_settings, place, flip_last)
    assert await stored_through_a_peer(s3_settings, place, bytes), "the peer itself must be harmless"
