"""What was acknowledged stays so when the disk is full; and nothing that nobody reads fills it."""

import asyncio
import datetime as dt
import os
import resource

import pytest

from carnet.infra import clock, randomness
from carnet.journal.actions import record
from carnet.journal.actions.record import GroupCommit
from carnet.journal.data import Act, Trace
from carnet.journal.log.alarms import LARGEST, MOST, Alarms, read_alarms
from carnet.journal.receipts import HOUR, KEPT_HOURS, RECORD, ReceiptBook, read_receipts
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Ground, allow
from carnet.kernel.errors import Unavailable
from carnet.kernel.ids import SpaceId

ONE, TWO, THREE = (bytes([number]) * 32 for number in (1, 2, 3))


@pytest.fixture
def book(tmp_path):
    book = ReceiptBook(tmp_path)
    yield book
    book.close()


def noted(folder):
    (path,) = folder.glob("*-*")
    return [one for _, one in read_receipts(path.read_bytes())]


def test_a_full_disk_breaks_no_act_that_is_committed(book, tmp_path):
    book.note([ONE])
    kept, full = os.dup(book._file), os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, book._file)
    book.note([TWO])
    os.dup2(kept, book._file)
    os.close(kept)
    os.close(full)
    book.note([THREE])
    assert noted(tmp_path) == [ONE, THREE]


def test_half_a_receipt_does_not_spoil_those_that_follow(book, tmp_path):
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (RECORD + RECORD // 2, hard))
    try:
        book.note([ONE, TWO])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    book.note([THREE])
    assert noted(tmp_path) == [ONE, THREE]


def test_books_nobody_reads_do_not_pile_up(book, tmp_path):
    hour = int(clock.now().timestamp() * 1000) // HOUR
    old, recent = tmp_path / f"1-{hour - KEPT_HOURS - 1}", tmp_path / f"1-{hour - KEPT_HOURS}"
    for one in (old, recent):
        one.write_bytes(bytes(RECORD))
    book.note([ONE])
    assert not old.exists()
    assert recent.exists()


def test_alarms_are_kept_up_to_a_number_and_a_size(tmp_path):
    path = tmp_path / "alarms"
    alarms = Alarms(path, by="test")
    for number in range(MOST + 3):
        alarms.ring("suppressed", f"commitment {number}")
    assert len(alarms.raised) == len(read_alarms(path)) == MOST
    path.write_bytes(path.read_bytes() * (LARGEST // path.stat().st_size + 1))
    full = path.stat().st_size
    again = Alarms(path, by="test")
    again.ring("suppressed", "one more")
    assert [one.where for one in again.raised] == ["one more"]
    assert path.stat().st_size == full


async def test_whoever_waits_for_a_commit_that_was_broken_off_is_told(monkeypatch):
    """The process is stopped in the middle of a batch: neither that batch nor the next waits for ever."""
    began, never = asyncio.Event(), asyncio.Event()

    async def slow(*_, **__):
        began.set()
        await never.wait()

    monkeypatch.setattr(record, "rows_of_one", slow)
    monkeypatch.setattr(record, "MOST_AT_ONCE", 1)
    committer = GroupCommit(None)
    actor = Actor(kind=ActorKind.SYSTEM, identifier="test", name="test")
    at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    trace = Trace(
        act=Act.VIEW_JOURNAL, actor=actor, decision=allow(Ground.DUTY), at=at, space=SpaceId(randomness.uuid4())
    )
    waiting = [asyncio.create_task(committer.append(trace)) for _ in range(3)]
    await began.wait()
    committer._running.cancel()
    async with asyncio.timeout(5):
        told = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(one) for one in told] == [Unavailable] * 3
