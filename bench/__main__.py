"""`python -m bench`: start a house, fill it, send requests, measure its floors, write them into docs/performance.md.

Bounded: about 8 minutes, under 2 with `--quick`. Loopback only; everything it starts it stops, by process id.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import psutil
import psycopg
import uvloop
from joserfc.jwk import ECKey

from bench import floors, population, visitors
from bench.calm import calmest, share_of_others
from bench.capture import capture
from bench.floors import Floor
from bench.house import House, open_house, served
from bench.load import wrk
from bench.machine import cpu_seconds, describe, memory, own_seconds
from bench.measure import Measured, measure
from bench.population import LARGE, READ, Population
from bench.report import Line, Run, placed, section
from bench.scenarios import DEPOSIT_BYTES, Scenario, Tickets, chosen, scenarios
from carnet.config.application import create_app
from carnet.config.connect import connected

T = TypeVar("T")
PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
SCRIPTS = 12
"""Different requests a floor repeats: enough that no row stays warmer than it would."""
PEOPLE_SIGNED_IN = 40
_BLOBS = {"read": (READ, False), "read-large": (LARGE, False), "deposit": (DEPOSIT_BYTES, True)}


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How much is measured. seconds: of load a line; floor: of each floor; patience: seconds to wait for a calm one."""

    spaces: int
    documents: int
    connections: tuple[int, ...]
    seconds: float
    floor: float
    only: str | None
    workers: int
    patience: float


def main(arguments: list[str]) -> int:
    """Run the measurement; return 0 unless an answer was not a success."""
    given = _parser().parse_args(arguments)
    plan = Plan(
        spaces=40 if given.quick else 200,
        documents=25,
        connections=(8,) if given.quick else (1, 8, 32),
        seconds=3 if given.quick else 8,
        floor=2 if given.quick else 4,
        only=given.only,
        workers=given.workers,
        patience=given.patience,
    )
    with open_house(workers=plan.workers) as house:
        run = _run(house, plan, command=" ".join(["python -m bench", *arguments]))
    sys.stdout.write("\n" + section(run))
    if plan.only is None and not given.quick:
        PAGE.write_text(placed(section(run), into=PAGE.read_text(encoding="utf-8")), encoding="utf-8")
        sys.stdout.write(f"\nWritten to {PAGE.relative_to(PAGE.parent.parent)}.\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--quick", action="store_true", help="a smaller house, 8 connections only; writes no page")
    parser.add_argument("--only", help="one scenario: list, read, read-large, deposit or home; writes no page")
    parser.add_argument("--workers", type=int, default=2, help="web server processes")
    parser.add_argument(
        "--patience", type=float, default=0, help="seconds a line may be tried again while others use the machine"
    )
    return parser


def _run(house: House, plan: Plan, *, command: str) -> Run:
    key = visitors.new_key()
    begun = time.monotonic()
    world, cookies = _in_loop(_fill(house, plan, key))
    _settle(house)
    _say(f"{plan.spaces} spaces of {plan.documents} documents in {time.monotonic() - begun:.0f} s")
    with served(house) as workers:
        tickets = Tickets(
            software=_in_loop(visitors.software_token(house, key)), doctor=visitors.doctor_token(house), cookies=cookies
        )
        wanted = chosen(scenarios(world, tickets, folder=house.home), plan.only)
        scripts = {one.name: _in_loop(_scripts(house, one)) for one in wanted}
        idle, lines, grown = max(memory(workers)), [], None
        for scenario in wanted:
            before = max(memory(workers))
            lines += [_line(house, workers, plan, scenario, scripts[scenario.name], n) for n in plan.connections]
            if scenario.name == "read-large":
                grown = max(memory(workers)) - before
    return Run(
        command=command,
        client="wrk, one thread" if wrk() else "our own client (wrk is not installed)",
        machine=describe(_postgresql(house)),
        workers=plan.workers,
        spaces=plan.spaces,
        documents=plan.documents,
        idle_memory=idle,
        grown=grown,
        lines=lines,
    )


