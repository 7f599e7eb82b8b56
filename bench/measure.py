"""One measurement: load for some seconds, with what the web workers and PostgreSQL spent meanwhile."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import msgspec
import psutil

from bench.house import House
from bench.load import Outcome, run
from bench.machine import busy_seconds, cores, cpu_seconds, memory
from bench.scenarios import Scenario

_runs: Iterator[int] = itertools.count(1)
_ROOM = 10_000_000


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a table.

    web, database: processor milliseconds a request; memory: megabytes of the largest worker; others: share of the
    machine's processors that programs which are not part of the measurement used meanwhile.
    """

    connections: int
    outcome: Outcome
    web: float
    database: float
    memory: float
    others: float


def measure(
    scenario: Scenario,
    *,
    house: House,
    workers: list[psutil.Process],
    connections: int,
    seconds: float,
    folder: Path,
) -> Measured:
    """Send the requests of `scenario` and return what was seen. Raises RuntimeError when answers were not successes."""
    before, busy = _spent(house, workers), busy_seconds()
    outcome = run(
        scenario.requests,
        url=house.base_url,
        connections=connections,
        seconds=seconds,
        folder=folder,
        first=next(_runs) * _ROOM,
    )
    after, busy = _spent(house, workers), busy_seconds() - busy
    ours = sum(after) - sum(before) + outcome.client_cpu
    if outcome.failures:
        raise RuntimeError(f"{scenario.name}: {outcome.failures} of {outcome.answers} answers were not successes")
    web, database = (1000 * (end - begin) / max(outcome.answers, 1) for begin, end in zip(before, after, strict=True))
    return Measured(
        connections=connections,
        outcome=outcome,
        web=web,
        database=database,
        memory=max(memory(workers)),
        others=max(busy - ours, 0.0) / (outcome.seconds * cores()),
    )


def _spent(house: House, workers: list[psutil.Process]) -> tuple[float, float]:
    return cpu_seconds(workers), cpu_seconds(house.postgres())
