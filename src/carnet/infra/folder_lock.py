"""One program a folder: a lock that the kernel lets go of when its holder dies, however it dies."""

import fcntl
import os
from pathlib import Path


class AlreadyRunningError(RuntimeError):
    """Another Carnet holds this data folder; `holder` is its process id as it wrote it, "unknown" otherwise."""

    def __init__(self, home: Path, holder: str) -> None:
        super().__init__(
            f"Carnet is already running on {home} (process {holder}). "
            "Stop it first, or set CARNET_HOME to another folder."
        )
        self.holder = holder


class FolderLock:
    """Held for the life of the process; the kernel releases it when the process dies, however it dies."""

    def __init__(self, home: Path) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self._path = home / "carnet.lock"
        self._file = self._path.open("a+")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.seek(0)
            holder = self._file.read().strip() or "unknown"
            self._file.close()
            raise AlreadyRunningError(home, holder) from error
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()

    def release(self) -> None:
        """Let another process take the folder."""
        self._file.close()
