"""A machine that others use too: a measurement counts when they left it alone, so it is tried again until they did.

What they used meanwhile is part of every figure that is kept; it ignores what they do to memory and disks.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import msgspec

from bench.machine import busy_seconds, cores

QUIET = 0.08
"""Share of the processors that others may use in a measurement not worth repeating."""
_LOOK_SECONDS = 0.5
T = TypeVar("T")


class Share(msgspec.Struct):
    """What others used of the machine's processors during a block, 0 to 1; known once the block is over."""

    others: float = 0.0


@contextmanager
def share_of_others(ours: Callable[[], float]) -> Iterator[Share]:
    """Measure a block. ours: processor seconds used so far by everything that belongs to the measurement."""
    share, begun, used, busy = Share(), time.monotonic(), ours(), busy_seconds()
    yield share
    foreign = busy_seconds() - busy - (ours() - used)
    share.others = max(foreign, 0.0) / ((time.monotonic() - begun) * cores())


def calmest(attempt: Callable[[], T], *, others: Callable[[T], float], patience: float) -> T:
    """Return the least disturbed of several attempts, made until one was left alone or `patience` seconds are over."""
    until = time.monotonic() + patience
    best = attempt()
    while others(best) > QUIET and time.monotonic() < until:
        _wait(until)
        best = min(best, attempt(), key=others)
    return best


def _wait(until: float) -> None:
    """Return once the machine looks idle, or at `until`."""
    while time.monotonic() < until:
        busy = busy_seconds()
        time.sleep(_LOOK_SECONDS)
        if (busy_seconds() - busy) / (_LOOK_SECONDS * cores()) < QUIET:
            return
