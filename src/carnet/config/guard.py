"""Stops the embedded PostgreSQL of a `carnet run` that was killed: `python -m carnet.config.guard HOME`.

It sleeps on a pipe whose other end only the supervisor holds. When that end closes without a goodbye, it takes the
folder's lock (unless a new Carnet was faster), lets the others finish, and stops the server. A supervisor that stops
in order ends the guard first.
"""

import os
import sys
from pathlib import Path

NAME = "carnet.config.guard"
PATIENCE = 30


def main(home: Path) -> None:
    """Wait for the end of standard input, then clear up behind the supervisor."""
    while os.read(0, 1):
        pass
    from carnet.infra.db.embedded import EmbeddedServer  # noqa: PLC0415 - while asleep, small
    from carnet.infra.folder_lock import AlreadyRunningError, FolderLock  # noqa: PLC0415 - the same

    try:
        lock = FolderLock(home)
    except AlreadyRunningError:
        return
    if (home / "pg" / "postmaster.pid").exists():
        server = EmbeddedServer(home / "pg")
        server.wait_until_idle(seconds=PATIENCE)
        server.stop()
    (home / "running.json").unlink(missing_ok=True)
    lock.release()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
