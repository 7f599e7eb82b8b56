"""The public log as files in the C2SP tlog-tiles layout: a folder any static server could publish.

A tile that is not full yet is one file that grows; whoever serves it cuts it to the width asked. Bytes beyond what
`size` says are the rest of an interrupted write and are overwritten. It ignores signatures and what leaves mean.
"""

import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from carnet.infra.disk import Disk, write_all
from carnet.journal.rules.leaves import LEAF_BYTES, leaf_hash
from carnet.journal.rules.merkle import HASH_BYTES, node_hash, range_hash

WIDTH = 256
_TILE_BITS = 8
BUNDLED = LEAF_BYTES + 2


def tile_path(level: int | str, number: int) -> str:
    """Return the path of a tile below `tile/`: level (or "entries"), number in groups of three digits (tlog-tiles)."""
    digits = f"{number:03d}"
    digits = digits.zfill((len(digits) + 2) // 3 * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    return "/".join([str(level), *(f"x{group}" for group in groups[:-1]), groups[-1]])


def write_durably(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Replace the file at `path` at once, durable when it returns."""
    disk = Disk()
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    descriptor = disk.create(draft, mode=mode)
    try:
        write_all(disk, descriptor, data)
        disk.fsync(descriptor)
    finally:
        disk.close(descriptor)
    disk.rename(draft, path)
    disk.fsync_folder(path.parent)


class TileStore:
    """The log in one folder: `checkpoint`, `keys`, `tile/…`, and `size` (how many leaves are whole)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._whole = lru_cache(maxsize=512)(self._levels)
        self._known = 0

    @property
    def size(self) -> int:
        """How many leaves are on disk, published or not."""
        try:
            return int((self.folder / "size").read_text())
        except FileNotFoundError:
            return 0

    def checkpoint(self) -> str:
        """Return the newest published checkpoint; empty when there is none yet."""
        try:
            return (self.folder / "checkpoint").read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""

    def publish(self, checkpoint: str) -> None:
        """Replace the published checkpoint."""
        write_durably(self.folder / "checkpoint", checkpoint.encode())

    def append(self, leaves: Sequence[bytes]) -> int:
        """Add leaves after those there are; durable when it returns. Return the new size."""
        first = self.size
        self._write("entries", first, [len(one).to_bytes(2, "big") + one for one in leaves])
        hashes, level, start = [leaf_hash(one) for one in leaves], 0, first
        while hashes:
            self._write(level, start, hashes)
            done, full = start // WIDTH, (start + len(hashes)) // WIDTH
            hashes = [self._levels(level, number)[_TILE_BITS][0] for number in range(done, full)]
            level, start = level + 1, done
        size = first + len(leaves)
        write_durably(self.folder / "size", str(size).encode())
        return size

    def hash_of(self, level: int, index: int) -> bytes:
        """Return the root of the full subtree of 2^level leaves at `index` (what proofs are made of)."""
        tile_level, within = divmod(level, _TILE_BITS)
        number, place = divmod(index << within, WIDTH)
        if self._is_full(tile_level, number):
            return self._whole(tile_level, number)[within][place >> within]
        row = _hashes(self.read(tile_level, number))[place : place + (1 << within)]
        if len(row) != 1 << within:
            raise FileNotFoundError(f"tile {tile_path(tile_level, number)} is shorter than the tree")
        while len(row) > 1:
            row = _pairs(row)
        return row[0]

    def root(self, size: int) -> bytes:
        """Return the root of the first `size` leaves."""
        return range_hash(0, size, self.hash_of)

    def read(self, level: int | str, number: int) -> bytes:
        """Return what is on disk of a tile; empty when there is nothing."""
        try:
            return (self.folder / "tile" / tile_path(level, number)).read_bytes()
        except FileNotFoundError:
            return b""

    def _is_full(self, level: int, number: int) -> bool:
        """Whether a tile will never change any more: only such are kept in memory."""
        end = (number + 1) << _TILE_BITS * (level + 1)
        if end > self._known:
            self._known = self.size
        return end <= self._known

    def _levels(self, level: int, number: int) -> list[list[bytes]]:
        rows = [_hashes(self.read(level, number))]
        while len(rows[-1]) > 1:
            rows.append(_pairs(rows[-1]))
        return rows

    def _write(self, level: int | str, first: int, records: Sequence[bytes]) -> None:
        """Write records of one size from place `first` on, each into its tile; durable when it returns."""
        disk, at = Disk(), 0
        while at < len(records):
            number, place = divmod(first + at, WIDTH)
            part = records[at : at + WIDTH - place]
            path = self.folder / "tile" / tile_path(level, number)
            born = [one for one in (path, *path.parents) if not one.exists()]
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
            try:
                os.ftruncate(descriptor, place * len(part[0]))
                os.lseek(descriptor, 0, os.SEEK_END)
                write_all(disk, descriptor, b"".join(part))
                disk.fsync(descriptor)
            finally:
                disk.close(descriptor)
            for one in born:
                disk.fsync_folder(one.parent)
            at += len(part)


def split_bundle(data: bytes) -> list[bytes]:
    """Return the entries of an entry bundle: each is preceded by its length in two bytes."""
    found, at = [], 0
    while at + 2 <= len(data):
        length = int.from_bytes(data[at : at + 2], "big")
        entry = data[at + 2 : at + 2 + length]
        if len(entry) != length:
            break
        found.append(entry)
        at += 2 + length
    return found


def _hashes(data: bytes) -> list[bytes]:
    return [data[at : at + HASH_BYTES] for at in range(0, len(data) - HASH_BYTES + 1, HASH_BYTES)]


def _pairs(row: Sequence[bytes]) -> list[bytes]:
    return [node_hash(row[at], row[at + 1]) for at in range(0, len(row) - 1, 2)]


def read_tile(folder: Path, level: str, number: int, width: int) -> bytes | None:
    """Return the first `width` hashes (or entries, level "entries") of a tile; None when there are fewer.

    Bytes beyond what is durable are never given out: an address means the same bytes for ever.
    """
    store, is_bundle = TileStore(folder), level == "entries"
    there = (store.size >> (0 if is_bundle else _TILE_BITS * int(level))) - number * WIDTH
    if not 0 < width <= min(there, WIDTH):
        return None
    data = store.read(level, number)[: width * (BUNDLED if is_bundle else HASH_BYTES)]
    return data if len(data) == width * (BUNDLED if is_bundle else HASH_BYTES) else None
