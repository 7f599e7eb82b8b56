"""A whole transaction as one message: every statement is sent before the first answer is read.

libpq's pipeline mode, driven here instead of through psycopg's cursors, which cost more than the statements themselves
(decision 0012). Parameters are bound by the protocol, never written into SQL; statements are prepared once a
connection; rows come back in binary, so sealed bytes are not spelled out. It knows nothing of spaces or rights.
"""

import asyncio
import functools
import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
import psycopg
from psycopg import abc, pq
from psycopg.adapt import PyFormat, Transformer

Rows = list[tuple[Any, ...]]
_Key = tuple[str, tuple[int, ...]]
Plain = tuple[bytes, ...]
"""Trusted statements without parameters."""

PREPARED_MOST = 128
CANCEL_SECONDS = 5.0
_BINARY = pq.Format.BINARY
_FAILED = pq.ExecStatus.FATAL_ERROR
_END = pq.ExecStatus.PIPELINE_SYNC
_PARAMETER = re.compile(r"%\((\w+)\)s|%%|%")
_KEPT = "carnet_prepared"
_LOST = "the connection was lost while a message was under way"


class Statement(msgspec.Struct, frozen=True):
    """One SQL statement and its named parameters (`%(name)s`), to be sent together with others."""

    sql: str
    params: Mapping[str, Any] | None = None


class _Numbered(msgspec.Struct, frozen=True):
    """A statement as the protocol wants it: $1, $2 … and which named parameter each is."""

    query: bytes
    names: tuple[str, ...]


class _Prepared:
    """What one connection has prepared, by SQL and types told, the longest unused first; how it writes values."""

    def __init__(self, conn: psycopg.AsyncConnection[Any]) -> None:
        self.names: OrderedDict[_Key, bytes] = OrderedDict()
        self.transformer: abc.Transformer = Transformer(conn)
        self._made = 0

    def new_name(self) -> bytes:
        """Return a name no statement of this connection ever had."""
        self._made += 1
        return b"carnet_%d" % self._made


async def send_together(
    conn: psycopg.AsyncConnection[Any], statements: Sequence[Statement], *, first: str | None = None
) -> list[Rows]:
    """Run BEGIN, `first` (trusted text, no parameters), `statements` and COMMIT in one round trip; return their rows.

    Raises psycopg.Error when any of them fails: then none of them happened, and the connection is usable again.
    """
    around = (b"BEGIN",) if first is None else (b"BEGIN", first.encode())
    return await _send(conn, statements, before=around, after=(b"COMMIT",))


async def send_alone(conn: psycopg.AsyncConnection[Any], statement: Statement) -> Rows:
    """Run one statement, a transaction by itself, in one round trip; return its rows. Raises psycopg.Error."""
    return (await _send(conn, (statement,), before=(), after=()))[0]


async def send_within(
    conn: psycopg.AsyncConnection[Any], sql: str, params: Mapping[str, Any], *, before: Plain = ()
) -> tuple[Rows, int]:
    """Run one statement of a transaction, prepared; return its rows and how many it touched. before: what begins it.

    Parameters and rows are written as psycopg writes them, types and all; an error leaves the transaction to its owner.
    """
    async with conn.lock:
        message = _Message(conn.pgconn, _prepared_by(conn))
        message.queue_within(sql, params, before)
        try:
            await message.deliver()
        except asyncio.CancelledError:
            await _give_up(conn, message)
            raise
        return message.rows()[0], message.touched


def _prepared_by(conn: psycopg.AsyncConnection[Any]) -> _Prepared:
    """Return what is kept on the connection itself: it points back at it, and would keep it alive anywhere else."""
    kept = vars(conn)
    if _KEPT not in kept:
        kept[_KEPT] = _Prepared(conn)
    prepared: _Prepared = kept[_KEPT]
    return prepared


