"""A burst is witnessed in time: what was committed within a second is under a checkpoint seconds later."""

import asyncio
import time

from carnet.infra import clock
from carnet.journal.rules.notes import Note
from factories.log import act
from factories.world import make_person

LONGEST = 5.0


async def test_a_burst_is_witnessed_within_seconds(log):
    people = [await make_person(at=clock.now()) for _ in range(5)]
    stop = asyncio.Event()
    running = asyncio.create_task(log.sequencer.run(stop))
    try:
        await asyncio.gather(*(act(people[number % 5], number=number) for number in range(200)))
        begun = time.monotonic()
        async with asyncio.timeout(60):
            while await waiting(log):  # noqa: ASYNC110 - the log is files, nothing to await
                await asyncio.sleep(0.02)
        assert time.monotonic() - begun < LONGEST
    finally:
        stop.set()
        await running


def checkpointed(log):
    text = log.sequencer.store.checkpoint()
    return Note.parse(text).checkpoint().size if text else 0


async def waiting(log):
    from carnet.infra.db.work import work

    async with work(space=None, at=clock.now(), database_=log.sequencer._database) as w:
        pending = await w.row("SELECT count(*) FROM journal_pending")
    return pending[0] > 0 or checkpointed(log) < log.sequencer.store.size
