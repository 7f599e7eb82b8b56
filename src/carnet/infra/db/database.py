"""The connection pool of one role, with the time limits that keep one slow statement from holding everyone.

A pool that has no free connection answers `Unavailable` after a short wait: the door turns it into 503 with
Retry-After. Queueing longer would only hide overload until everything times out (DESIGN §6, threats T55).
"""

import contextlib
import functools
import select
from collections.abc import AsyncIterator
from types import TracebackType

import psycopg
from psycopg.rows import TupleRow, tuple_row
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout, TooManyRequests
from psycopg_pool.pool_async import AddConnection

from carnet.infra.courtesy import step_aside_behind
from carnet.kernel.errors import Problem, Unavailable

NOT_REPLICATED = Problem(
    code="not-replicated",
    fr="L'enregistrement n'a pas pu être confirmé par la copie de secours. Réessayez : rien ne sera fait deux fois.",
    en="The stand-by copy could not confirm the write. Please try again: nothing will be done twice.",
)


PLANS = "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c jit=off"
"""How statements are planned: once a connection, not once a request; planning was most of a list (decision 0012).

Every statement begins with a space or a key, so a sequential scan is never what is meant; a plan made while a table was
still empty would otherwise choose one and keep it.
"""


class Connection(psycopg.AsyncConnection[TupleRow]):
    """A connection that notices when a COMMIT came back without the stand-by's confirmation.

    PostgreSQL then commits locally and only warns; an acknowledgement given on it could be lost with the machine.
    """

    unconfirmed = False

    def confirm(self) -> None:
        """Raise `Unavailable` when the last commit was not confirmed by the synchronous stand-by."""
        if self.unconfirmed:
            self.unconfirmed = False
            raise Unavailable(NOT_REPLICATED)


async def _watch(conn: psycopg.AsyncConnection[TupleRow], *, aside: bool) -> None:
    def notice(diagnostic: psycopg.errors.Diagnostic) -> None:
        if diagnostic.source_function == "SyncRepWaitForLSN" and isinstance(conn, Connection):
            conn.unconfirmed = True

    conn.add_notice_handler(notice)
    if aside:
        step_aside_behind(conn)


BUSY = Problem(
    code="busy",
    fr="Le service est très demandé en ce moment. Rien n'a été enregistré ; réessayez dans quelques secondes.",
    en="The service is very busy right now. Nothing was stored; please try again in a few seconds.",
)
DOWN = Problem(
    code="database-unavailable",
    fr="Le service ne peut pas répondre pour l'instant. Rien n'a été enregistré ; réessayez bientôt.",
    en="The service cannot answer right now. Nothing was stored; please try again soon.",
)
FULL = Problem(
    code="database-full",
    fr="Le service n'a plus de place pour enregistrer. Rien n'a été enregistré ; réessayez plus tard.",
    en="The database has no room left on its disk. Nothing of this step was stored; try again once there is room.",
)


class _LastUsedFirst(AsyncConnectionPool[Connection]):
    """A pool that lends what came back last: few connections stay warm instead of all of them growing cold in turn.

    A connection holds its statements' plans in the memory of a server process of its own (decision 0249). One whose
    server went away while nobody used it is not lent: each would cost somebody an answer, long after it is back.
    """

    async def _get_ready_connection(self, timeout: float | None) -> Connection | None:  # noqa: ASYNC109 - the library's
        while True:
            self._pool.rotate(1)  # it is taken from the left, and comes back on the right
            conn = await super()._get_ready_connection(timeout)
            if conn is None or _is_quiet(conn):
                return conn
            await conn.close()
            self.run_task(AddConnection(self))


def _is_quiet(conn: Connection) -> bool:
    """Whether nothing came in while nobody used it, as its end would have: asked of the kernel, not of the server."""
    if conn.closed:
        return False
    watched = select.poll()
    watched.register(conn.fileno(), select.POLLIN)
    return not watched.poll(0)


class Database:
    """A pool for one role. Times are in milliseconds unless a name says seconds. aside: people go first."""

    def __init__(
        self,
        conninfo: str,
        *,
        min_size: int = 2,
        max_size: int = 10,
        wait_seconds: float = 2.0,
        statement_timeout: int = 10_000,
        lock_timeout: int = 3_000,
        application: str = "carnet",
        aside: bool = False,
    ) -> None:
        options = (
            f"-c search_path=carnet,vault,jobs -c statement_timeout={statement_timeout} "
            f"-c lock_timeout={lock_timeout} -c idle_in_transaction_session_timeout=30000 -c timezone=UTC {PLANS}"
        )
        self.conninfo = conninfo
        self.max_size = max_size
        self._pool = _LastUsedFirst(
            conninfo,
            connection_class=Connection,
            configure=functools.partial(_watch, aside=aside),
            kwargs={
                "autocommit": True,
                "row_factory": tuple_row,
                "options": options,
                "application_name": application,
                # psycopg forgets its prepared statements on ROLLBACK by DEALLOCATE ALL, which would take ours along
                "prepare_threshold": None,
            },
            min_size=min_size,
            max_size=max_size,
            timeout=wait_seconds,
            max_waiting=max_size * 8,
            open=False,
        )

    async def open(self) -> None:
        """Open the pool and wait for its first connections; raise `Unavailable` when the server does not answer."""
        try:
            await self._pool.open(wait=True, timeout=10)
        except PoolTimeout as error:
            raise Unavailable(DOWN) from error

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.close()

    def connection(self) -> contextlib.AbstractAsyncContextManager[Connection]:
        """Lend one connection; raise `Unavailable` when none is free in time or the server is gone."""
        return _Loan(self._pool)

    async def check(self) -> None:
        """Return when the server answers; raise `Unavailable` otherwise."""
        async with self.connection() as conn:
            await conn.execute("SELECT 1")

    def stats(self) -> dict[str, int]:
        """Return the pool's counters (for metrics)."""
        return dict(self._pool.get_stats())


class _Loan:
    """A connection lent for a `with` block. A class, because every request takes two and a generator costs as much."""

    def __init__(self, pool: AsyncConnectionPool[Connection]) -> None:
        self._pool = pool

    async def __aenter__(self) -> Connection:
        try:
            self._conn = await self._pool.getconn()
        except (PoolTimeout, TooManyRequests) as error:
            raise Unavailable(BUSY) from error
        except (PoolClosed, psycopg.OperationalError) as error:
            raise Unavailable(DOWN) from error
        return self._conn

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        # in autocommit there is nothing to end here; what an error left open, the pool rolls back
        await self._pool.putconn(self._conn)
        if isinstance(error, psycopg.errors.DiskFull):
            raise Unavailable(FULL) from error
        if isinstance(error, (PoolClosed, psycopg.OperationalError)):
            raise Unavailable(DOWN) from error


_seated: list[Database] = []


def seat(database: Database) -> None:
    """Make `database` the one this process works with (one per process, set by `config` or a test)."""
    _seated[:] = [database]


def seated() -> Database:
    """Return the process's database; a wiring mistake raises RuntimeError."""
    if not _seated:
        raise RuntimeError("no database: `infra.db.database.seat` has not run")
    return _seated[0]


@contextlib.asynccontextmanager
async def patient_database(conninfo: str | None) -> AsyncIterator[Database]:
    """Open two connections for a command's long work: ten minutes a statement, after everybody else."""
    database = Database(conninfo or "", min_size=1, max_size=2, statement_timeout=600_000, aside=True)
    await database.open()
    try:
        yield database
    finally:
        await database.close()