async def _send(
    conn: psycopg.AsyncConnection[Any], statements: Sequence[Statement], *, before: Plain, after: Plain
) -> list[Rows]:
    message = _Message(conn.pgconn, _prepared_by(conn))
    try:
        message.queue(statements, before, after)
        await message.deliver()
        return message.rows()
    except psycopg.Error:
        if not conn.closed:
            await conn.rollback()
        raise
    except asyncio.CancelledError:
        await _give_up(conn, message)
        raise


async def _give_up(conn: psycopg.AsyncConnection[Any], message: "_Message") -> None:
    """Ask the server to stop and read its answers to the end; a connection that cannot be tidied is closed."""
    try:
        await conn.cancel_safe(timeout=CANCEL_SECONDS)
        async with asyncio.timeout(CANCEL_SECONDS):
            await message.deliver()
    except (TimeoutError, psycopg.Error):
        await conn.close()


class _Bound(NamedTuple):
    """A statement with its parameters as the protocol carries them. types: as the sender knows them, () for the server
    to tell.
    """

    sql: str
    query: bytes
    values: Any
    formats: Any
    types: tuple[int, ...] = ()


class _Message:
    """One message under way on one connection."""

    def __init__(self, pgconn: pq.abc.PGconn, prepared: _Prepared) -> None:
        self.pgconn = pgconn
        self.prepared = prepared
        self.expected: list[bool | tuple[_Key, bytes]] = []
        self.answers: list[pq.abc.PGresult] = []
        self.ended = False

    def queue(self, statements: Sequence[Statement], before: Plain, after: Plain) -> None:
        """Hand everything to libpq, which keeps what the socket does not take yet.

        Values are written out first: one that cannot be must not leave half a message behind.
        """
        bound = [_bound(statement, self.prepared.transformer) for statement in statements]
        self.pgconn.enter_pipeline_mode()
        while len(self.prepared.names) > PREPARED_MOST:
            self._plain(b"DEALLOCATE " + self.prepared.names.popitem(last=False)[1])
        for sql in before:
            self._plain(sql)
        fresh: dict[_Key, bytes] = {}
        for one in bound:
            self._statement(one, fresh)
        for sql in after:
            self._plain(sql)
        self.pgconn.pipeline_sync()

    def queue_within(self, sql: str, params: Mapping[str, Any], before: Plain) -> None:
        """Hand over one statement of a transaction that somebody else ends."""
        bound = _typed(sql, params, self.prepared.transformer)
        self.pgconn.enter_pipeline_mode()
        while len(self.prepared.names) > PREPARED_MOST:
            self._plain(b"DEALLOCATE " + self.prepared.names.popitem(last=False)[1])
        for one in before:
            self._plain(one)
        self._statement(bound, {}, pq.Format.TEXT)
        self.pgconn.pipeline_sync()

    @property
    def touched(self) -> int:
        """How many rows the last statement touched."""
        return self.answers[-1].command_tuples or 0

    def _plain(self, sql: bytes) -> None:
        self.pgconn.send_query_params(sql, None)
        self.expected.append(False)

    def _statement(self, one: _Bound, fresh: dict[_Key, bytes], rows: pq.Format = _BINARY) -> None:
        """Queue one statement, prepared on the way when this connection does not know it."""
        key, known = (one.sql, one.types), self.prepared.names
        name = known.get(key)
        if name is not None:
            known.move_to_end(key)
        else:
            name = fresh.get(key)
        if name is None:
            name = fresh[key] = self.prepared.new_name()
            self.pgconn.send_prepare(name, one.query, one.types)
            self.expected.append((key, name))
        self.pgconn.send_query_prepared(name, one.values, one.formats, rows)
        self.expected.append(True)

    async def deliver(self) -> None:
        """Return when the last answer is in. The socket is watched once for the whole exchange, not once a wait."""
        if self.ended:
            return
        loop, socket = asyncio.get_running_loop(), self.pgconn.socket
        done: asyncio.Future[None] = loop.create_future()

        writing = bool(self.pgconn.flush())

        def move() -> None:
            nonlocal writing
            if done.done():
                return
            try:
                if writing and not self.pgconn.flush():
                    loop.remove_writer(socket)
                    writing = False
                self.pgconn.consume_input()
                self._read()
            except psycopg.Error as error:
                done.set_exception(error)
            else:
                if self.ended:
                    done.set_result(None)

        loop.add_reader(socket, move)
        try:
            if writing:
                loop.add_writer(socket, move)
            await done
        finally:
            loop.remove_reader(socket)
            if writing:
                loop.remove_writer(socket)

    def _read(self) -> None:
        """Take the answers that are there; a None of libpq only ends the answers of one statement."""
        pgconn = self.pgconn
        while not pgconn.is_busy():
            answer = pgconn.get_result()
            if answer is None:
                if pgconn.status == pq.ConnStatus.BAD:
                    raise psycopg.OperationalError(_LOST)
            elif answer.status == _END:
                pgconn.exit_pipeline_mode()
                self.ended = True
                return
            else:
                self.answers.append(answer)

    def rows(self) -> list[Rows]:
        """Return the rows of each statement; raise the error of the first that failed."""
        found = []
        for expected, answer in zip(self.expected, self.answers, strict=False):
            if answer.status == _FAILED:
                raise psycopg.errors.error_from_result(answer, encoding="utf-8")
            if isinstance(expected, tuple):
                key, name = expected
                self.prepared.names[key] = name
            elif expected:
                found.append(_rows(answer, self.prepared.transformer))
        return found


