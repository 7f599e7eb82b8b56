"""What other processes say happened: LISTEN and NOTIFY, ids only, one connection for everybody in this process.

A notice carries the id of a space and nothing else: whoever hears it asks the gate what they may know of. The
connection lives while somebody listens. One that breaks is made again; what was missed meanwhile wakes everybody, since
waking too often costs a question and missing one costs the news. Needs a connection of its own to PostgreSQL: a pool
that lends connections by transaction (PgBouncer) would lose what is listened for.
"""

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

import psycopg

from carnet.infra.db.database import seated
from carnet.infra.db.work import Work
from carnet.infra.telemetry import log
from carnet.kernel.ids import SpaceId

CHANNEL: Final = "carnet_news"
PAUSES: Final = (0.2, 1.0, 5.0, 15.0)
_ANNOUNCE: Final = f"SELECT pg_notify('{CHANNEL}', %s)"


async def announce(work: Work, space: SpaceId) -> None:
    """Tell every process that something happened in `space`, once the transaction is committed."""
    await work.execute(_ANNOUNCE, (str(space),))


class Listener:
    """Who waits for news of which space; listens while somebody does."""

    def __init__(self, conninfo: str) -> None:
        self.conninfo = conninfo
        self._waiting: dict[SpaceId, set[asyncio.Event]] = {}
        self._task: asyncio.Task[None] | None = None

    @contextlib.contextmanager
    def hear(self, space: SpaceId) -> Iterator[asyncio.Event]:
        """Give an event that is set whenever something may have happened in `space`."""
        event = asyncio.Event()
        self._waiting.setdefault(space, set()).add(event)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._listen())
        try:
            yield event
        finally:
            self._waiting[space].discard(event)
            if not self._waiting[space]:
                del self._waiting[space]
            if not self._waiting and self._task is not None:
                self._task.cancel()
                self._task = None

    async def _listen(self) -> None:
        failures = 0
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    self.conninfo, autocommit=True, application_name="carnet-listener", connect_timeout=10
                ) as conn:
                    await conn.execute(f"LISTEN {CHANNEL}")
                    failures = 0
                    self._wake_all()
                    await self._pass_on(conn)
            except psycopg.Error as error:
                log.warning("listener-lost", error=type(error).__name__)
            await asyncio.sleep(PAUSES[min(failures, len(PAUSES) - 1)])
            failures += 1

    async def _pass_on(self, conn: psycopg.AsyncConnection[Any]) -> None:
        async for notice in conn.notifies():
            try:
                space = SpaceId(UUID(notice.payload))
            except ValueError:
                continue
            for event in self._waiting.get(space, ()):
                event.set()

    def _wake_all(self) -> None:
        for events in self._waiting.values():
            for event in events:
                event.set()


_seated: list[Listener] = []


def listener() -> Listener:
    """Return the listener of this process, of the database it works with."""
    conninfo = seated().conninfo
    if not _seated or _seated[0].conninfo != conninfo:
        _seated[:] = [Listener(conninfo)]
    return _seated[0]
