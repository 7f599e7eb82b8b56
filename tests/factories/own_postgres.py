"""A PostgreSQL server of a test's own, to be stopped or killed under a served house."""

import atexit
import contextlib
import functools
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg

from carnet.infra.db.embedded import EmbeddedServer
from carnet.infra.db.migrate import migrate


class OwnPostgres:
    """One server on one folder; `url(role)` is the same whenever it runs."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "pg"
        # with their owner: the server runs as a user of its own when we are root
        subprocess.run(["cp", "-a", str(_migrated()), str(self.data)], check=True)
        self._server = EmbeddedServer(self.data)

    @property
    def superuser_url(self) -> str:
        return self._server.url(role="postgres")

    def url(self, role: str) -> str:
        return self._server.url(role=role)

    def processes(self) -> list[psutil.Process]:
        """The postmaster and everything it forked."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                ours = process.name() == "postgres" and process.cwd() == str(self.data.resolve())
                if ours and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found

    def kill(self) -> None:
        """SIGKILL all of it at once: nothing is flushed, as when the machine stops (but for the page cache)."""
        found = self.processes()
        for signal_ in (signal.SIGSTOP, signal.SIGKILL):  # stopped first, so that none reacts to another's death
            for process in found:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.send_signal(signal_)
        psutil.wait_procs(found, timeout=10)
        self.forget()

    def stop(self) -> None:
        """Stop it in order."""
        self._server.stop()

    def forget(self) -> None:
        """Let go of the library's handle on a server that is gone."""
        with contextlib.suppress(psutil.Error, subprocess.SubprocessError):
            self._server.stop()

    def start(self) -> None:
        """Start it again on the same files; PostgreSQL recovers."""
        self._server = EmbeddedServer(self.data)

    def rows(self, sql: str, *params: object) -> list[tuple]:
        """Ask as the superuser, whom row security does not bind."""
        with psycopg.connect(self.superuser_url, autocommit=True) as conn:
            return conn.execute("SET search_path=carnet,vault,jobs").execute(sql, params).fetchall()


@contextlib.contextmanager
def own_postgres() -> Iterator[OwnPostgres]:
    """Start a migrated server in a folder thrown away at the end."""
    folder = _new_folder()
    server = OwnPostgres(folder)
    try:
        yield server
    finally:
        server.forget()
        shutil.rmtree(folder, ignore_errors=True)


@functools.cache
def _migrated() -> Path:
    """The files of a server that was migrated and stopped, made once a process, to be copied."""
    folder = _new_folder()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    server = EmbeddedServer(folder / "pg")
    server.ensure_database()
    migrate(server.url(role="carnet_owner"))
    server.stop()
    return folder / "pg"


def _new_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="carnet-own-", dir="/tmp"))
    folder.chmod(0o755)
    return folder
