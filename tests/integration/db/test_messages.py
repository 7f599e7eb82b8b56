"""A transaction sent as one message is still one, its values are still values, and its connection survives."""

import asyncio
import datetime as dt
import gc
import sys
import weakref
from uuid import uuid4

import psycopg
import pytest

from carnet.infra.db import message
from carnet.infra.db.database import Connection, Database
from carnet.infra.db.message import PREPARED_MOST, Statement, send_alone, send_together
from carnet.infra.db.work import rows_in_one_trip, work
from carnet.kernel.errors import Unavailable
from carnet.kernel.ids import SpaceId

NOBODY = SpaceId(uuid4())
PID = ("SELECT pg_backend_pid()", None)
AT = dt.datetime(2026, 3, 2, 9, 30, 0, 123456, tzinfo=dt.UTC)


@pytest.fixture
async def one(house):
    """A pool of a single connection, so that whatever is left on it meets the next message."""
    database = Database(house.url("carnet_app"), min_size=1, max_size=1)
    await database.open()
    yield database
    await database.close()


async def ask(database, *statements, space=NOBODY):
    return await rows_in_one_trip([Statement(*one) for one in statements], space=space, database_=database)


def noted(blob):
    return "INSERT INTO deposit_intent (blob_id, noted_at) VALUES (%(blob)s, %(at)s)", {"blob": blob, "at": AT}


async def is_noted(database, blob):
    return bool((await ask(database, ("SELECT 1 FROM deposit_intent WHERE blob_id = %(b)s", {"b": blob})))[0])


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("'; DROP TABLE document; --", "text"),
        ('l\'été\n\\x00 $1 %s %(b)s {"a": 1}', "text"),
        ("", "text"),
        (b"\x00\x01\xff'\\", "bytea"),
        (b"x" * 3_000_000, "bytea"),
        (uuid4(), "uuid"),
        (AT, "timestamptz"),
        (True, "boolean"),
        (-(2**62), "bigint"),
        (None, "text"),
        (["a", 'b"{},\\', "é"], "text[]"),
        ([uuid4(), uuid4()], "uuid[]"),
        ([b"\x00", b"'"], "bytea[]"),
        ([], "text[]"),
        ({"a": [1, None]}, "jsonb"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else value[:12],
)
async def test_a_value_comes_back_as_it_went(one, value, kind):
    sent = psycopg.types.json.Jsonb(value) if kind == "jsonb" else value
    for _ in range(2):  # not prepared yet, then prepared
        assert await ask(one, (f"SELECT %(v)s::{kind}", {"v": sent})) == [[(value,)]]


async def test_a_text_with_a_zero_byte_is_refused_and_not_cut(one):
    with pytest.raises(psycopg.DataError):
        await ask(one, ("SELECT %(v)s::text", {"v": "abc\0def"}))
    assert await ask(one, ("SELECT 1", None)) == [[(1,)]]


async def test_all_or_nothing(one):
    kept, lost = uuid4(), uuid4()
    await ask(one, noted(kept))
    assert await is_noted(one, kept)
    with pytest.raises(psycopg.errors.UniqueViolation):
        await ask(one, noted(lost), noted(kept), noted(uuid4()))
    assert not await is_noted(one, lost)


async def test_planted_without_its_transaction_half_of_it_would_stay(one, monkeypatch):
    async def one_by_one(conn, statements, *, first=None):
        return [await send_alone(conn, statement) for statement in statements]

    monkeypatch.setattr(sys.modules["carnet.infra.db.work"], "send_together", one_by_one)
    kept, lost = uuid4(), uuid4()
    await ask(one, noted(kept))
    with pytest.raises(psycopg.errors.UniqueViolation):
        await ask(one, noted(lost), noted(kept))
    assert await is_noted(one, lost)


async def test_the_space_ends_with_its_message(one):
    setting = ("SELECT current_setting('carnet.space', true)", None)
    assert await ask(one, setting) == [[(str(NOBODY),)]]
    assert await ask(one, setting, space=None) == [[("",)]]
    with pytest.raises(psycopg.errors.DivisionByZero):
        await ask(one, ("SELECT 1/0", None))
    assert await ask(one, setting, space=None) == [[("",)]]


