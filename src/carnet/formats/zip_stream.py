"""A ZIP archive made while it is sent: what goes in comes out as bytes at once, and memory holds one piece of it.

The standard library's `zipfile` does the work (it writes to what cannot be rewound, PKWARE APPNOTE §4.3.9 data
descriptors, ZIP64 where needed); this only takes away what it wrote. Kept in memory: a line of the directory a file.
"""

import zipfile
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from typing import IO, cast

_EARLIEST = 1980


class ZipStream:
    """One archive, a file after the other. Every method yields bytes to be sent on, in order."""

    def __init__(self) -> None:
        """Begin an empty archive."""
        self._taken = _Taken()
        self._zip = zipfile.ZipFile(cast("IO[bytes]", self._taken), "w", zipfile.ZIP_DEFLATED, compresslevel=1)

    async def add(self, name: str, pieces: AsyncIterator[bytes], *, at: datetime) -> AsyncIterator[bytes]:
        """Add a file of unknown length. name: its path inside; at: the time it carries (Paris, as clocks show it)."""
        with self._zip.open(_info(name, at), "w", force_zip64=False) as file:
            async for piece in pieces:
                file.write(piece)
                if self._taken.size:
                    yield self._taken.take()
        yield self._taken.take()

    def add_whole(self, name: str, content: bytes, *, at: datetime) -> Iterator[bytes]:
        """Add a small file."""
        self._zip.writestr(_info(name, at), content)
        yield self._taken.take()

    def end(self) -> bytes:
        """Return the directory, without which nothing opens."""
        self._zip.close()
        return self._taken.take()


class _Taken:
    """What zipfile takes for a file that cannot be rewound."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self.size = 0

    def write(self, data: bytes, /) -> int:
        self._pieces.append(bytes(data))
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        """Nothing waits here."""

    def take(self) -> bytes:
        taken, self._pieces, self.size = b"".join(self._pieces), [], 0
        return taken


def _info(name: str, at: datetime) -> zipfile.ZipInfo:
    if at.year < _EARLIEST:
        at = at.replace(year=_EARLIEST)
    info = zipfile.ZipInfo(name, (at.year, at.month, at.day, at.hour, at.minute, at.second))
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    return info
