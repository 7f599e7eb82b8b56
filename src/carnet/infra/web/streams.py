"""Answers that stay open: counted, capped by process and by whose they are, ended together when the process stops."""

import asyncio
import contextlib
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from types import FrameType
from typing import Final

from carnet.kernel.errors import Problem, Unavailable

TOO_MANY: Final = Problem(
    "streams",
    "Trop de pages attendent des nouvelles en même temps. Rechargez la page pour voir ce qui est nouveau.",
    "Too many pages wait for news at once. Reload the page to see what is new.",
)


class Streams:
    """The open streams of one process."""

    def __init__(self, *, most: int, most_of_one: int) -> None:
        self.most, self.most_of_one = most, most_of_one
        self._open: Counter[str] = Counter()
        self._stopping: set[asyncio.Event] = set()
        self.stopped = False

    def check(self, whose: str) -> None:
        """Raise Unavailable when there are too many, before an answer begins."""
        if self.stopped or self._open.total() >= self.most or self._open[whose] >= self.most_of_one:
            raise Unavailable(TOO_MANY)

    @contextlib.contextmanager
    def take(self, whose: str) -> Iterator[asyncio.Event]:
        """Hold one stream of `whose`; gives what is set when it must end. Raises Unavailable: there are too many."""
        self.check(whose)
        self._open[whose] += 1
        ends = asyncio.Event()
        self._stopping.add(ends)
        try:
            yield ends
        finally:
            self._stopping.discard(ends)
            self._open[whose] -= 1
            if not self._open[whose]:
                del self._open[whose]

    def __len__(self) -> int:
        return self._open.total()

    def stop(self) -> None:
        """End every stream and take no more: the process is about to go."""
        self.stopped = True
        for one in tuple(self._stopping):
            one.set()


@contextlib.contextmanager
def stopped_by_signals(streams: Streams) -> Iterator[None]:
    """End `streams` as soon as this process is told to stop, beside whatever else the web server does then.

    The server waits for answers that were begun; these would never end by themselves. Event loops hear signals by a
    wake-up descriptor, which a Python handler set here leaves alone: both hear it. Only in a main thread.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()

    def told(_: int, __: FrameType | None) -> None:
        loop.call_soon_threadsafe(streams.stop)

    before = {one: signal.signal(one, told) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