async def test_a_statement_is_prepared_once_and_the_oldest_are_forgotten(one):
    for number in range(PREPARED_MOST + 20):
        assert await ask(one, (f"SELECT {number} + %(n)s::int", {"n": 1})) == [[(number + 1,)]]
    again = ("SELECT 0 + %(n)s::int", {"n": 5})
    assert await ask(one, again, again) == [[(5,)], [(5,)]]
    async with one.connection() as conn:
        held = await send_alone(conn, Statement("SELECT count(*) FROM pg_prepared_statements"))
    assert PREPARED_MOST <= held[0][0] <= PREPARED_MOST + 2


async def test_what_failed_to_be_prepared_is_prepared_again(one):
    table = f"later_{uuid4().hex}"
    missing = (f"SELECT count(*) FROM pg_temp.{table}", None)
    with pytest.raises(psycopg.errors.UndefinedTable):
        await ask(one, missing)
    async with one.connection() as conn:
        await conn.execute(f"CREATE TEMPORARY TABLE {table} (x int)")
    assert await ask(one, missing) == [[(0,)]]


async def until_asleep(house, pid):
    """Wait until the server process is in `pg_sleep`."""
    async with (
        await psycopg.AsyncConnection.connect(house.superuser_url, autocommit=True) as superuser,
        asyncio.timeout(9),
    ):
        while True:
            found = await superuser.execute("SELECT wait_event FROM pg_stat_activity WHERE pid = %s", (pid,))
            if await found.fetchone() == ("PgSleep",):
                return
            await asyncio.sleep(0.01)


async def pids_around_a_cancelled_message(database, house):
    """Return the server process before and after; nothing asked later may wait for what was given up."""
    before = await ask(database, PID)
    waiting = asyncio.create_task(ask(database, ("SELECT pg_sleep(30)", None)))
    await until_asleep(house, before[0][0][0])
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    async with asyncio.timeout(3):
        return before, await ask(database, PID)


async def test_cancelled_while_it_waits_the_connection_serves_the_next(one, house):
    before, after = await pids_around_a_cancelled_message(one, house)
    assert before == after


async def test_planted_a_cancelled_message_not_read_to_its_end_costs_its_connection(one, house, monkeypatch, caplog):
    async def leave(conn, under_way):
        """Do nothing."""

    monkeypatch.setattr(message, "_give_up", leave)
    before, after = await pids_around_a_cancelled_message(one, house)
    assert before != after
    assert "closing returned connection" in caplog.text


async def test_a_forgotten_parameter_leaves_nothing_half_sent(one):
    before = await ask(one, PID)
    with pytest.raises(KeyError):
        await ask(one, ("SELECT 1", None), ("SELECT %(a)s::int + %(b)s::int", {"a": 1}))
    assert await ask(one, PID) == before


async def test_a_server_that_cuts_the_line_is_told_as_unavailable_and_a_new_line_is_made(one, house):
    async def cut():
        async with one.connection() as conn:
            return await send_together(conn, [Statement("SELECT pg_backend_pid()"), Statement("SELECT pg_sleep(5)")])

    async with one.connection() as conn:
        pid = conn.info.backend_pid
    under_way = asyncio.create_task(cut())
    await until_asleep(house, pid)
    with psycopg.connect(house.superuser_url, autocommit=True) as superuser:
        superuser.execute("SELECT pg_terminate_backend(%s)", (pid,))
    with pytest.raises(Unavailable):
        await under_way
    assert await ask(one, ("SELECT 7", None)) == [[(7,)]]


async def test_an_answer_larger_than_any_buffer(one):
    rows = await ask(one, ("SELECT repeat('x', 1000) FROM generate_series(1, 20000)", None), ("SELECT 2", None))
    assert len(rows[0]) == 20000
    assert rows[1] == [(2,)]


