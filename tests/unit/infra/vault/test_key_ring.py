"""Opened keys are kept for a moment, for whoever shows the key row, and are gone when the row is."""

import gc
import time
import uuid

import pytest

from carnet.infra.vault import KeyRing, Unopenable, new_space_keyset

PLACE = {"table": "document", "column": "title", "row": "1"}


class CountingKek:
    """Counts what passes through a real key-encryption key."""

    def __init__(self, kek, *, remote=False):
        self._kek, self.remote, self.unwrapped = kek, remote, 0

    def __getattr__(self, name):
        return getattr(self._kek, name)

    def unwrap(self, wrapped, *, context):
        self.unwrapped += 1
        return self._kek.unwrap(wrapped, context=context)


@pytest.fixture
def counted(kek):
    return CountingKek(kek)


async def test_a_second_opening_costs_no_unwrapping(counted, space_id):
    ring = KeyRing(counted)
    wrapped = await ring.create(space_id=space_id)
    one = await ring.open(space_id=space_id, version=1, wrapped=wrapped)
    assert await ring.open(space_id=str(space_id), version=1, wrapped=wrapped) is one
    assert counted.unwrapped == 1


async def destroyed_key_still_opens(ring, space_id):
    """Open a space once, destroy its key row (nobody has the wrapped bytes any more), and try again."""
    wrapped = await ring.create(space_id=space_id)
    keys = await ring.open(space_id=space_id, version=1, wrapped=wrapped)
    sealed = keys.seal(**PLACE, plaintext=b"erased")
    try:
        again = await ring.open(space_id=space_id, version=1, wrapped=b"")
        return again.open(**PLACE, sealed=sealed) == b"erased"
    except Unopenable:
        return False


async def test_a_destroyed_key_opens_nothing_even_before_it_is_forgotten(kek, space_id):
    assert not await destroyed_key_still_opens(KeyRing(kek), space_id)


async def test_the_check_sees_a_cache_that_asks_for_no_key_row(kek, space_id):
    class Trusting(KeyRing):
        def _recall(self, place):
            return next((entry.keys for known, entry in self._opened.items() if known[0] == place[0]), None)

    assert await destroyed_key_still_opens(Trusting(kek), space_id)


async def test_a_new_key_for_the_same_space_does_not_open_the_old_content(kek, space_id):
    ring = KeyRing(kek)
    first = await ring.open(space_id=space_id, version=1, wrapped=await ring.create(space_id=space_id))
    sealed = first.seal(**PLACE, plaintext=b"erased")
    second = await ring.open(space_id=space_id, version=1, wrapped=await ring.create(space_id=space_id))
    with pytest.raises(Unopenable):
        second.open(**PLACE, sealed=sealed)


async def test_forgetting_a_space_drops_its_keys_and_only_its(counted, space_id):
    ring, other = KeyRing(counted), uuid.uuid4()
    rows = {space: await ring.create(space_id=space) for space in (space_id, other)}
    opened = {space: await ring.open(space_id=space, version=1, wrapped=wrapped) for space, wrapped in rows.items()}
    assert ring.forget(space_id) == 1
    assert ring.forget(space_id) == 0
    assert await ring.open(space_id=other, version=1, wrapped=rows[other]) is opened[other], "the others stay"
    del opened
    for space, wrapped in rows.items():
        await ring.open(space_id=space, version=1, wrapped=wrapped)
    assert counted.unwrapped == 3
    ring.forget(space_id)
    ring.forget(other)
    gc.collect()
    assert not ring._opened


async def test_keys_are_kept_for_a_bounded_time_and_number(counted, space_id):
    brief = KeyRing(counted, seconds=0.01)
    wrapped = await brief.create(space_id=space_id)
    await brief.open(space_id=space_id, version=1, wrapped=wrapped)
    time.sleep(0.02)  # noqa: ASYNC251 — nothing else runs here
    await brief.open(space_id=space_id, version=1, wrapped=wrapped)
    assert counted.unwrapped == 2
    small = KeyRing(counted, capacity=3)
    for _ in range(10):
        space = uuid.uuid4()
        await small.open(space_id=space, version=1, wrapped=await small.create(space_id=space))
    assert len(small._opened) == 3
    none = KeyRing(counted, capacity=0)
    await none.open(space_id=space_id, version=1, wrapped=wrapped)
    assert not none._opened


async def test_expired_keys_leave_memory_when_others_come(kek):
    ring = KeyRing(kek, seconds=0.01)
    for _ in range(5):
        space = uuid.uuid4()
        await ring.open(space_id=space, version=1, wrapped=await ring.create(space_id=space))
    time.sleep(0.02)  # noqa: ASYNC251 — nothing else runs here
    space = uuid.uuid4()
    await ring.open(space_id=space, version=1, wrapped=await ring.create(space_id=space))
    assert len(ring._opened) == 1


async def test_a_remote_key_is_asked_off_the_loop(kek, space_id):
    import threading

    seen = []

    class Remote(CountingKek):
        def unwrap(self, wrapped, *, context):
            seen.append(threading.current_thread())
            return super().unwrap(wrapped, context=context)

    ring = KeyRing(Remote(kek, remote=True))
    await ring.open(space_id=space_id, version=1, wrapped=await ring.create(space_id=space_id))
    assert seen != [threading.main_thread()]


def test_opening_a_space_and_twenty_fields_stays_under_its_budget(kek, space_id):
    """300 µs for a keyset and 20 fields of 2 kB (see docs/decisions/0011-vault-format.md): best of many rounds."""
    ring = KeyRing(kek, capacity=0)
    wrapped = ring.create_now(space_id=space_id)
    keys = ring.open_now(space_id=space_id, version=1, wrapped=wrapped)
    rows = [uuid.uuid4() for _ in range(20)]
    fields = [(row, keys.seal(**PLACE | {"row": row}, plaintext=b"x" * 2048)) for row in rows]

    def once():
        started = time.perf_counter()
        opened = ring.open_now(space_id=space_id, version=1, wrapped=wrapped)
        for row, sealed in fields:
            opened.open(table="document", column="title", row=row, sealed=sealed)
        return time.perf_counter() - started

    best = min(once() for _ in range(400))
    print(f"keyset and 20 fields of 2 kB: {best * 1e6:.0f} µs")  # noqa: T201 — the measured figure is the result
    assert best < 300e-6


def test_two_spaces_made_alike_have_nothing_in_common():
    assert new_space_keyset()[-60:] != new_space_keyset()[-60:]
