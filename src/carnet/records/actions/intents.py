"""Notes of intent: before its bytes are stored a row names the blob, so that what is never finished is collected.

A deposit that comes alone notes its own, in the message that looks for the space. While others are under way in this
process, one of them notes for those to come as well: their message writes nothing then and waits for no disk. An id is
used once; one that nobody used is collected as any other note, an hour later (`journeys.collect_orphans`).
"""

import contextlib
from collections import deque
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID
from weakref import WeakKeyDictionary

import msgspec

from carnet.infra import randomness
from carnet.infra.db.database import Database, seated
from carnet.infra.db.message import Statement

SPARE: Final = 32
FRESH: Final = timedelta(minutes=10)
"""A note older than this is left to the collector, which comes after an hour: no deposit takes that long."""

_NOTE = "INSERT INTO deposit_intent (blob_id, noted_at) SELECT unnest(%(blobs)s::uuid[]), %(at)s"


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """Ids to write under. spare: to be kept for others once noted; noted: they are already, nothing is to be sent."""

    blobs: tuple[UUID, ...]
    spare: tuple[UUID, ...] = ()
    noted: bool = False

    def statements(self, *, at: datetime) -> list[Statement]:
        """Return what notes them."""
        return [] if self.noted else intent_statements((*self.blobs, *self.spare), at=at)


def intent_statements(blobs: Sequence[UUID], *, at: datetime) -> list[Statement]:
    """Return the statement that notes the intent of writing these blobs."""
    return [Statement(_NOTE, {"blobs": list(blobs), "at": at})]


class Intents:
    """The notes of one process that nobody has used yet."""

    def __init__(self) -> None:
        self._ready: deque[tuple[UUID, datetime]] = deque()
        self._under_way = 0

    @contextlib.contextmanager
    def deposit(self) -> Iterator[None]:
        """Count a deposit while it is under way."""
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1

    def take(self, count: int, *, at: datetime) -> Taken:
        """Return `count` ids nobody else will have: noted ahead while others are under way, new ones when alone."""
        alone = self._under_way < 2  # noqa: PLR2004 - the one who asks
        while self._ready and abs(at - self._ready[0][1]) > FRESH:
            self._ready.popleft()
        if len(self._ready) >= count and not alone:
            return Taken(blobs=tuple(self._ready.popleft()[0] for _ in range(count)), noted=True)
        spare = 0 if alone else SPARE
        return Taken(
            blobs=tuple(randomness.uuid4() for _ in range(count)), spare=tuple(randomness.uuid4() for _ in range(spare))
        )

    def keep(self, taken: Taken, *, at: datetime) -> None:
        """Keep what was noted to spare: its note is durable now."""
        self._ready.extend((blob, at) for blob in taken.spare)

    def forget(self) -> None:
        """Keep none of them: one was collected, by whoever thinks them old."""
        self._ready.clear()


_of: WeakKeyDictionary[Database, Intents] = WeakKeyDictionary()


def intents() -> Intents:
    """Return those of this process and the database it works with."""
    found = _of.get(seated())
    if found is None:
        found = _of[seated()] = Intents()
    return found
