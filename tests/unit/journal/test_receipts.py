"""What was acknowledged stays so when the disk is full; and nothing that nobody reads fills it."""

import asyncio
import datetime as dt
import os
import resource
import stat
from pathlib import Path

import pytest

from carnet.infra import clock, randomness
from carnet.journal.actions import record
from carnet.journal.actions.record import GroupCommit
from carnet.journal.data import Act, Trace
from carnet.journal.receipts import (
    HOUR,
    KEPT_HOURS,
    RECORD,
    ReceiptBook,
    has_book,
    hour_of,
    note_receipts,
    read_receipts,
    seat_receipts,
)
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


def at(monkeypatch, moment):
    monkeypatch.setattr(clock, "now", lambda: moment)
    return int(moment.timestamp() * 1000)


NINE = dt.datetime(2026, 11, 21, 9, 59, 59, 999_000, tzinfo=dt.UTC)


def test_a_receipt_is_the_moment_and_the_commitment_in_the_book_of_its_hour(book, tmp_path, monkeypatch):
    first = at(monkeypatch, NINE)
    book.note([ONE, TWO])
    second = at(monkeypatch, NINE + dt.timedelta(milliseconds=1))
    book.note([THREE])
    by_hour = {hour_of(one): list(read_receipts(one.read_bytes())) for one in tmp_path.iterdir()}
    assert by_hour == {first // HOUR: [(first, ONE), (first, TWO)], first // HOUR + 1: [(second, THREE)]}
    assert {one.name.partition("-")[0] for one in tmp_path.iterdir()} == {str(os.getpid())}
    assert {stat.S_IMODE(one.stat().st_mode) for one in tmp_path.iterdir()} == {0o600}
    assert dt.timedelta(hours=1) / dt.timedelta(milliseconds=1) == HOUR


def test_books_wait_two_days_for_a_monitor(book, tmp_path, monkeypatch):
    noon = at(monkeypatch, NINE) // HOUR
    for hour in (noon - 49, noon - 48, noon + 1):
        (tmp_path / f"7-{hour}").write_bytes(bytes(RECORD))
    book.note([ONE])
    assert sorted(hour_of(one) for one in tmp_path.glob("7-*")) == [noon - 48, noon + 1]


def test_half_a_receipt_at_the_end_is_not_read():
    whole = b"".join(number.to_bytes(8, "big") + one for number, one in ((1, ONE), (2, TWO)))
    assert len(whole) == 2 * RECORD
    assert list(read_receipts(whole)) == [(1, ONE), (2, TWO)]
    for cut in (1, 8, RECORD - 1):
        assert list(read_receipts(whole[:-cut])) == [(1, ONE)]
    assert list(read_receipts(whole[: RECORD - 1])) == list(read_receipts(b"")) == []


def test_a_child_of_the_process_writes_a_book_of_its_own(book, tmp_path, monkeypatch):
    """Two writers of one file would cut one another's records off; what the parent has open stays open."""
    book.note([ONE])
    parents, me = book._file, os.getpid()
    monkeypatch.setattr(os, "getpid", lambda: me + 1)
    book.note([TWO])
    os.fstat(parents)
    books = {one.name.partition("-")[0]: list(read_receipts(one.read_bytes())) for one in tmp_path.iterdir()}
    assert {name: [one for _, one in rows] for name, rows in books.items()} == {str(me): [ONE], str(me + 1): [TWO]}
    os.close(parents)


def test_a_book_that_was_closed_is_opened_again_and_closed_once(tmp_path):
    book = ReceiptBook(tmp_path / "deep" / "receipts")
    assert stat.S_IMODE((tmp_path / "deep" / "receipts").stat().st_mode) == 0o700
    book.close()
    book.note([ONE])
    held = book._file
    book.close()
    with pytest.raises(OSError):
        os.fstat(held)
    other = os.open(tmp_path, os.O_RDONLY)  # the number of the file that was closed is somebody else's now
    assert other == held
    book.close()
    os.fstat(other)
    os.close(other)
    book.note([TWO])
    assert noted(tmp_path / "deep" / "receipts") == [ONE, TWO]
    again = ReceiptBook(tmp_path / "deep" / "receipts")
    again.note([THREE])
    assert noted(tmp_path / "deep" / "receipts") == [ONE, TWO, THREE]
    book.close()
    again.close()


def test_the_process_notes_in_the_book_it_was_given_and_in_no_other(tmp_path):
    one, other = (ReceiptBook(tmp_path / name) for name in ("one", "other"))
    try:
        seat_receipts(one)
        note_receipts([ONE])
        seat_receipts(other)
        note_receipts([TWO])
        assert has_book()
        assert (noted(tmp_path / "one"), noted(tmp_path / "other")) == ([ONE], [TWO])
        assert one._file < 0, "the book before is closed"
    finally:
        seat_receipts(None)
    note_receipts([THREE])
    assert not has_book()
    assert noted(tmp_path / "other") == [TWO]


def test_books_nobody_reads_do_not_pile_up(book, tmp_path):
    hour = int(clock.now().timestamp() * 1000) // HOUR
    old, recent = tmp_path / f"1-{hour - KEPT_HOURS - 1}", tmp_path / f"1-{hour - KEPT_HOURS}"
    for one in (old, recent):
        one.write_bytes(bytes(RECORD))
    book.note([ONE])
    assert not old.exists()
    assert recent.exists()


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


def test_an_old_book_another_process_removes_at_the_same_moment_costs_no_receipt(book, tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "glob", lambda folder, _: [folder / "1-0"])
    book.note([ONE])
    monkeypatch.undo()
    assert noted(tmp_path) == [ONE]