async def test_only_named_parameters_travel(one):
    with pytest.raises(ValueError, match="per cent"):
        await ask(one, ("SELECT %s", {"a": 1}))
    assert await ask(one, ("SELECT 5 %% 3", None)) == [[(2,)]]


@pytest.mark.parametrize("many", [1, PREPARED_MOST + 3])
async def test_a_transaction_step_by_step_is_one_too(one, many):
    """What fails leaves nothing behind and the connection whole, however much it prepared; what succeeds is there."""
    kept, lost = uuid4(), uuid4()

    async def failing():
        async with work(space=NOBODY, at=AT, database_=one) as w:
            await w.execute(*noted(lost))
            await w.row("SELECT 1 / %(zero)s", {"zero": 0})

    with pytest.raises(psycopg.errors.DivisionByZero):
        await failing()
    async with work(space=NOBODY, at=AT, database_=one) as w:
        assert await w.execute(*noted(kept)) == 1
        for number in range(many):
            assert await w.row(f"SELECT %(a)s::int + {number}", {"a": 1}) == (1 + number,)
        assert await w.rows("SELECT current_setting('carnet.space') WHERE %(yes)s", {"yes": True}) == [(str(NOBODY),)]
        assert await w.execute("DELETE FROM deposit_intent WHERE blob_id = %(b)s", {"b": lost}) == 0
    assert (await is_noted(one, kept), await is_noted(one, lost)) == (True, False)


async def test_values_of_a_step_are_what_psycopg_makes_of_them(one):
    values = {
        "i": 5,
        "d": AT,
        "t": "é%",
        "u": uuid4(),
        "b": b"\x00\xff",
        "n": None,
        "l": ["a", "b"],
        "y": dt.timedelta(1),
    }
    asking = "SELECT %(i)s, %(d)s, %(t)s::text, %(u)s, %(b)s, %(n)s::int, %(l)s::text[], %(d)s - %(y)s"
    async with work(space=None, at=AT, database_=one) as w:
        found = await w.row(asking, values)
        cursor = await w.conn.execute(asking, values)
        assert found == await cursor.fetchone()


async def test_a_transaction_that_asks_nothing_never_begins(one):
    async with work(space=NOBODY, at=AT, database_=one) as w:
        assert not w.begun
    with pytest.raises(ValueError, match="given up"):
        async with work(space=NOBODY, at=AT, database_=one):
            raise ValueError("given up")
    assert await ask(one, PID)


async def test_what_was_raised_counts_when_the_server_hung_up_meanwhile(one, house):
    async def refused():
        async with work(space=NOBODY, at=AT, database_=one) as w:
            (pid,) = await w.row("SELECT pg_backend_pid() WHERE %(yes)s", {"yes": True})
            with psycopg.connect(house.superuser_url, autocommit=True) as superuser:
                superuser.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
            raise ValueError("ours")

    with pytest.raises(ValueError, match="ours"):
        await refused()
    assert await ask(one, ("SELECT 7", None)) == [[(7,)]]


async def test_a_closed_connection_is_kept_by_nobody(house):
    conn = await Connection.connect(house.url("carnet_app"), autocommit=True)
    assert await send_alone(conn, Statement("SELECT %(a)s::int", {"a": 1})) == [(1,)]
    await conn.close()
    gone = weakref.ref(conn)
    del conn
    gc.collect()
    assert gone() is None


async def test_a_step_given_up_leaves_no_transaction_open(one):
    async def slow():
        async with work(space=NOBODY, at=AT, database_=one) as w:
            await w.row("SELECT pg_sleep(%(long)s)", {"long": 60})

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(slow(), 0.3)
    async with work(space=NOBODY, at=AT, database_=one) as w:
        assert await w.row("SELECT %(a)s::int", {"a": 1}) == (1,)


async def test_the_connection_that_came_back_last_is_lent(house):
    database = Database(house.url("carnet_app"), min_size=3, max_size=3)
    await database.open()
    try:
        async with database.connection() as first, database.connection():
            pass
        for _ in range(3):
            async with database.connection() as lent:
                assert lent is first
    finally:
        await database.close()