async def _fill(house: House, plan: Plan, key: ECKey) -> tuple[Population, tuple[str, ...]]:
    jwks: dict[str, object] = {"keys": [dict(key.as_dict(private=False))]}
    async with connected(house.settings):
        world = await population.populate(spaces=plan.spaces, documents=plan.documents, jwks=jwks)
        signed_in = enumerate(world.people[:PEOPLE_SIGNED_IN])
        return world, tuple([await visitors.session_cookie(one, number=number) for number, one in signed_in])


async def _scripts(house: House, scenario: Scenario) -> list[floors.Script]:
    """Capture what several requests of a scenario say to the database; the second of each says what must be new."""
    async with connected(house.settings):
        app, found = create_app(msgspec.structs.replace(house.settings, log_level="warning")), []
        turns = max(
            len(part) for part in (scenario.requests.paths, scenario.requests.bodies, scenario.requests.cookies)
        )
        for place in range(min(SCRIPTS, turns)):
            turn = 900_000_000_000 // turns * turns + place
            warm, first, second = [await capture(app, scenario.requests, turn=turn + n * turns) for n in range(3)]
            if first.status not in {200, 201} or len(first.messages) != len(second.messages):
                raise RuntimeError(f"{scenario.name}: answered {warm.status}, {first.status}, {second.status}")
            found.append(floors.script_of(first, second, number=place))
        return found


def _line(
    house: House, workers: list[psutil.Process], plan: Plan, scenario: Scenario, scripts: list[floors.Script], n: int
) -> Line:
    def attempt(seconds: float) -> Measured:
        return measure(scenario, house=house, workers=workers, connections=n, seconds=seconds, folder=house.home)

    attempt(1)
    seen = calmest(lambda: attempt(plan.seconds), others=lambda one: one.others, patience=plan.patience)
    line = Line(scenario=scenario, measured=seen, floor=_floor(house, plan, scenario, scripts, n))
    out = seen.outcome
    _say(
        f"{scenario.title:26} {n:3} connections {out.rate:6.0f}/s  p50 {out.p50:6.1f}  p99 {out.p99:6.1f} ms  "
        f"CPU {seen.web:.2f} + {seen.database:.2f} ms  {seen.memory:.0f} MB  "
        f"floor {line.floor.rate:.0f}/s  {line.ratio:.0%}  (others {seen.others:.0%}, {line.floor.others:.0%})"
    )
    return line


def _floor(house: House, plan: Plan, scenario: Scenario, scripts: list[floors.Script], n: int) -> Floor:
    def ours() -> float:
        return own_seconds() + cpu_seconds(house.postgres())

    def attempt() -> Floor:
        with share_of_others(ours) as share:
            floor = _floor_now(house, plan, scenario, scripts, n)
        return msgspec.structs.replace(floor, others=share.others)

    return calmest(attempt, others=lambda one: one.others, patience=plan.patience)


def _floor_now(house: House, plan: Plan, scenario: Scenario, scripts: list[floors.Script], n: int) -> Floor:
    url = house.server.url(role="carnet_app")
    sql = floors.sql_rate(scripts, url=url, connections=n, seconds=plan.floor, folder=house.home)
    blobs = None
    if scenario.name in _BLOBS:
        size, writes = _BLOBS[scenario.name]
        rate = floors.write_rate if writes else floors.read_rate
        blobs = _in_loop(rate(house.home, size=size, at_once=n, seconds=plan.floor / 2))
    return Floor(sql=sql, blobs=blobs)


def _settle(house: House) -> None:
    """What autovacuum would have done by itself within a minute."""
    with psycopg.connect(house.server.url(role="postgres"), autocommit=True) as conn:
        conn.execute("VACUUM ANALYZE")
        conn.execute("CHECKPOINT")


def _postgresql(house: House) -> str:
    with psycopg.connect(house.server.url(role="carnet_app")) as conn:
        return str(conn.execute("SHOW server_version").fetchone()[0])  # type: ignore[index]


def _in_loop(work: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