def _bound(statement: Statement, transformer: abc.Transformer) -> _Bound:
    """Write the parameters out: bytes in binary, everything else as PostgreSQL's text.

    The server knows each parameter's type from where it stands, so the text of a value is never taken for another type.
    """
    numbered = _numbered(statement.sql)
    if not numbered.names:
        return _Bound(statement.sql, numbered.query, None, None)
    params = statement.params or {}
    values = [_written_soon(params[name]) for name in numbered.names]
    wanted = [PyFormat.BINARY if type(value) is bytes else PyFormat.TEXT for value in values]
    written = transformer.dump_sequence(values, wanted)
    return _Bound(statement.sql, numbered.query, written, transformer.formats)


def _written_soon(value: Any) -> Any:
    """Return a list of ids as PostgreSQL's text of it: psycopg's way with any list costs more than the statement."""
    if type(value) is list and all(type(one) is UUID for one in value):
        return "{" + ",".join([one.hex for one in value]) + "}"
    return value


def _typed(sql: str, params: Mapping[str, Any], transformer: abc.Transformer) -> _Bound:
    """Write the parameters as psycopg's own cursor does, with the types it knows."""
    numbered = _numbered(sql)
    values = [params[name] for name in numbered.names]
    written = transformer.dump_sequence(values, [PyFormat.AUTO] * len(values))
    return _Bound(sql, numbered.query, written, transformer.formats, tuple(transformer.types or ()))


def _rows(result: pq.abc.PGresult, transformer: abc.Transformer) -> Rows:
    if result.status != pq.ExecStatus.TUPLES_OK:
        return []
    transformer.set_pgresult(result)
    return transformer.load_rows(0, result.ntuples, tuple)


@functools.lru_cache(maxsize=1024)
def _numbered(sql: str) -> _Numbered:
    """Return `sql` with numbered parameters; a lone per cent sign is a mistake here as it is in psycopg."""
    names: list[str] = []

    def number(found: re.Match[str]) -> str:
        name = found.group(1)
        if name is None:
            if found.group() != "%%":
                raise ValueError("only %(name)s parameters can travel together; write a per cent sign as %%")
            return "%"
        if name not in names:
            names.append(name)
        return f"${names.index(name) + 1}"

    return _Numbered(_PARAMETER.sub(number, sql).encode(), tuple(names))
