"""The process that hands events to handlers and runs what is due at fixed times: procrastinate, bounded on all sides.

An event is handed over at least once: a worker that dies in the middle is noticed by its missing heartbeat and its
jobs are given to another. Losing the database makes the worker wait and come back. It ignores what handlers do and
who installs signal handlers: whoever runs it sets `stop`.
"""

import asyncio
import contextlib
import datetime as dt
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
import procrastinate
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status
from psycopg import AsyncConnection, OperationalError
from psycopg.pq import ConnStatus
from psycopg_pool import AsyncConnectionPool

from carnet.infra import clock
from carnet.infra.jobs.handlers import Dispatcher, Handlers
from carnet.infra.jobs.outbox import PATIENT_QUEUE, QUEUE, TASK
from carnet.infra.jobs.queries.events import WAITING
from carnet.infra.jobs.retrying import Patience, Retrying
from carnet.kernel.errors import CarnetError

UPKEEP_QUEUE = "upkeep"
# what only this connection writes is who works on which job: lost with the machine, the job is handled once more
_OPTIONS = (
    "-c search_path=jobs -c timezone=UTC -c statement_timeout=10000 -c lock_timeout=3000 -c synchronous_commit=off"
)
_LONGEST_WAIT = 30.0
_TURNS_KEPT = 7 * 24

logger = logging.getLogger(__name__)


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """Something to do at fixed times, by one worker only, with nothing to lose when a turn is missed.

    cron: five fields (minute first), a sixth for seconds at the end; UTC. `run` takes the time by keyword `at`.
    """

    name: str
    cron: str
    run: Callable[..., Awaitable[object]]


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How the worker paces itself; seconds unless said otherwise.

    concurrency: jobs at once; patient: jobs nobody waits for at once, beside those. poll: longest wait for a job whose
    announcement was missed. heartbeat, stalled_after: a worker silent for longer than `stalled_after` is taken for
    dead. handler: longest run of one event's handlers. grace: how long a stop waits for running jobs. rescue: cron of
    the search for jobs of dead workers.
    """

    concurrency: int = 4
    patient: int = 1
    poll: float = 5.0
    heartbeat: float = 10.0
    stalled_after: float = 30.0
    handler: float = 60.0
    grace: float = 20.0
    rescue: str = "* * * * *"


async def run_worker(
    conninfo: str,
    *,
    handlers: Handlers,
    schedules: Sequence[Schedule] = (),
    retrying: Retrying | None = None,
    pace: Pace | None = None,
    stop: asyncio.Event,
) -> None:
    """Work until `stop` is set, then finish what was begun (at most `pace.grace` seconds) and return.

    conninfo: address of the database for the role carnet_app. Several workers may run at once.
    """
    pace, retrying = pace or Pace(), retrying or Retrying()
    wait = 1.0
    while not stop.is_set():
        app = make_app(conninfo, handlers=handlers, schedules=schedules, retrying=retrying, pace=pace)
        try:
            async with app.open_async():
                wait = 1.0
                await _run_until(stop, app, pace)
        except ConnectorException:
            logger.warning("the worker lost the database; trying again in %s s", wait)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), wait)
        wait = min(wait * 2, _LONGEST_WAIT)


async def run_until_idle(conninfo: str, *, handlers: Handlers, retrying: Retrying | None = None) -> None:
    """Handle every event that waits, and those they lead to, once each, then return. For commands and tests."""
    app = make_app(conninfo, handlers=handlers, schedules=(), retrying=retrying or Retrying(), pace=Pace())
    async with app.open_async():
        while await _waiting(app):
            await app.run_worker_async(wait=False, queues=[QUEUE, PATIENT_QUEUE, UPKEEP_QUEUE], **_options(Pace()))


def make_app(
    conninfo: str, *, handlers: Handlers, schedules: Sequence[Schedule], retrying: Retrying, pace: Pace
) -> procrastinate.App:
    """Return the procrastinate application: one task for all events, one a schedule, and the rescue of dead workers."""
    connector = procrastinate.PsycopgConnector(
        conninfo=conninfo,
        pool_factory=_pool,
        kwargs={"options": _OPTIONS, "application_name": "carnet-jobs"},
        min_size=1,
        max_size=pace.concurrency + pace.patient + 3,
        timeout=10,
    )
    app = procrastinate.App(connector=connector)
    dispatcher = Dispatcher(handlers)

    async def handle_event(event: dict[str, Any]) -> None:
        async with asyncio.timeout(pace.handler):
            await dispatcher.dispatch(event, at=clock.now())

    app.task(name=TASK, queue=QUEUE, retry=Patience(retrying))(handle_event)

    async def rescue(*, at: dt.datetime) -> None:
        await rescue_stalled(app, retrying=retrying, silent_for=pace.stalled_after, at=at)

    async def forget(*, at: dt.datetime) -> None:  # noqa: ARG001 - procrastinate goes by the database's clock
        await app.job_manager.delete_old_jobs(nb_hours=_TURNS_KEPT, queue=UPKEEP_QUEUE, include_failed=True)

    own = (
        Schedule(name="rescue-stalled", cron=pace.rescue, run=rescue),
        Schedule(name="forget-failed-turns", cron="23 3 * * *", run=forget),
    )
    for schedule in (*schedules, *own):
        _add_schedule(app, schedule)
    return app


def _pool(**told: Any) -> AsyncConnectionPool:
    """Return the queue's connections as it wants them, but for their check: it would ask the server each time."""
    return AsyncConnectionPool(**told | {"check": _still_there, "configure": _one_by_one})


