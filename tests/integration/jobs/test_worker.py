"""Events reach their handlers: after failures, after the death of a worker, with several workers at once."""

import asyncio
import collections
import contextlib
import os
import signal
import sys
import time
from pathlib import Path

import msgspec
import psycopg
import pytest

from carnet.infra.db import work
from carnet.infra.jobs.handlers import GiveUp
from carnet.infra.jobs.outbox import publish
from carnet.infra.jobs.retrying import Retrying
from carnet.infra.jobs.worker import Pace, Schedule, run_worker
from carnet.infra.jobs.worker import _still_there as still_there
from carnet.journeys.api import count_events, list_dead_letters, retry_dead_letter
from carnet.kernel.errors import NotFound
from carnet.notifications.api import list_notifications
from factories.events import as_owner, database_name, deliver, empty_queue, hasten, jobs
from factories.world import AT, OPERATOR, give, make_person, make_software

PROCESS = Path(__file__).with_name("worker_process.py")
FAST = Pace(poll=0.2, heartbeat=0.3, stalled_after=1.5, rescue="* * * * * */1")


class Ping(msgspec.Struct, frozen=True, tag=True):
    number: int


class Slow(msgspec.Struct, frozen=True, tag=True):
    number: int


@pytest.fixture(autouse=True)
def _fresh(house):
    empty_queue(house)


async def ping(count=1):
    async with work(space=None, at=AT) as w:
        for number in range(count):
            await publish(w, Ping(number))


@contextlib.asynccontextmanager
async def working(house, handlers, *, workers=1, **options):
    """Workers in this process, stopped gracefully at the end."""
    stop = asyncio.Event()
    tasks = [
        asyncio.create_task(
            run_worker(house.url("carnet_app"), handlers=handlers, stop=stop, **{"pace": FAST, **options})
        )
        for _ in range(workers)
    ]
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(asyncio.gather(*tasks), 15)


