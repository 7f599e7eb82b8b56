"""Blobs on the local disk: two levels of folders, written through `drafts`, read through the page cache.

`obstore`'s local store is not used because it does not fsync. Slow calls run on the store's own threads, so that a
slow disk delays deposits and nothing else. After a failed fsync the process trusts this disk no more: reading goes on
(contents are authenticated), deposits are refused until it is restarted.
"""

import asyncio
import contextlib
import datetime as dt
import errno
import hashlib
import os
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from carnet.infra import clock
from carnet.infra.blobs.drafts import Draft, SyncFailure
from carnet.infra.blobs.errors import damaged, exists, missing, unavailable, unfit
from carnet.infra.blobs.segments import SegmentSealer, seal_whole, sealed_size
from carnet.infra.blobs.store import WINDOW, BlobReader, BlobStore, Content, Seal, SealedBlob
from carnet.infra.disk import Disk
from carnet.infra.vault.space_keys import SpaceKeys

_T = TypeVar("_T")
_HEX = "0123456789abcdef"
_BATCH = 1024 * 1024
_STALE_DRAFT_SECONDS = 24 * 3600
_NOT_CACHED = getattr(os, "RWF_NOWAIT", 0)


class LocalBlobs(BlobStore):
    """The store of a laptop or a single server. One instance a process; several processes may share the folder."""

    def __init__(
        self, root: Path, *, disk: Disk | None = None, threads: int = 16, reserve_bytes: int = 64 * 1024 * 1024
    ) -> None:
        """Prepare `root` (made when absent, mode 0700). Not ready when fewer than `reserve_bytes` are free."""
        self._root = root
        self._drafts = root / "drafts"
        self._disk = disk or Disk()
        self._reserve = reserve_bytes
        self._threads = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="blobs")
        self._unfit = False
        self._prepare()

    async def put(self, blob_id: UUID, content: Content, *, keys: SpaceKeys, space_id: UUID) -> SealedBlob:
        seal = Seal.of(blob_id=blob_id, space_id=space_id, keys=keys)
        if self._unfit:
            raise unfit()
        target = self._path(blob_id)
        if isinstance(content, bytes):
            return await self._run(lambda: self._put_whole(target, content, seal))
        return await self._put_stream(target, content, seal)

    async def open(self, blob_id: UUID, *, keys: SpaceKeys, space_id: UUID, size: int | None = None) -> BlobReader:
        seal = Seal.of(blob_id=blob_id, space_id=space_id, keys=keys)
        path = self._path(blob_id)
        start, sealed = await self._read_start(path)
        if size is not None and sealed != sealed_size(size):
            raise damaged()
        reader = BlobReader(
            seal=seal, start=start, sealed=sealed, fetch=lambda begin, end: self._fetch(path, begin, end)
        )
        if size is None:
            await reader.verify_length()
        return reader

    async def delete(self, blob_id: UUID) -> bool:
        return await self._run(lambda: self._unlink(self._path(blob_id)))

    async def exists(self, blob_id: UUID) -> bool:
        return await self._run(self._path(blob_id).exists)

    async def list_older_than(self, at: dt.datetime) -> AsyncIterator[UUID]:
        limit = at.timestamp()
        for folder in self._folders():
            for blob_id in await self._run(lambda folder=folder: _older_than(folder, limit)):  # type: ignore[misc]  # mypy and defaults of lambdas
                yield blob_id

    async def check_fit(self) -> None:
        if self._unfit:
            raise unfit()
        await self._run(self._probe)

    async def close(self) -> None:
        self._threads.shutdown(wait=True)

    def _prepare(self) -> None:
        """Make all folders once and durably, so that a deposit never has to; throw away drafts of dead processes."""
        if not self._drafts.exists():
            for folder in self._folders():
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for folder in [self._root / first for first in _HEX]:
                self._disk.fsync_folder(folder)
            self._drafts.mkdir(mode=0o700, exist_ok=True)
            self._disk.fsync_folder(self._root)
        limit = clock.now().timestamp() - _STALE_DRAFT_SECONDS
        for entry in os.scandir(self._drafts):
            with contextlib.suppress(FileNotFoundError):
                if entry.stat().st_mtime < limit:
                    Path(entry.path).unlink()

    def _folders(self) -> list[Path]:
        return [self._root / first / second for first in _HEX for second in _HEX]

    def _path(self, blob_id: UUID) -> Path:
        """Shard by the end of the id: its beginning is the time in a UUIDv7."""
        name = blob_id.hex
        return Path(self._root, name[-1], name[-2], name)

    def _put_whole(self, target: Path, content: bytes, seal: Seal) -> SealedBlob:
        sealed = seal_whole(content, secret=seal.secrets[0], associated_data=seal.associated_data)
        draft = Draft(self._drafts, disk=self._disk)
        try:
            draft.write(sealed)
            length = draft.publish(target)
        except OSError:
            draft.discard()
            raise
        return SealedBlob(size=len(content), sealed_size=length)

    async def _put_stream(self, target: Path, content: AsyncIterator[bytes], seal: Seal) -> SealedBlob:
        sealer = SegmentSealer(secret=seal.secrets[0], associated_data=seal.associated_data)
        digest, size, pending = hashlib.sha256(), 0, bytearray()
        draft = await self._run(lambda: Draft(self._drafts, disk=self._disk))

        def write(piece: bytes, *, last: bool) -> None:
            digest.update(piece)
            draft.write(sealer.update(piece) + (sealer.finish() if last else b""))

        try:
            async for piece in content:
                size += len(piece)
                pending += piece
                if len(pending) >= _BATCH:
                    batch, pending = bytes(pending), bytearray()
                    await self._run(lambda batch=batch: write(batch, last=False))  # type: ignore[misc]  # mypy and defaults of lambdas
            await self._run(lambda: write(bytes(pending), last=True))
            length = await self._run(lambda: draft.publish(target))
        except BaseException:
            # Also when the client hung up: after the write under way, on the store's threads, never on the loop.
            self._threads.submit(draft.discard)
            raise
        return SealedBlob(size=size, sealed_size=length, sha256=digest.digest())

    async def _read_start(self, path: Path) -> tuple[memoryview, int]:
        return await self._read_soon(path, 0, None)

    async def _fetch(self, path: Path, begin: int, end: int) -> AsyncIterator[memoryview]:
        """Yield views of one piece of memory, each good until the next is asked for."""
        window = bytearray(min(WINDOW, end - begin))
        for position in range(begin, end, WINDOW):
            yield (await self._read_soon(path, position, memoryview(window)[: end - position]))[0]

    async def _read_soon(self, path: Path, begin: int, into: memoryview | None) -> tuple[memoryview, int]:
        """Read from memory at once when the system has it there, otherwise on a thread that may wait for the disk."""
        try:
            found = self._read(path, begin, into, waiting=False)
        except OSError as failure:
            raise unavailable(failure) from failure
        if found is None:
            found = await self._run(lambda: self._read_waiting(path, begin, into))
        return found

    def _read_waiting(self, path: Path, begin: int, into: memoryview | None) -> tuple[memoryview, int]:
        found = self._read(path, begin, into, waiting=True)
        if found is None:
            raise damaged()
        return found

    def _read(self, path: Path, begin: int, into: memoryview | None, *, waiting: bool) -> tuple[memoryview, int] | None:
        """Fill `into` (new memory of at most a window) from a file; return what was read and the file's whole length.

        None when not all of it could be had.
        """
        try:
            descriptor = self._disk.open(path)
        except FileNotFoundError:
            raise missing() from None
        try:
            whole = self._disk.size(descriptor)
            left = max(whole - begin, 0)
            window = memoryview(bytearray(min(left, WINDOW))) if into is None else into[:left]
            read = _read_fully if waiting else _read_cached
            return (window, whole) if read(descriptor, window, begin) == len(window) else None
        finally:
            self._disk.close(descriptor)

    def _unlink(self, path: Path) -> bool:
        try:
            self._disk.unlink(path)
        except FileNotFoundError:
            return False
        return True

    def _probe(self) -> None:
        if self._disk.free_bytes(self._root) < self._reserve:
            raise OSError(errno.ENOSPC, "the disk is nearly full")
        draft = Draft(self._drafts, disk=self._disk)
        try:
            draft.write(b"fit")
            draft.sync()
        finally:
            draft.discard()

    async def _run(self, work: Callable[[], _T]) -> _T:
        """Run `work` on the store's threads; translate what the system says into what Carnet says."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        except SyncFailure as failure:
            self._unfit = True
            raise unfit() from failure
        except FileExistsError:
            raise exists() from None
        except OSError as failure:
            raise unavailable(failure) from failure


def _read_cached(descriptor: int, into: memoryview, position: int) -> int:
    """Read what the system has in memory already, without waiting for the disk; return how many bytes."""
    if not _NOT_CACHED:
        return -1
    try:
        return os.preadv(descriptor, [into], position, _NOT_CACHED)
    except OSError:
        return -1


def _read_fully(descriptor: int, into: memoryview, position: int) -> int:
    done = 0
    while done < len(into) and (count := os.preadv(descriptor, [into[done:]], position + done)):
        done += count
    return done


def _older_than(folder: Path, limit: float) -> list[UUID]:
    found = []
    for entry in os.scandir(folder):
        with contextlib.suppress(FileNotFoundError):
            if entry.stat().st_mtime < limit:
                found.append(UUID(hex=entry.name))
    return found
