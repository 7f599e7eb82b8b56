"""A disk that works like the real one until told to fail, and that remembers what was asked of it."""

import os

from carnet.infra.disk import Disk

CALLS = ("create", "write", "fsync", "size", "close", "rename", "fsync_folder")


class FaultyDisk(Disk):
    """Fails the call named in `fail`, with `error`, after letting `after` of them through."""

    def __init__(self, fail=None, *, error=5, after=0, short_writes=False):
        self.fail, self.error, self.after, self.short_writes = fail, error, after, short_writes
        self.calls = []

    def _note(self, name):
        self.calls.append(name)
        if name == self.fail:
            if self.after == 0:
                raise OSError(self.error, os.strerror(self.error))
            self.after -= 1

    def create(self, path, *, mode=0o600):
        self._note("create")
        return super().create(path, mode=mode)

    def write(self, descriptor, data):
        self._note("write")
        return super().write(descriptor, data[: max(len(data) // 3, 1)] if self.short_writes else data)

    def fsync(self, descriptor):
        self._note("fsync")
        super().fsync(descriptor)

    def size(self, descriptor):
        self._note("size")
        return super().size(descriptor)

    def close(self, descriptor):
        super().close(descriptor)
        self._note("close")

    def rename(self, source, target):
        self._note("rename")
        super().rename(source, target)

    def link(self, source, target):
        self._note("link")
        super().link(source, target)

    def fsync_folder(self, folder):
        self._note("fsync_folder")
        super().fsync_folder(folder)
