"""`python -m bench.cpu`: processor time of one answer, for machines too busy to count answers a second on.

The whole application runs in this process, without a web server and without a network between; short bursts of four
requests at a time, the cheapest of many kept: in spaces with a consent alone, then in the same ones with every finer
rule of access in use. What neighbours do to caches stays in the figure; what they take of the processors does not.
Ignores the server around the application, which adds 0.1 to 0.2 ms.
"""

import asyncio
import itertools
import statistics
import sys
import time

import msgspec
import psutil
import uvloop

from bench import population, visitors
from bench.capture import ask
from bench.house import House, open_house, served
from bench.load import Requests
from bench.machine import cpu_seconds
from bench.scenarios import Scenario, Tickets, scenarios
from carnet.config.application import create_app
from carnet.config.connect import connected
from carnet.infra.web.envelope import App

SPACES, DOCUMENTS = 20, 25
BURSTS, REQUESTS, AT_ONCE = 25, 40, 4
NAMES = ("list", "read", "read-large", "deposit")


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """Processor milliseconds of one answer: the cheapest burst and the one in the middle; and PostgreSQL's share."""

    least: float
    middle: float
    database: float


async def main() -> None:
    """Print a table; writes nothing else."""
    with open_house(workers=1) as house:
        key = visitors.new_key()
        jwks: dict[str, object] = {"keys": [dict(key.as_dict(private=False))]}
        async with connected(house.settings):
            world = await population.populate(spaces=SPACES, documents=DOCUMENTS, jwks=jwks)
        with served(house):
            tickets = Tickets(
                software=await visitors.software_token(house, key), doctor=visitors.doctor_token(house), cookies=()
            )
        sys.stdout.write("| what | web ms, least | middle | database ms |\n|---|--:|--:|--:|\n")
        async with connected(house.settings):
            app = create_app(msgspec.structs.replace(house.settings, log_level="warning"))
            for rules in ("", ", every finer rule in use"):
                if rules:
                    await population.use_every_rule(world.people)
                for one in scenarios(world, tickets, folder=house.home):
                    if one.name in NAMES:
                        sys.stdout.write(_row(one, await _cost(app, one.requests, house), rules))


def _row(scenario: Scenario, cost: Cost, rules: str) -> str:
    return f"| {scenario.title}{rules} | {cost.least:.2f} | {cost.middle:.2f} | {cost.database:.2f} |\n"


async def _cost(app: App, requests: Requests, house: House) -> Cost:
    numbers = itertools.count(1)
    await _burst(app, requests, numbers, count=4 * REQUESTS)
    costs, servers = [], house.postgres()
    before = cpu_seconds(servers)
    for _ in range(BURSTS):
        begun = time.process_time()
        await _burst(app, requests, numbers, count=REQUESTS)
        costs.append((time.process_time() - begun) / REQUESTS * 1000)
    database = (cpu_seconds(_now(servers, house)) - before) / (BURSTS * REQUESTS) * 1000
    return Cost(least=min(costs), middle=statistics.median(costs), database=database)


def _now(before: list[psutil.Process], house: House) -> list[psutil.Process]:
    """The same processes: one that began meanwhile would bring what it spent on beginning."""
    return [one for one in house.postgres() if one in before]


async def _burst(app: App, requests: Requests, numbers: "itertools.count[int]", *, count: int) -> None:
    async def visit() -> None:
        for _ in range(count // AT_ONCE):
            path, body = requests.numbered(next(numbers))
            status = await ask(app, requests.method, path, requests.headers, body)
            if status not in {200, 201}:
                raise RuntimeError(f"{requests.method} {path.split('?')[0]}: {status}")

    await asyncio.gather(*(visit() for _ in range(AT_ONCE)))


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
