"""Opened keysets, kept for a moment so that a page of twenty reads does not unwrap twenty times.

The cache answers only to whoever shows the wrapped bytes of the key row: once the row is destroyed, no process can
be asked for its keys any more, whatever it still remembers. Python cannot wipe memory; the short life bounds what a
memory dump would show.
"""

import asyncio
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

import msgspec

from carnet.infra.vault.encoding import Name
from carnet.infra.vault.kek import KeyEncryptionKey
from carnet.infra.vault.space_keys import SpaceKeys, new_space_keyset, open_keyset, seal_keyset

_T = TypeVar("_T")


class _Opened(msgspec.Struct, frozen=True):
    keys: SpaceKeys
    until: float


class KeyRing:
    """Opens keysets through one key-encryption key. Safe to share between threads."""

    def __init__(self, kek: KeyEncryptionKey, *, capacity: int = 1024, seconds: float = 30.0) -> None:
        """Keep at most `capacity` opened keysets, each for at most `seconds`; `capacity=0` keeps none."""
        self.kek = kek
        self._capacity = capacity
        self._seconds = seconds
        self._opened: OrderedDict[tuple[str, int, bytes], _Opened] = OrderedDict()
        self._lock = threading.Lock()

    async def create(self, *, space_id: Name, version: int = 1) -> bytes:
        """Make the keyset of a new space and return it wrapped, for the key row. Raises Unavailable."""
        return await self._call(lambda: self.create_now(space_id=space_id, version=version))

    def create_now(self, *, space_id: Name, version: int = 1) -> bytes:
        """As `create`, on the calling thread: for batches, which have no loop to spare."""
        return seal_keyset(new_space_keyset(), kek=self.kek, space_id=space_id, version=version)

    async def open(self, *, space_id: Name, version: int, wrapped: bytes) -> SpaceKeys:
        """Return the keys behind a key row. Raises Unopenable or Unavailable."""
        known = self._recall((str(space_id), version, wrapped))
        if known is not None:
            return known
        return await self._call(lambda: self.open_now(space_id=space_id, version=version, wrapped=wrapped))

    def open_now(self, *, space_id: Name, version: int, wrapped: bytes) -> SpaceKeys:
        """As `open`, on the calling thread (a remote key service is then waited for)."""
        place = (str(space_id), version, wrapped)
        keys = self._recall(place)
        if keys is None:
            keys = open_keyset(wrapped, kek=self.kek, space_id=space_id, version=version)
            self._remember(place, keys)
        return keys

    def forget(self, space_id: Name) -> int:
        """Drop what this process remembers of a space (its key was destroyed); return how many keysets."""
        wanted = str(space_id)
        with self._lock:
            doomed = [place for place in self._opened if place[0] == wanted]
            for place in doomed:
                del self._opened[place]
        return len(doomed)

    async def _call(self, work: Callable[[], _T]) -> _T:
        """Run `work` here when it is quick, on a thread when the key lives across the network."""
        return await asyncio.to_thread(work) if self.kek.remote else work()

    def _recall(self, place: tuple[str, int, bytes]) -> SpaceKeys | None:
        with self._lock:
            entry = self._opened.get(place)
            if entry is None:
                return None
            if entry.until < time.monotonic():
                del self._opened[place]
                return None
            self._opened.move_to_end(place)
            return entry.keys

    def _remember(self, place: tuple[str, int, bytes], keys: SpaceKeys) -> None:
        if not self._capacity:
            return
        at = time.monotonic()
        with self._lock:
            self._opened[place] = _Opened(keys=keys, until=at + self._seconds)
            while len(self._opened) > self._capacity or next(iter(self._opened.values())).until < at:
                self._opened.popitem(last=False)
