"""A blob being written to the local disk, invisible until it is whole and durable.

The order of the calls is the promise: write, fsync, check the length, rename, fsync the folder. Nothing here knows
what the bytes are, or which thread it runs on.
"""

import contextlib
import threading
from collections.abc import Callable
from pathlib import Path

from carnet.infra import randomness
from carnet.infra.disk import Disk, write_all


class SyncFailure(OSError):
    """The system could not make bytes durable; what the disk holds is no longer known."""


class Draft:
    """A temporary file on its way to its name. Calls from different threads are put in a row."""

    def __init__(self, folder: Path, *, disk: Disk) -> None:
        """Create an empty draft in `folder`, which is on the volume of its destination. Raises OSError."""
        self._disk = disk
        self._path = folder / randomness.uuid4().hex
        self._length = 0
        self._lock = threading.Lock()
        self._descriptor: int | None = disk.create(self._path)

    def write(self, data: bytes | bytearray) -> None:
        """Append `data`. Raises OSError."""
        with self._lock:
            write_all(self._disk, self._open_descriptor(), data)
            self._length += len(data)

    def sync(self) -> None:
        """Make what was written durable. Raises SyncFailure."""
        with self._lock:
            descriptor = self._open_descriptor()
            _durably(lambda: self._disk.fsync(descriptor))

    def publish(self, target: Path) -> int:
        """Make the draft durable under the name `target` and return its length.

        Raises SyncFailure when durability is in doubt and OSError for everything else. FileExistsError when the name
        is taken (ids are random and used once: this catches mistakes of the code, not races).
        """
        with self._lock:
            descriptor = self._open_descriptor()
            _durably(lambda: self._disk.fsync(descriptor))
            if self._disk.size(descriptor) != self._length:
                raise SyncFailure("a file is not as long as what was written to it")
            self._close()
            if target.exists():
                raise FileExistsError
            self._disk.rename(self._path, target)
            _durably(lambda: self._disk.fsync_folder(target.parent))
            return self._length

    def discard(self) -> None:
        """Remove what is left of the draft; never raises, may be called at any time and again."""
        with self._lock:
            with contextlib.suppress(OSError):
                self._close()
            with contextlib.suppress(OSError):
                self._disk.unlink(self._path)

    def _open_descriptor(self) -> int:
        if self._descriptor is None:
            raise OSError("this draft was given up")
        return self._descriptor

    def _close(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            self._disk.close(descriptor)


def _durably(sync: Callable[[], None]) -> None:
    try:
        sync()
    except OSError as failure:
        raise SyncFailure(failure.errno, "bytes could not be made durable") from failure
