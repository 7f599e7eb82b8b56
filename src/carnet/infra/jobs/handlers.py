"""Which function hears which event: the shape of the one table `config` writes, and the reading of an event from a job.

It ignores what handlers do. Every event type that can be published must be in the table, with no handler if nobody
cares: an event nobody announced is an error, never dropped in silence.
"""

import operator
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import reduce
from typing import Any, Protocol

import msgspec


class Handler(Protocol):
    """Hears one event. Must be idempotent: after a crash or a failure the same event is handed over again."""

    async def __call__(self, event: Any, /, *, at: datetime) -> None:
        """Do what follows from `event`, now being `at`; raise to be tried again later."""
        ...


Handlers = Mapping[type[msgspec.Struct], Sequence[Handler]]


class GiveUp(Exception):
    """Raised by a handler when trying again cannot help: the event becomes a dead letter at once."""


class Dispatcher:
    """Decodes the tagged event of a job and calls its handlers in the order of the table."""

    def __init__(self, handlers: Handlers) -> None:
        """Take the table; raises TypeError when two events carry the same tag."""
        self._handlers = dict(handlers)
        self._type: Any = reduce(operator.or_, self._handlers) if self._handlers else None

    async def dispatch(self, event: Mapping[str, Any], *, at: datetime) -> None:
        """Hand `event` over. Raises msgspec.ValidationError when no type of the table matches."""
        decoded = self.decode(event)
        for handler in self._handlers[type(decoded)]:
            await handler(decoded, at=at)

    def decode(self, event: Mapping[str, Any]) -> Any:
        """Return the struct behind the JSON of a job."""
        if self._type is None:
            raise msgspec.ValidationError("no event is known here")
        return msgspec.convert(event, type=self._type)