@contextlib.asynccontextmanager
async def process(house, mode):
    """A worker in a process of its own, killed at the end."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-W",
        "ignore",
        str(PROCESS),
        str(house.home),
        house.url("carnet_app"),
        mode,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": "src:tests"},
    )
    try:
        await says(child, "ready")
        yield child
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()


async def says(child, word):
    while (line := await asyncio.wait_for(child.stdout.readline(), 20)).strip() != word.encode():
        assert line, "the worker ended by itself"


async def eventually(condition, *, within=15.0):
    deadline = time.monotonic() + within
    while not await condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.1)


async def queue_is_empty(house):
    return jobs(house) == []


@pytest.mark.parametrize("mode", ["stuck-inside", "stuck-after"])
async def test_killed_in_the_middle_of_a_handler_the_event_is_handled_again_and_its_effect_is_one(house, mode):
    person, software = await make_person(), await make_software()
    await give(person, by=software)
    async with process(house, mode) as child:
        await says(child, "stuck")
        child.send_signal(signal.SIGKILL)
        await child.wait()
    assert [job[1] for job in jobs(house)][:1] == ["doing"]
    async with process(house, "well"):
        await eventually(lambda: queue_is_empty(house))
    page = await list_notifications(actor=person.actor, space=person.space, at=AT)
    assert [item.code for item in page.items] == ["AJOUT_DOCUMENT"]


async def test_planted_without_a_rescue_a_dead_workers_event_stays_lost(house):
    person, software = await make_person(), await make_software()
    await give(person, by=software)
    async with process(house, "stuck-inside") as child:
        await says(child, "stuck")
    from factories.events import table

    async with working(house, table(), pace=msgspec.structs.replace(FAST, rescue="0 0 1 1 *")):
        await asyncio.sleep(3)
    assert [job[1] for job in jobs(house)] == ["doing"]


async def test_failures_are_tried_again_then_kept_as_dead_letters_the_operator_can_retry(house):
    heard = []

    async def fails(event, /, *, at):
        heard.append(event.number)
        raise RuntimeError("broken")

    await ping()
    retrying = Retrying(attempts=3, first=0.2, longest=0.5)
    async with working(house, {Ping: (fails,)}, retrying=retrying):

        async def dead():
            return [job[1] for job in jobs(house)] == ["failed"]

        await eventually(dead)
    assert len(heard) == 3
    (letter,) = await list_dead_letters(at=AT)
    assert (letter.event, letter.attempts) == ("Ping", 3)
    assert letter.failed_at is not None
    assert await count_events(at=AT) == {"failed": 1}

    async def succeeds(event, /, *, at):
        heard.append("done")

    with pytest.raises(NotFound):
        await retry_dead_letter(actor=OPERATOR, job=letter.job + 1000, at=AT)
    await retry_dead_letter(actor=OPERATOR, job=letter.job, at=AT)
    with pytest.raises(NotFound):
        await retry_dead_letter(actor=OPERATOR, job=letter.job, at=AT)
    assert [(job[1], job[2]) for job in jobs(house)] == [("todo", 0)]
    async with working(house, {Ping: (succeeds,)}):
        await eventually(lambda: queue_is_empty(house))
    assert heard[-1] == "done"
    with as_owner(house) as conn:
        traced = conn.execute("SELECT details ->> 'job' FROM security_entry WHERE act = 'retry-dead-letter'").fetchall()
    assert (str(letter.job),) in traced


async def test_what_takes_long_never_takes_every_place(house):
    """More slow events than there are places, before one that somebody waits for: it passes, beside one of them."""
    running, most, told, over = 0, 0, asyncio.Event(), asyncio.Event()

    async def slow(event, /, *, at):
        nonlocal running, most
        running, most = running + 1, max(most, running + 1)
        await over.wait()
        running -= 1

    async def tells(event, /, *, at):
        told.set()

    async with work(space=None, at=AT) as w:
        for number in range(FAST.concurrency + 2):
            await publish(w, Slow(number), patient=True)
    async with working(house, {Slow: (slow,), Ping: (tells,)}):

        async def begun():
            return running > 0

        await eventually(begun)
        await ping()
        await asyncio.wait_for(told.wait(), 10)
        assert most == FAST.patient == 1
        over.set()
        await eventually(lambda: queue_is_empty(house))


async def test_giving_up_needs_no_second_try(house):
    async def gives_up(event, /, *, at):
        raise GiveUp("never")

    await ping()
    await deliver(house, handlers={Ping: (gives_up,)})
    assert [(job[1], job[2]) for job in jobs(house)] == [("failed", 1)]


async def test_an_event_no_table_knows_is_kept(house):
    await ping()

    class Other(msgspec.Struct, frozen=True, tag=True):
        pass

    await deliver(house, handlers={Other: ()})
    assert [(job[1], job[2]) for job in jobs(house)] == [("todo", 1)]


async def test_several_workers_share_the_work_once_each(house):
    heard = collections.Counter()

    async def hears(event, /, *, at):
        await asyncio.sleep(0.002)
        heard[event.number] += 1

    await ping(200)
    async with working(house, {Ping: (hears,)}, workers=3):
        await eventually(lambda: queue_is_empty(house), within=30)
    assert heard == collections.Counter(range(200))


async def test_a_stop_finishes_what_was_begun(house):
    begun, ended = asyncio.Event(), []

    async def slow(event, /, *, at):
        begun.set()
        await asyncio.sleep(1)
        ended.append(event.number)

    await ping()
    async with working(house, {Ping: (slow,)}):
        await asyncio.wait_for(begun.wait(), 5)
    assert ended == [0]
    assert jobs(house) == []


async def test_a_stop_does_not_wait_for_ever(house):
    begun = asyncio.Event()

    async def endless(event, /, *, at):
        begun.set()
        await asyncio.sleep(60)

    await ping()
    async with working(house, {Ping: (endless,)}, pace=msgspec.structs.replace(FAST, grace=0.3)):
        await asyncio.wait_for(begun.wait(), 5)
    assert [job[1] for job in jobs(house)] == ["todo"]


async def test_a_handler_that_hangs_is_cut_off_and_tried_again(house):
    async def endless(event, /, *, at):
        await asyncio.sleep(60)

    await ping()
    async with working(house, {Ping: (endless,)}, pace=msgspec.structs.replace(FAST, handler=0.3)):

        async def tried():
            return [(job[1], job[2]) for job in jobs(house)] == [("todo", 1)]

        await eventually(tried)


async def test_a_connection_the_server_closed_is_lent_to_nobody(house):
    """Its last words come before its end, and are no reason to think that it lives."""
    async with await psycopg.AsyncConnection.connect(house.url("carnet_app"), autocommit=True) as conn:
        await still_there(conn)
        with psycopg.connect(house.superuser_url, autocommit=True) as superuser:
            superuser.execute("SELECT pg_terminate_backend(%s, 5000)", (conn.info.backend_pid,))
        with pytest.raises(psycopg.OperationalError):
            await still_there(conn)


async def test_a_worker_whose_database_went_away_comes_back(house):
    heard = []

    async def hears(event, /, *, at):
        heard.append(event.number)

    async with working(house, {Ping: (hears,)}):
        await ping()
        await eventually(lambda: queue_is_empty(house))
        with psycopg.connect(house.superuser_url, autocommit=True) as conn:
            conn.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = %s AND application_name = 'carnet-jobs'",
                (database_name(house),),
            )
        await ping()
        await eventually(lambda: queue_is_empty(house))
    assert heard == [0, 0]


async def test_schedules_run_and_one_that_fails_does_not_stop_the_rest(house):
    ran, broken = [], []

    async def fine(*, at):
        ran.append(at)

    async def breaks(*, at):
        broken.append(at)
        raise RuntimeError("broken")

    schedules = (
        Schedule(name="fine", cron="* * * * * */1", run=fine),
        Schedule(name="breaks", cron="* * * * * */1", run=breaks),
    )
    async with working(house, {Ping: ()}, schedules=schedules, workers=2):

        async def both():
            return len(ran) >= 2 and len(broken) >= 2

        await eventually(both)
    turns = [at.replace(microsecond=0) for at in ran]
    assert len(turns) - len(set(turns)) <= 1  # two workers, one turn each second
    assert await list_dead_letters(at=AT) == []


async def test_hastened_helpers_do_what_they_say(house):
    await ping()

    async def fails(event, /, *, at):
        raise RuntimeError

    await deliver(house, handlers={Ping: (fails,)})
    await deliver(house, handlers={Ping: (fails,)})
    assert jobs(house)[0][2] == 1  # not due yet
    hasten(house)
    await deliver(house, handlers={Ping: (fails,)})
    assert jobs(house)[0][2] == 2
