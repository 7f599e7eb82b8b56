"""The one place that opens a unit of work: begin, set the space, commit or roll back.

`SET LOCAL carnet.space` is a statement with the literal, not `set_config`, so that Citus can hand it on to the shards.
Row-level security reads it: a query that forgets its WHERE still sees one space only, and none when no space is set.
"""

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import psycopg
from psycopg.pq import ConnStatus, TransactionStatus

from carnet.infra.db.database import Connection, Database, seated
from carnet.infra.db.message import Rows, Statement, send_alone, send_together, send_within
from carnet.kernel.ids import SpaceId

__all__ = [
    "Rows",
    "Statement",
    "Work",
    "rows_in_one_trip",
    "rows_of_one",
    "set_delegate",
    "set_space",
    "system_work",
    "work",
]

Params = Mapping[str, Any] | Sequence[Any] | None


def set_space(space: SpaceId) -> str:
    """Return the statement that narrows the transaction to one space. `space` is a UUID, so the literal is safe."""
    return f"SET LOCAL carnet.space = '{space}'"


def set_delegate(digest: bytes) -> str:
    """Return the statement that narrows the transaction to the side of one delegate, written in hexadecimal digits."""
    return f"SET LOCAL carnet.delegate = '{digest.hex()}'"


class Work:
    """An open transaction on one space (or on none, for directory tables)."""

    def __init__(self, conn: Connection, *, space: SpaceId | None, at: datetime) -> None:
        self.conn = conn
        self.space = space
        self.at = at
        self.begun = False
        self._after_commit: list[Any] = []

    @property
    def space_id(self) -> SpaceId:
        """The space this transaction is narrowed to."""
        if self.space is None:
            raise RuntimeError("this unit of work has no space")
        return self.space

    async def rows(self, sql: str, params: Params = None) -> list[tuple[Any, ...]]:
        """Run a query and return all its rows."""
        return (await self._run(sql, params))[0]

    async def row(self, sql: str, params: Params = None) -> tuple[Any, ...] | None:
        """Run a query and return its first row, or None."""
        found, _ = await self._run(sql, params)
        return found[0] if found else None

    async def execute(self, sql: str, params: Params = None) -> int:
        """Run a statement and return how many rows it touched."""
        return (await self._run(sql, params))[1]

    async def _run(self, sql: str, params: Params) -> tuple[Rows, int]:
        """Run a statement: prepared once a connection when its parameters have names, as planning costs most of it."""
        if isinstance(params, Mapping) and params:
            before = () if self.begun else tuple(one.encode() for one in self._beginning())
            self.begun = True
            return await send_within(self.conn, sql, params, before=before)
        await self.begin()
        cursor = await self.conn.execute(sql, params)
        return (await cursor.fetchall() if cursor.description else []), cursor.rowcount

    async def begin(self) -> None:
        """Begin now: the first statement does so by itself, on its own way to the server."""
        if not self.begun:
            self.begun = True
            await self.conn.execute("; ".join(self._beginning()))

    def _beginning(self) -> tuple[str, ...]:
        return ("BEGIN",) if self.space is None else ("BEGIN", set_space(self.space))

    @contextlib.asynccontextmanager
    async def beside(self, space: SpaceId) -> AsyncIterator["Work"]:
        """Narrow the same transaction to another space within the block: what is done in both is one thing, or nothing.

        One space at a time, as ever. Whoever does this with several takes them in the order of their ids.
        """
        home = self.space_id
        await self.begin()
        await self.conn.execute(set_space(space))
        there = Work(self.conn, space=space, at=self.at)
        there.begun, there._after_commit = True, self._after_commit
        try:
            yield there
        finally:
            if self.conn.info.transaction_status == TransactionStatus.INTRANS:
                await self.conn.execute(set_space(home))

    def after_commit(self, callback: Any) -> None:
        """Call `callback()` once COMMIT returned (cache invalidation; never for promises)."""
        self._after_commit.append(callback)

    def run_after_commit(self) -> None:
        """Run what `after_commit` collected."""
        for callback in self._after_commit:
            callback()


@contextlib.asynccontextmanager
async def work(*, space: SpaceId | None, at: datetime, database_: Database | None = None) -> AsyncIterator[Work]:
    """Open a transaction narrowed to `space`; commit when the block ends well, roll back when it raises."""
    async with (database_ or seated()).connection() as conn:
        unit = Work(conn, space=space, at=at)
        try:
            yield unit
        except BaseException:  # whatever it was: nothing of it happened
            if conn.pgconn.status == ConnStatus.OK:
                with contextlib.suppress(psycopg.Error):  # the server hung up meanwhile: what was raised counts
                    await conn.rollback()
            raise
        if unit.begun:
            await conn.commit()
        conn.confirm()
        unit.run_after_commit()


def system_work(*, at: datetime) -> contextlib.AbstractAsyncContextManager[Work]:
    """Open a transaction with no space: directory, sessions, software. Space-bound tables show it no row."""
    return work(space=None, at=at)


async def rows_in_one_trip(
    statements: Sequence[Statement], *, space: SpaceId | None, database_: Database | None = None
) -> list[Rows]:
    """Send a whole transaction as one message and return each statement's rows: one round trip to the server.

    Everything happens or nothing: the first failing statement undoes the others.
    """
    async with (database_ or seated()).connection() as conn:
        rows = await send_together(conn, statements, first=set_space(space) if space is not None else None)
        conn.confirm()
        return rows


async def rows_of_one(statement: Statement, *, database_: Database | None = None) -> Rows:
    """Run one statement that needs no space and is a transaction by itself; return its rows once it is durable."""
    async with (database_ or seated()).connection() as conn:
        rows = await send_alone(conn, statement)
        conn.confirm()
        return rows
