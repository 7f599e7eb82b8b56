"""`python -m bench.hour`: every kind of request in turn for an hour; what a web worker's memory becomes, what failed.

Rates mean nothing beside others' work: the promise measured is memory, and that nothing fails. Tokens are
asked again at each turn, as programs do. Loopback only; everything it starts it stops, by process id.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

import uvloop

from bench import load, population, visitors
from bench.house import House, open_house, served
from bench.machine import memory
from bench.population import Population
from bench.scenarios import Tickets, scenarios
from carnet.config.connect import connected

T = TypeVar("T")
SPACES, DOCUMENTS, CONNECTIONS, TURN_SECONDS = 40, 25, 8, 10
LIMIT_MB = 250


def main(arguments: list[str]) -> int:
    """Send and watch; return 1 when an answer failed or a worker went beyond 250 MB."""
    parser = argparse.ArgumentParser(prog="python -m bench.hour", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--minutes", type=float, default=60)
    minutes = parser.parse_args(arguments).minutes
    key = visitors.new_key()
    with open_house(workers=2) as house:
        world = _in_loop(_fill(house, dict(key.as_dict(private=False))))
        with served(house) as workers:
            answers = failures = 0
            begun, peak, said = time.monotonic(), max(memory(workers)), 0.0
            sys.stdout.write(f"at the start {peak:.0f} MB\n")
            while (passed := time.monotonic() - begun) < minutes * 60:
                tickets = Tickets(
                    software=_in_loop(visitors.software_token(house, key)),
                    doctor=visitors.doctor_token(house),
                    cookies=_in_loop(_cookies(house, world, answers)),
                )
                for one in scenarios(world, tickets, folder=house.home):
                    outcome = load.run(
                        one.requests,
                        url=house.base_url,
                        connections=CONNECTIONS,
                        seconds=TURN_SECONDS,
                        folder=house.home,
                        first=answers,
                    )
                    # numbers are never used again, those of requests that were cut off included
                    answers += outcome.answers + CONNECTIONS
                    failures += outcome.failures
                    now = max(memory(workers))
                    peak = max(peak, now)
                if passed - said >= 5 * 60 or not said:
                    said = passed
                    sys.stdout.write(f"{passed / 60:5.1f} min  {answers:9,} answers  {failures} failed  {now:.0f} MB\n")
                    sys.stdout.flush()
            ended = max(memory(workers))
    sys.stdout.write(
        f"{minutes:g} minutes: {answers:,} answers, {failures} failed, "
        f"{peak:.0f} MB at most, {ended:.0f} MB at the end\n"
    )
    return int(failures > 0 or peak > LIMIT_MB)


async def _fill(house: House, public_key: dict[str, object]) -> Population:
    async with connected(house.settings):
        return await population.populate(spaces=SPACES, documents=DOCUMENTS, jwks={"keys": [public_key]})


async def _cookies(house: House, world: Population, number: int) -> tuple[str, ...]:
    async with connected(house.settings):
        signed_in = enumerate(world.people, start=number)
        return tuple([await visitors.session_cookie(one, number=at) for at, one in signed_in])


def _in_loop(work: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
