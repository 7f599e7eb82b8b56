"""Blobs behind the S3 API: SeaweedFS, Ceph, or any health-data host.

A deposit that fits in memory is one conditional PUT with a checksum: the service refuses to write over an existing
name and to keep altered bytes. What is longer goes up in parts and becomes visible as a whole at the end. Every wait
is bounded. Buckets, replication and expiry of abandoned uploads are the operator's part.
"""

import asyncio
import contextlib
import datetime as dt
import hashlib
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, NotFoundError
from obstore.store import S3Store

from carnet.infra.blobs.errors import BlobMissing, damaged, exists, missing, unavailable
from carnet.infra.blobs.segments import HEADER, SegmentSealer, seal_whole, sealed_size
from carnet.infra.blobs.store import WINDOW, BlobReader, BlobStore, Content, Seal, SealedBlob
from carnet.infra.vault.space_keys import SpaceKeys
from carnet.kernel.errors import Unavailable

_SINGLE_PUT = 16 * 1024 * 1024
_PART = 8 * 1024 * 1024
_PROBE = "fit"
_NO_SUCH_RANGE = "status: 416"  # what an empty object answers; the library gives it no type of its own


class _Taken(Exception):
    """The service holds something under this name already."""


class S3Settings(msgspec.Struct, frozen=True):
    """Where the bucket is. `endpoint` of None means AWS itself; plain HTTP only to loopback or by `allow_http`."""

    bucket: str
    access_key_id: str
    secret_access_key: str
    endpoint: str | None = None
    region: str = "us-east-1"
    prefix: str = "blobs"
    allow_http: bool = False
    virtual_hosted: bool = False
    connect_seconds: float = 2.0
    request_seconds: float = 30.0
    retry_seconds: float = 10.0
    retries: int = 2


class S3Blobs(BlobStore):
    """The store of a production installation; shared by all processes and servers."""

    def __init__(self, settings: S3Settings) -> None:
        """Prepare a client; nothing is sent yet."""
        self._settings = settings
        self._store = _connect(settings)

    async def put(self, blob_id: UUID, content: Content, *, keys: SpaceKeys, space_id: UUID) -> SealedBlob:
        seal = Seal.of(blob_id=blob_id, space_id=space_id, keys=keys)
        path = self._path(blob_id)
        if isinstance(content, bytes):
            return await self._put_whole(path, content, seal)
        return await self._put_stream(path, content, seal)

    async def open(self, blob_id: UUID, *, keys: SpaceKeys, space_id: UUID, size: int | None = None) -> BlobReader:
        seal = Seal.of(blob_id=blob_id, space_id=space_id, keys=keys)
        path = self._path(blob_id)
        try:
            async with self._bounded():
                found = await obstore.get_async(self._store, path, options={"range": (0, WINDOW)})
                sealed, start = int(found.meta["size"]), bytes(await found.bytes_async())
        except Unavailable as refusal:
            if _NO_SUCH_RANGE in str(refusal.__cause__):
                raise damaged() from None
            raise
        if size is not None and sealed != sealed_size(size):
            raise damaged()
        reader = BlobReader(
            seal=seal, start=start, sealed=sealed, fetch=lambda begin, end: self._fetch(path, begin, end)
        )
        if size is None:
            await reader.verify_length()
        return reader

    async def delete(self, blob_id: UUID) -> bool:
        if not await self.exists(blob_id):
            return False
        async with self._bounded():
            await obstore.delete_async(self._store, self._path(blob_id))
        return True

    async def exists(self, blob_id: UUID) -> bool:
        return await self._length(self._path(blob_id)) is not None

    async def list_older_than(self, at: dt.datetime) -> AsyncIterator[UUID]:
        batches = obstore.list(self._store, prefix=self._settings.prefix)
        while True:
            async with self._bounded():
                batch = await anext(batches, None)
            if batch is None:
                return
            for entry in batch:
                if entry["last_modified"] < at:
                    yield UUID(hex=entry["path"].rsplit("/", 1)[-1])

    async def check_fit(self) -> None:
        """Write, read back and remove a byte beside the blobs: rights, space and reach in one."""
        probe = f"{_PROBE}/{self._settings.prefix}"
        async with self._bounded():
            await obstore.put_async(self._store, probe, b"fit", use_multipart=False)
            await obstore.get_range_async(self._store, probe, start=0, length=1)

    async def close(self) -> None:
        """Nothing to release: connections end with the client."""

    def _path(self, blob_id: UUID) -> str:
        return f"{self._settings.prefix}/{blob_id.hex[-2:]}/{blob_id.hex}"

    async def _put_whole(self, path: str, content: bytes, seal: Seal) -> SealedBlob:
        sealed = await asyncio.to_thread(
            seal_whole, content, secret=seal.secrets[0], associated_data=seal.associated_data
        )
        await self._create(path, sealed)
        return SealedBlob(size=len(content), sealed_size=len(sealed))

    async def _create(self, path: str, sealed: bytes | bytearray) -> None:
        try:
            async with self._bounded():
                await obstore.put_async(self._store, path, sealed, mode="create", use_multipart=False)
        except _Taken:
            # The answer to a first attempt may have been lost and repeated below us: the random header tells.
            if not await self._is_ours(path, sealed):
                raise exists() from None

    async def _is_ours(self, path: str, sealed: bytes | bytearray) -> bool:
        async with self._bounded():
            found = await obstore.get_async(self._store, path, options={"range": (0, HEADER)})
            return bytes(await found.bytes_async()) == sealed[:HEADER] and found.meta["size"] == len(sealed)

    async def _put_stream(self, path: str, content: AsyncIterator[bytes], seal: Seal) -> SealedBlob:
        run = _SealingRun(content, seal)
        start = await run.take(_SINGLE_PUT)
        if run.finished:
            await self._create(path, start)
        else:
            await self._put_parts(path, start, run)
        if await self._length(path) != run.sealed_size:
            raise unavailable()
        return SealedBlob(size=run.size, sealed_size=run.sealed_size, sha256=run.sha256)

    async def _put_parts(self, path: str, start: bytes, run: "_SealingRun") -> None:
        if await self._length(path) is not None:
            raise exists()

        async def parts() -> AsyncIterator[bytes]:
            yield start
            while not run.finished:
                yield await run.take(_PART)

        try:
            await obstore.put_async(self._store, path, parts(), chunk_size=_PART, max_concurrency=2)
        except BaseError as failure:
            raise run.failure or unavailable() from failure

    async def _length(self, path: str) -> int | None:
        try:
            async with self._bounded():
                return int((await obstore.head_async(self._store, path))["size"])
        except BlobMissing:
            return None

    async def _fetch(self, path: str, begin: int, end: int) -> AsyncIterator[bytes]:
        async with self._bounded():
            found = await obstore.get_async(self._store, path, options={"range": (begin, end)})
            stream = found.stream(min_chunk_size=WINDOW)
        while True:
            async with self._bounded():
                piece = await anext(stream, None)
            if piece is None:
                return
            yield bytes(piece)

    @contextlib.asynccontextmanager
    async def _bounded(self) -> AsyncIterator[None]:
        """Bound the wait for the service, retries included, and translate its answers."""
        try:
            async with asyncio.timeout(self._settings.request_seconds + self._settings.retry_seconds):
                yield
        except AlreadyExistsError:
            raise _Taken from None
        except (NotFoundError, FileNotFoundError):
            raise missing() from None
        except (BaseError, TimeoutError, OSError) as failure:
            raise unavailable() from failure


