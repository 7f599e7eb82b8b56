"""What Carnet asks of the place where contents lie, whatever it is made of.

A blob is written once under an id that is never used again, sealed for one space and that id. Which blob belongs to
which document, and who may read it, is decided by rows elsewhere.
"""

import abc
import datetime as dt
from collections.abc import AsyncIterator, Callable, Iterable
from uuid import UUID

import msgspec

from carnet.infra.blobs.errors import damaged
from carnet.infra.blobs.segments import HEADER, SEGMENT, SegmentOpener, content_size, content_start, segment_of
from carnet.infra.vault.encoding import encode_parts
from carnet.infra.vault.space_keys import SpaceKeys

WINDOW = 4 * SEGMENT
Content = bytes | AsyncIterator[bytes]
Fetch = Callable[[int, int], AsyncIterator[bytes | memoryview]]


class SealedBlob(msgspec.Struct, frozen=True):
    """What was stored: content length and length on the store, both in bytes.

    sha256: of content that came in pieces, 32 bytes; who gave it whole can count for themselves.
    """

    size: int
    sealed_size: int
    sha256: bytes | None = None


class Seal(msgspec.Struct, frozen=True):
    """The secrets of a blob's space, newest first, and what binds its content to that space and to its id."""

    secrets: tuple[bytes, ...]
    associated_data: bytes

    @classmethod
    def of(cls, *, blob_id: UUID, space_id: UUID, keys: SpaceKeys) -> "Seal":
        """Raises ValueError when the keys are another space's: a mistake in the calling code."""
        if keys.space_id != str(space_id):
            raise ValueError("these are another space's keys")
        return cls(secrets=keys.blob_keys, associated_data=encode_parts("carnet/blob/1", space_id, blob_id))


class BlobReader:
    """An open blob: its length, and its content in whole or by range, authenticated before it is handed out."""

    def __init__(self, *, seal: Seal, start: bytes | memoryview, sealed: int, fetch: Fetch) -> None:
        """Take the first bytes of the sealed form (one window, or all when shorter) and a way to get the others."""
        self.size = content_size(sealed)
        self._start = memoryview(start)
        self._sealed = sealed
        self._fetch = fetch
        self._opener = SegmentOpener(
            secrets=seal.secrets, associated_data=seal.associated_data, header=bytes(start[:HEADER]), sealed=sealed
        )

    async def read(self) -> bytes:
        """Return the whole content. For what is small; raises BlobDamaged."""
        return b"".join([piece async for piece in self.read_range(0, self.size)])

    async def read_range(self, start: int, stop: int) -> AsyncIterator[bytes]:
        """Yield the content from `start` (included) to `stop` (excluded), in pieces of at most 256 KiB.

        Positions beyond the end yield nothing. Raises BlobDamaged before the first piece that is not what was sealed,
        and Unavailable when the store stops answering: pieces already yielded remain true.
        """
        stop = min(stop, self.size)
        if start < 0 or start >= stop:
            return
        number, opened = segment_of(start), bytearray(min(WINDOW, self._sealed))
        async for run in self._runs(number, segment_of(stop - 1)):
            content = self._opener.open(number, run, into=opened)
            begins = content_start(number)
            yield bytes(content[max(start - begins, 0) : stop - begins])
            number = segment_of(begins + len(content))

    async def verify_length(self) -> None:
        """Open the last segment, which alone proves that nothing was cut off. Raises BlobDamaged."""
        last = segment_of(max(self.size - 1, 0))
        async for run in self._runs(last, last):
            self._opener.open(last, run)

    async def _runs(self, first: int, last: int) -> AsyncIterator[memoryview]:
        """Yield the sealed bytes of segments `first` to `last` in runs of whole segments, one window at a time."""
        begin, end = max(first * SEGMENT, HEADER), min((last + 1) * SEGMENT, self._sealed)
        held = min(end, len(self._start))
        if begin < held:
            yield self._start[begin:held]
            begin = held
        if begin < end:
            async for run in _whole_windows(self._fetch(begin, end), end - begin):
                yield run


async def _whole_windows(pieces: AsyncIterator[bytes | memoryview], expected: int) -> AsyncIterator[memoryview]:
    """Regroup pieces of any length into windows; raises BlobDamaged when there are not `expected` bytes in all."""
    pending = bytearray()
    async for piece in pieces:
        if not pending and len(piece) == WINDOW:
            expected -= WINDOW
            yield memoryview(piece)
            continue
        pending += piece
        while len(pending) >= WINDOW:
            expected -= WINDOW
            yield memoryview(bytes(pending[:WINDOW]))
            del pending[:WINDOW]
    if len(pending) != expected:
        raise damaged()
    if pending:
        yield memoryview(bytes(pending))


class BlobStore(abc.ABC):
    """Stores sealed contents. Every method may raise Unavailable: nothing was lost, later may succeed."""

    @abc.abstractmethod
    async def put(self, blob_id: UUID, content: Content, *, keys: SpaceKeys, space_id: UUID) -> SealedBlob:
        """Seal and store `content`; once it returns, the blob is whole and durable.

        Content in memory (`bytes`) is the quick path; an iterator is taken in constant memory. When it raises, no part
        of the blob is visible, or (only if the very last step failed) the whole of it. Raises BlobExists.
        """

    @abc.abstractmethod
    async def open(self, blob_id: UUID, *, keys: SpaceKeys, space_id: UUID, size: int | None = None) -> BlobReader:
        """Open a blob for reading; nothing needs closing.

        `size`: the content length its row remembers; when given, another length is refused at once, otherwise the end
        of the blob is authenticated first. Raises BlobMissing or BlobDamaged.
        """

    @abc.abstractmethod
    async def delete(self, blob_id: UUID) -> bool:
        """Remove a blob; return whether there was one."""

    @abc.abstractmethod
    async def exists(self, blob_id: UUID) -> bool:
        """Return whether a whole blob is stored under this id."""

    @abc.abstractmethod
    def list_older_than(self, at: dt.datetime) -> AsyncIterator[UUID]:
        """Yield the ids of blobs stored before `at`, in no order."""

    @abc.abstractmethod
    async def check_fit(self) -> None:
        """Prove that the store can take a blob now; raises Unavailable with the reason. For readiness."""

    async def collect(self, blob_ids: Iterable[UUID]) -> int:
        """Remove blobs that no row needs (old intents); return how many there were. Safe to run again."""
        return sum([await self.delete(blob_id) for blob_id in blob_ids])

    @abc.abstractmethod
    async def close(self) -> None:
        """Release threads and connections; the store is not used afterwards."""
