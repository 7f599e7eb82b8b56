"""`python -m bench.protocols`: what the same transaction costs, sent in different ways (docs/decisions/0012).

Processor time of this process and of the server's, the best of many short rounds, so that neighbours disturb little.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import psycopg
import uvloop
from psycopg.adapt import Transformer

from bench import population, visitors
from bench.house import House, open_house
from carnet.access.queries.facts import facts_statement
from carnet.config.connect import connected
from carnet.infra import clock
from carnet.infra.db import message
from carnet.infra.db.database import PLANS
from carnet.infra.db.message import Statement
from carnet.infra.db.work import set_space
from carnet.records.queries.listing_statements import DocumentQuery, Reading, Texts, listing_statement

ROUNDS, REPEATS = 25, 40
Way = Callable[[psycopg.AsyncConnection[Any], Sequence[Statement], str], Awaitable[Any]]


async def one_by_one(conn: psycopg.AsyncConnection[Any], statements: Sequence[Statement], first: str) -> None:
    """A round trip a statement."""
    async with conn.transaction():
        await conn.execute(first)
        for one in statements:
            await (await conn.execute(one.sql, one.params, prepare=True)).fetchall()


async def psycopg_pipeline(conn: psycopg.AsyncConnection[Any], statements: Sequence[Statement], first: str) -> None:
    """psycopg's pipeline: one round trip, a cursor a statement."""
    async with conn.pipeline():
        await conn.execute("BEGIN")
        await conn.execute(first)
        cursors = [await conn.execute(one.sql, one.params, prepare=True) for one in statements]
        await conn.execute("COMMIT")
    for cursor in cursors:
        await cursor.fetchall()


class OneText:
    """One simple query: BEGIN; SET LOCAL; EXECUTE with literals; COMMIT."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    async def __call__(self, conn: psycopg.AsyncConnection[Any], statements: Sequence[Statement], first: str) -> None:
        written = Transformer(conn)
        parts = [b"BEGIN", first.encode()]
        for one in statements:
            numbered = message._numbered(one.sql)  # noqa: SLF001 - the same statement, sent otherwise
            if one.sql not in self._names:
                self._names[one.sql] = f"text_{len(self._names)}"
                await conn.execute(f"PREPARE {self._names[one.sql]} AS {numbered.query.decode()}")
            values = b", ".join(bytes(written.as_literal((one.params or {})[name])) for name in numbered.names)
            parts.append(b"EXECUTE %s(%s)" % (self._names[one.sql].encode(), values))
        cursor = await conn.execute(b"; ".join([*parts, b"COMMIT"]))
        while cursor.nextset():
            if cursor.description:
                await cursor.fetchall()


async def ours(conn: psycopg.AsyncConnection[Any], statements: Sequence[Statement], first: str) -> None:
    """libpq's pipeline driven directly, values bound, rows in binary."""
    await message.send_together(conn, statements, first=first)


async def compare(house: House) -> list[tuple[str, float, float, float]]:
    """Return (way, microseconds of this process, of the server, elapsed) for the transaction of a list of twenty."""
    key = visitors.new_key()
    async with connected(house.settings):
        jwks: dict[str, object] = {"keys": [dict(key.as_dict(private=False))]}
        world = await population.populate(spaces=4, documents=25, jwks=jwks, large=0)
    who, at = world.people[0], clock.now()
    reading = Reading(actor=world.doctor, space=who.space, account=None, at=at, texts=Texts.RESOURCE)
    listing = listing_statement(reading, DocumentQuery(count=20), limit=21)
    statements = [facts_statement(world.doctor, space=who.space), listing]
    options = "-c search_path=carnet,vault,jobs -c timezone=UTC"
    generic, planned = f"{options} {PLANS}", f"{options} -c plan_cache_mode=force_custom_plan"
    ways: list[tuple[str, Way, str]] = [
        ("a round trip a statement, planned each time", one_by_one, planned),
        ("a round trip a statement", one_by_one, generic),
        ("psycopg's pipeline, planned each time", psycopg_pipeline, planned),
        ("psycopg's pipeline", psycopg_pipeline, generic),
        ("one text with literals", OneText(), generic),
        ("one message (ours)", ours, generic),
    ]
    url = house.server.url(role="carnet_app")
    conns = [await psycopg.AsyncConnection.connect(url, autocommit=True, options=options) for _, _, options in ways]
    best: list[tuple[float, float, float]] = [(9e9, 9e9, 9e9)] * len(ways)
    for _ in range(ROUNDS):
        for place, (_, way, _) in enumerate(ways):
            seen = await _round(conns[place], way, statements, set_space(who.space))
            best[place] = min(best[place][0], seen[0]), min(best[place][1], seen[1]), min(best[place][2], seen[2])
    for conn in conns:
        await conn.close()
    return [(name, *figures) for (name, _, _), figures in zip(ways, best, strict=True)]


async def _round(
    conn: psycopg.AsyncConnection[Any], way: Way, statements: Sequence[Statement], first: str
) -> tuple[float, float, float]:
    await way(conn, statements, first)
    pid = conn.info.backend_pid
    begun = time.process_time(), _on_cpu(pid), time.perf_counter()
    for _ in range(REPEATS):
        await way(conn, statements, first)
    ended = time.process_time(), _on_cpu(pid), time.perf_counter()
    here, there, elapsed = (1e6 * (end - begin) / REPEATS for begin, end in zip(begun, ended, strict=True))
    return here, there, elapsed


def _on_cpu(pid: int) -> float:
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def main() -> None:
    """Print the table."""
    with open_house(workers=1) as house, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        lines = runner.run(compare(house))
    sys.stdout.write("| way of sending | CPU here µs | CPU server µs | elapsed µs |\n|---|--:|--:|--:|\n")
    for name, here, there, elapsed in lines:
        sys.stdout.write(f"| {name} | {here:.0f} | {there:.0f} | {elapsed:.0f} |\n")


if __name__ == "__main__":
    main()