class _SealingRun:
    """Content on its way up: sealed piece by piece, counted and hashed as it passes."""

    def __init__(self, content: AsyncIterator[bytes], seal: Seal) -> None:
        self._content = content
        self._sealer = SegmentSealer(secret=seal.secrets[0], associated_data=seal.associated_data)
        self._digest = hashlib.sha256()
        self.size = 0
        self.sealed_size = 0
        self.finished = False
        self.failure: BaseException | None = None

    @property
    def sha256(self) -> bytes:
        return self._digest.digest()

    async def take(self, at_least: int) -> bytes:
        """Return sealed bytes: `at_least` that many, or all that are left (`finished` is then set)."""
        taken = bytearray()
        try:
            while len(taken) < at_least and (piece := await anext(self._content, None)) is not None:
                self.size += len(piece)
                self._digest.update(piece)
                taken += self._sealer.update(piece)
        except BaseException as failure:
            self.failure = failure  # the library above us would hand on only its text
            raise
        if len(taken) < at_least:
            taken += self._sealer.finish()
            self.finished = True
        self.sealed_size += len(taken)
        return bytes(taken)


def _connect(settings: S3Settings) -> Any:
    return S3Store(
        settings.bucket,
        endpoint=settings.endpoint,
        region=settings.region,
        access_key_id=settings.access_key_id,
        secret_access_key=settings.secret_access_key,
        virtual_hosted_style_request=settings.virtual_hosted,
        checksum_algorithm="SHA256",
        client_options={
            "allow_http": settings.allow_http or _is_loopback(settings.endpoint),
            "connect_timeout": dt.timedelta(seconds=settings.connect_seconds),
            "timeout": dt.timedelta(seconds=settings.request_seconds),
        },
        retry_config={
            "max_retries": settings.retries,
            "retry_timeout": dt.timedelta(seconds=settings.retry_seconds),
        },
    )


def _is_loopback(endpoint: str | None) -> bool:
    """Tell whether `endpoint` never leaves this machine."""
    host = urlsplit(endpoint).hostname if endpoint else None
    return host == "localhost" or (host is not None and host.startswith("127.")) or host == "::1"
