"""The disk as one small object, so that a test can make any single call of it fail.

Everything Carnet must not lose (blobs, key files) is written through here. Reading for display, logs and static
files is none of its business. POSIX only: durability is promised by fsync of the file and of its folder.
"""

import os
from pathlib import Path


class Disk:
    """The calls of the operating system that durability rests on; every one may raise OSError."""

    def create(self, path: Path, *, mode: int = 0o600) -> int:
        """Create `path`, which must not exist, and return its descriptor for writing."""
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)

    def open(self, path: Path) -> int:
        """Open `path` for reading and return its descriptor."""
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)

    def write(self, descriptor: int, data: bytes | bytearray | memoryview) -> int:
        """Write some of `data` and return how many bytes; fewer than asked is normal."""
        return os.write(descriptor, data)

    def size(self, descriptor: int) -> int:
        """Return the length of an open file in bytes."""
        return os.fstat(descriptor).st_size

    def fsync(self, descriptor: int) -> None:
        """Make an open file's bytes durable."""
        os.fsync(descriptor)

    def close(self, descriptor: int) -> None:
        os.close(descriptor)

    def rename(self, source: Path, target: Path) -> None:
        """Give `source` the name `target`, at once, replacing whatever had it."""
        source.rename(target)

    def link(self, source: Path, target: Path) -> None:
        """Give `source` the second name `target`; FileExistsError when it is taken."""
        target.hardlink_to(source)

    def unlink(self, path: Path) -> None:
        path.unlink()

    def fsync_folder(self, folder: Path) -> None:
        """Make the names in `folder` durable."""
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def free_bytes(self, folder: Path) -> int:
        """Return the space an unprivileged process may still use on the volume of `folder`."""
        volume = os.statvfs(folder)
        return volume.f_bavail * volume.f_frsize


def write_all(disk: Disk, descriptor: int, data: bytes | bytearray | memoryview) -> None:
    """Write the whole of `data`, however many calls the system needs."""
    view = memoryview(data)
    while view:
        view = view[disk.write(descriptor, view) :]
