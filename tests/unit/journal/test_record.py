"""An entry as it is written, and the commit concurrent reads share: who waits, for what, and what they are told."""

import asyncio
import datetime as dt
from uuid import UUID

import msgspec
import psycopg
import pytest

from carnet.infra.db.database import DOWN
from carnet.journal.actions import record
from carnet.journal.actions.record import MOST_AT_ONCE, GroupCommit, acknowledge, to_row
from carnet.journal.data import Act, Trace
from carnet.journal.receipts import ReceiptBook, read_receipts, seat_receipts
from carnet.journal.rules.leaves import commitment
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Ground, Reason, allow, refuse
from carnet.kernel.errors import Unavailable
from carnet.kernel.ids import SpaceId

AT = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
SPACE = SpaceId(UUID(int=1))


def trace(*, kind=ActorKind.PROFESSIONAL, decision=None, delegation=None, **other):
    actor = Actor(kind=kind, identifier="1", name="Dr Personne", delegation=delegation)
    decision = decision or allow(Ground.AUTHORISED_PROFESSIONAL)
    return Trace(act=Act.READ_DOCUMENT, actor=actor, decision=decision, at=AT, space=SPACE, **other)


@pytest.mark.parametrize("kind", ActorKind)
def test_only_who_is_public_is_named(kind):
    nameless = {ActorKind.PERSON, ActorKind.REPRESENTATIVE, ActorKind.CARER}
    assert to_row(trace(kind=kind))["actor_name"] == ("" if kind in nameless else "Dr Personne")


def test_an_entry_says_what_was_decided_for_whom_and_has_a_nonce_of_its_own():
    row = to_row(trace())
    assert (row["outcome"], row["reason"], row["on_behalf_of"]) == ("done", None, None)
    refused = to_row(trace(decision=refuse(Reason.HIDDEN)))
    assert (refused["outcome"], refused["reason"], refused["ground"]) == ("refused", Reason.HIDDEN, None)
    delegation = UUID(int=5)
    assert to_row(trace(delegation=delegation))["on_behalf_of"] == delegation.hex
    assert to_row(trace(delegation=delegation, on_behalf_of="x"))["on_behalf_of"] == "x"
    nonces = {bytes.fromhex(to_row(trace())["nonce"]) for _ in range(8)}
    assert {len(one) for one in nonces} == {32}
    assert len(nonces) == 8


class Open:
    """Stands for a transaction about no space: what would be written is kept."""

    at, space = AT, None

    async def execute(self, statement, values):
        self.written = values


@pytest.mark.parametrize("details", [{"known": "then"}, {}, None])
async def test_what_is_said_of_an_act_is_in_its_entry(details):
    transaction, actor = Open(), Actor(kind=ActorKind.OPERATOR, identifier="1", name="")
    await record.record(transaction, Act.CONFIRM_CLOCK, allow(Ground.DUTY), actor=actor, details=details)
    assert msgspec.json.decode(transaction.written["details"]) == (details or {})


def test_what_is_committed_is_noted_when_there_is_a_book(tmp_path):
    row = to_row(trace()) | {"document_ids": [], "at": AT}
    acknowledge([row])
    seat_receipts(ReceiptBook(tmp_path))
    try:
        acknowledge([row])
    finally:
        seat_receipts(None)
    (book,) = tmp_path.iterdir()
    (noted,) = [one for _, one in read_receipts(book.read_bytes())]
    assert noted == commitment(row, nonce=bytes.fromhex(row["nonce"]))


class Disk:
    """Stands for the database: each commit takes until `let_go`."""

    def __init__(self, monkeypatch):
        self.commits, self._go = [], asyncio.Semaphore(0)
        self.trouble = None
        monkeypatch.setattr(record, "rows_of_one", self._write)

    async def _write(self, statement, *, database_):
        self.commits.append([one["session"] for one in msgspec.json.decode(statement.params["entries"])])
        await self._go.acquire()
        if self.trouble:
            raise self.trouble

    async def until(self, commits):
        async with asyncio.timeout(5):
            while len(self.commits) < commits:  # noqa: ASYNC110 - what is awaited is a call
                await asyncio.sleep(0)

    def let_go(self):
        self._go.release()


@pytest.fixture
def disk(monkeypatch):
    return Disk(monkeypatch)


def named(number):
    return Trace(
        act=Act.READ_DOCUMENT,
        actor=Actor(kind=ActorKind.SYSTEM, identifier="1", name="", session=str(number)),
        decision=allow(Ground.DUTY),
        at=AT,
        space=SPACE,
    )


async def test_those_who_come_while_one_commit_runs_share_the_next(disk):
    committer = GroupCommit(None)
    tasks = [asyncio.create_task(committer.append(named(0)))]
    await disk.until(1)
    tasks += [asyncio.create_task(committer.append(named(one))) for one in range(1, 4)]
    await asyncio.sleep(0)
    disk.let_go()
    await tasks[0]
    await disk.until(2)
    assert not any(one.done() for one in tasks[1:]), "nobody is answered before their own entry is durable"
    disk.let_go()
    await asyncio.gather(*tasks)
    assert disk.commits == [["0"], ["1", "2", "3"]]
    late = asyncio.create_task(committer.append(named(9)))
    disk.let_go()
    await late
    assert disk.commits[-1] == ["9"]


async def test_a_commit_takes_so_many_and_no_more(disk):
    committer = GroupCommit(None)
    tasks = [asyncio.create_task(committer.append(named(one))) for one in range(MOST_AT_ONCE + 3)]
    for _ in range(2):
        disk.let_go()
    await asyncio.gather(*tasks)
    assert [len(one) for one in disk.commits] == [256, 3]
    assert [one for batch in disk.commits for one in batch] == [str(one) for one in range(259)]


@pytest.mark.parametrize("trouble", [Unavailable(DOWN), psycopg.OperationalError("gone")])
async def test_what_was_not_written_is_refused_to_who_waits_for_it_and_the_next_is_tried(disk, trouble):
    committer = GroupCommit(None)
    lost = asyncio.create_task(committer.append(named(0)))
    left = asyncio.create_task(committer.append(named(1)))  # a reader who went away
    await disk.until(1)
    next_ = asyncio.create_task(committer.append(named(2)))
    await asyncio.sleep(0)
    left.cancel()
    disk.trouble = trouble
    disk.let_go()
    with pytest.raises(Unavailable):
        await lost
    disk.trouble = None
    await disk.until(2)
    disk.let_go()
    await next_
    with pytest.raises(asyncio.CancelledError):
        await left


async def test_who_went_away_meanwhile_spoils_nobody_elses_commit(disk):
    committer = GroupCommit(None)
    gone, stays = (asyncio.create_task(committer.append(named(one))) for one in range(2))
    await disk.until(1)
    gone.cancel()
    await asyncio.sleep(0)
    disk.let_go()
    await stays
    assert disk.commits == [["0", "1"]]
