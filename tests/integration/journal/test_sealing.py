"""Committed entries become leaves of one tree, each once, none skipped; signed, witnessed, followed."""

import asyncio
import contextlib

from carnet.infra import clock
from carnet.infra.db import work
from carnet.journal.actions.seal import Sealed, was_sealed
from carnet.journal.api import Act, LogView, record
from carnet.journal.receipts import read_receipts
from carnet.journal.rules.leaves import commitment_in, label_in
from carnet.journal.rules.merkle import batch_proof
from carnet.journal.rules.notes import Note, seen_by, signed_by
from carnet.journal.verify_journal import rebuilt_root
from carnet.kernel.decisions import Ground, allow
from factories.log import act, rows
from factories.world import give, make_person, make_software


class Undone(Exception):
    """Ends a transaction before its commit."""


async def test_what_is_committed_is_sealed_signed_and_witnessed(house, log):
    person = await make_person(at=clock.now())
    await asyncio.gather(*(act(person, number=number) for number in range(20)))
    await log.sequencer.round()
    note = Note.parse(log.sequencer.store.checkpoint())
    checkpoint = note.checkpoint()
    assert signed_by(note, log.key)
    assert all(seen_by(note, one.public) for one in log.witnesses)
    found = rows(
        house,
        "SELECT e.seq, l.leaf_index, l.leaf_hash FROM carnet.journal_entry e LEFT JOIN carnet.journal_leaf l"
        " USING (space_id, seq) WHERE e.space_id = %s ORDER BY 1",
        person.space,
    )
    assert [seq for seq, *_ in found] == list(range(1, len(found) + 1))
    assert len(found) >= 20
    for _, index, leaf in found:
        proof = batch_proof([index], checkpoint.size, log.sequencer.store.hash_of)
        assert rebuilt_root({index: bytes(leaf)}, checkpoint.size, proof) == checkpoint.root
    assert rows(house, "SELECT count(*) FROM carnet.journal_pending") == [(0,)]
    assert not log.sequencer.alarms.raised
    assert await log.sequencer.round() == 0
    assert await told_sealed(log, person, index=found[0][1])
    assert not await told_sealed(log, person, index=found[0][1] + 1), "that place is somebody else's"


async def told_sealed(log, person, *, index):
    first = Sealed(person.space, 1, False, 1, index, b"")
    return await was_sealed(log.sequencer._database, first, origin=log.place.origin, at=clock.now())


async def test_the_order_inside_a_batch_says_nothing(house, log):
    """What is withheld does not lie beside what is told of the same entry: a hole there would count it."""
    await log.sequencer.round()
    people, software = [await make_person(at=clock.now()) for _ in range(3)], await make_software(at=clock.now())
    for person in people:
        await give(person, by=software, at=clock.now(), codes=frozenset({"INVISIBLE_PATIENT"}))
        await asyncio.gather(*(act(person) for _ in range(4)))
    size = log.sequencer.store.size
    await log.sequencer.round()
    view = LogView(log.place.public)
    labels = [label_in(view.leaf(index)) for index in range(size, view.size)]
    assert len(labels) > 15
    assert labels == sorted(labels)
    held = rows(house, "SELECT count(*) FROM carnet.journal_leaf WHERE held AND leaf_index >= %s", size)
    assert held == [(3,)]


async def test_a_slow_transaction_is_sealed_when_it_commits_and_never_skipped(house, log):
    """The slow one took its number first and commits last, after its neighbours were sealed."""
    slow, quick = await make_person(at=clock.now()), await make_person(at=clock.now())
    began, may_end = asyncio.Event(), asyncio.Event()

    async def dawdle():
        async with work(space=slow.space, at=clock.now()) as w:
            await record(w, Act.VIEW_JOURNAL, allow(Ground.OWN_SPACE), actor=slow.actor)
            began.set()
            await may_end.wait()

    sealed = "SELECT count(*) FROM carnet.journal_leaf WHERE space_id = %s"
    async with asyncio.TaskGroup() as group:
        group.create_task(dawdle())
        await began.wait()
        for _ in range(3):
            await act(quick)
            await log.sequencer.round()
        before = rows(house, sealed, slow.space)[0][0]
        may_end.set()
    await log.sequencer.round()
    assert rows(house, sealed, slow.space)[0][0] == before + 1
    assert rows(house, "SELECT count(*) FROM carnet.journal_pending") == [(0,)]


def receipts(log):
    books = (log.home / "receipts").glob("*-*")
    return {one for book in books for _, one in read_receipts(book.read_bytes())}


async def test_a_change_leaves_its_receipt_once_it_is_committed_and_not_before(log):
    person = await make_person(at=clock.now())
    before = receipts(log)
    for ends in (False, True):
        with contextlib.suppress(Undone):
            async with work(space=person.space, at=clock.now()) as w:
                await record(w, Act.VIEW_JOURNAL, allow(Ground.OWN_SPACE), actor=person.actor)
                assert receipts(log) == before
                if not ends:
                    raise Undone
    (fresh,) = receipts(log) - before
    size = log.sequencer.store.size
    await log.sequencer.round()
    view = LogView(log.place.public)
    assert fresh in {commitment_in(view.leaf(index)) for index in range(size, view.size)}


async def test_a_monitor_follows_and_finds_nothing(log):
    person = await make_person(at=clock.now())
    monitor = log.monitor("follower")
    for _ in range(3):
        await act(person)
        await log.sequencer.round()
        assert monitor.check()
    assert monitor.size == log.sequencer.store.size
    assert not monitor.alarms.raised
    monitor.close()