async def _one_by_one(conn: AsyncConnection[Any]) -> None:
    """Each call is one statement: a transaction by itself, without a BEGIN and a COMMIT on ways of their own."""
    await conn.set_autocommit(True)


async def _still_there(conn: AsyncConnection[Any]) -> None:
    """Raise OperationalError when the server hung up: its last words and then its end are there, nobody is asked."""
    for _ in range(2):
        conn.pgconn.consume_input()
    if conn.pgconn.status != ConnStatus.OK:
        raise OperationalError("the connection is closed")


async def rescue_stalled(app: procrastinate.App, *, retrying: Retrying, silent_for: float, at: dt.datetime) -> int:
    """Give the jobs of dead workers (silent for `silent_for` seconds) back to the queue; return how many.

    A job that has had all its attempts becomes a dead letter: it may be what kills the workers.
    """
    rescued = 0
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=silent_for):
        # Another worker may have rescued it a moment ago: procrastinate then refuses, and that is all there is to do.
        with contextlib.suppress(ConnectorException):
            if job.queue == UPKEEP_QUEUE:
                await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=True)
            elif job.attempts + 1 >= retrying.attempts:
                await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=False)
            else:
                await app.job_manager.retry_job(job, retry_at=at)
                rescued += 1
    return rescued


def _add_schedule(app: procrastinate.App, schedule: Schedule) -> None:
    async def run(timestamp: int) -> None:  # noqa: ARG001 - procrastinate hands over the time it was due
        try:
            await schedule.run(at=clock.now())
        except CarnetError as refused:
            logger.error("%s: %s The next turn goes on.", schedule.name, refused.problems[0].en)  # noqa: TRY400 - a sentence; who runs the turn logs the rest
            raise
        except OSError as refused:
            logger.error("%s: %s. The next turn goes on.", schedule.name, refused.strerror)  # noqa: TRY400 - the same
            raise

    # queueing_lock: no second turn waits while one does; nothing waits for a turn whose worker died
    task = app.task(name=schedule.name, queue=UPKEEP_QUEUE, queueing_lock=schedule.name)(run)
    app.periodic(cron=schedule.cron, periodic_id=schedule.name)(task)


async def _run_until(stop: asyncio.Event, app: procrastinate.App, pace: Pace) -> None:
    """Two workers side by side: what takes long and nobody waits for has its own places, and never all of them."""
    shares = (([QUEUE, UPKEEP_QUEUE], pace.concurrency), ([PATIENT_QUEUE], pace.patient))
    workers = [
        asyncio.create_task(
            app.run_worker_async(wait=True, **(_options(pace) | {"queues": queues, "concurrency": places})),
            name=f"worker {queues[0]}",
        )
        for queues, places in shares
    ]
    stopper = asyncio.create_task(stop.wait(), name="worker stop")
    try:
        await asyncio.wait({*workers, stopper}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in (stopper, *workers):
            one.cancel()
        ended = await asyncio.gather(*workers, return_exceptions=True)
    for result in ended:
        if isinstance(result, BaseException) and not isinstance(result, asyncio.CancelledError):
            raise result


def _options(pace: Pace) -> Any:
    return {
        "concurrency": pace.concurrency,
        "fetch_job_polling_interval": pace.poll,
        "update_heartbeat_interval": pace.heartbeat,
        "stalled_worker_timeout": pace.stalled_after,
        "shutdown_graceful_timeout": pace.grace,
        "delete_jobs": "successful",
        "install_signal_handlers": False,
    }


async def _waiting(app: procrastinate.App) -> bool:
    row = await app.connector.execute_query_one_async(WAITING, task=TASK)
    return bool(row["waiting"])
