"""A wire between the house and its PostgreSQL that counts what goes over it, in both directions.

Counted on the wire, so that no way of talking to the database can go unnoticed: round trips (every Sync and every
simple Query), the text of each statement run, the bytes of its parameters, the rows and bytes that come back.
PostgreSQL protocol 3.0, §53.7. What preparing a statement costs is the connection's, not the request's: not counted.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from pathlib import Path

from psycopg import conninfo

_END = None
"""In the list of what a connection waits for: the server says that it is ready again."""
_ENDS_A_STATEMENT = frozenset(b"CIE")
_HEAD = 5


class Run:
    """One statement that was run: its text, bytes of parameters sent, rows and bytes that came back."""

    __slots__ = ("received", "rows", "sent", "sql")

    def __init__(self, sql: str, sent: int) -> None:
        self.sql, self.sent, self.rows, self.received = sql, sent, 0, 0


class Wire:
    """Forwards one Unix socket to another. heard: called with each statement the moment it leaves the house."""

    def __init__(self, url: str, folder: Path, *, heard: Callable[[Run], None] = lambda _run: None) -> None:
        options = conninfo.conninfo_to_dict(url)
        self._url, self._target = url, f"{options['host']}/.s.PGSQL.{options.get('port', '5432')}"
        self._folder = folder
        self._server: asyncio.Server | None = None
        self._lines: set[asyncio.Task[None]] = set()
        self.heard = heard
        self.trips = 0

    @property
    def url(self) -> str:
        """The address that goes through the wire."""
        return self.through(self._url)

    def through(self, url: str) -> str:
        """Return `url`, of the same server, by this wire."""
        return conninfo.make_conninfo(url, host=str(self._folder), port=5432)

    async def start(self) -> None:
        self._server = await asyncio.start_unix_server(self._serve, str(self._folder / ".s.PGSQL.5432"))

    async def stop(self) -> None:
        """Wait for those who still speak to hang up."""
        if self._server is not None:
            self._server.close()
        await asyncio.gather(*self._lines)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._lines.add(task)
        try:
            await self._carry(reader, writer)
        finally:
            self._lines.discard(task)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        down_reader, down_writer = await asyncio.open_unix_connection(self._target)
        line = _Line(self)
        await asyncio.gather(_pass(reader, down_writer, line.up), _pass(down_reader, writer, line.down))


async def _pass(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, listen: Callable[[bytes | bytearray], int]
) -> None:
    """Hand bytes on as they come, after having listened to the whole messages among them."""
    kept = bytearray()
    with contextlib.suppress(ConnectionError):
        while piece := await reader.read(262144):
            kept += piece
            del kept[: listen(kept)]
            writer.write(piece)
            await writer.drain()
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


class _Line:
    """One connection: which statement each prepared name stands for, and which statements wait for their answer."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._begun = False
        self._texts: dict[bytes, str] = {}
        self._waiting: deque[Run | None] = deque()

    def up(self, kept: bytes | bytearray) -> int:
        """Listen to the house; return how many bytes were whole messages."""
        at = 0
        if not self._begun:  # the startup message has no type
            at = int.from_bytes(kept[:4], "big") if len(kept) >= 4 else 0
            if not at or len(kept) < at:
                return 0
            self._begun = True
        while (end := _end_of(kept, at)) is not None:
            self._said(kept[at], bytes(kept[at + _HEAD : end]))
            at = end
        return at

    def _said(self, kind: int, body: bytes) -> None:
        match chr(kind):
            case "P":
                name, text, _ = body.split(b"\0", 2)
                self._texts[name] = text.decode()
            case "B":
                name = body.split(b"\0", 2)[1]
                self._run(self._texts[name], len(body) - len(name))
            case "Q":
                self._run(body[:-1].decode(), 0)
                self._trip()
            case "S":
                self._trip()

    def _run(self, sql: str, sent: int) -> None:
        run = Run(sql, sent)
        self._waiting.append(run)
        self._wire.heard(run)

    def _trip(self) -> None:
        self._wire.trips += 1
        self._waiting.append(_END)

    def down(self, kept: bytes | bytearray) -> int:
        """Listen to the server; return how many bytes were whole messages."""
        at = 0
        while (end := _end_of(kept, at)) is not None:
            self._answered(kept[at], end - at - _HEAD)
            at = end
        return at

    def _answered(self, kind: int, size: int) -> None:
        waiting = self._waiting
        if kind == ord("Z"):
            while waiting and waiting.popleft() is not _END:
                pass
        elif waiting and (run := waiting[0]) is not _END:
            if kind == ord("D"):
                run.rows, run.received = run.rows + 1, run.received + size
            elif kind in _ENDS_A_STATEMENT and len(waiting) > 1 and waiting[1] is not _END:
                waiting.popleft()


def _end_of(kept: bytes | bytearray, at: int) -> int | None:
    """Return where the message that begins at `at` ends; None while it is not there whole."""
    if len(kept) < at + _HEAD:
        return None
    end = at + 1 + int.from_bytes(kept[at + 1 : at + _HEAD], "big")
    return end if end <= len(kept) else None
