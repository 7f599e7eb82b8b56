"""A house of its own for the length of a measurement: embedded PostgreSQL, keys, contents, web processes.

Everything lies in one temporary folder and listens on loopback only; what was started is stopped by its process id.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
import psutil
import psycopg
from psycopg import sql

from carnet.config.settings import Settings, read_settings
from carnet.infra.db.embedded import EmbeddedServer
from carnet.infra.db.migrate import migrate

SOURCES = Path(__file__).parent.parent / "src"
START_SECONDS = 60
STOP_SECONDS = 30


class House(msgspec.Struct, frozen=True, kw_only=True):
    """Where it lives and how it is reached."""

    home: Path
    server: EmbeddedServer
    environment: dict[str, str]

    @property
    def settings(self) -> Settings:
        return read_settings({name: value for name, value in self.environment.items() if name.startswith("CARNET_")})

    @property
    def base_url(self) -> str:
        return self.settings.base_url

    def postgres(self) -> list[psutil.Process]:
        """The server's processes, the postmaster first."""
        pid = int((self.home / "pg" / "postmaster.pid").read_text().split("\n", 1)[0])
        master = psutil.Process(pid)
        return [master, *master.children()]


@contextlib.contextmanager
def open_house(*, workers: int, configuration: Mapping[str, str] | None = None) -> Iterator[House]:
    """Start PostgreSQL in a new temporary folder, migrated; stop it and remove the folder at the end.

    configuration: PostgreSQL's parameters that differ from its defaults.
    """
    folder = Path(tempfile.mkdtemp(prefix="carnet-bench-"))
    folder.chmod(0o755)
    server = EmbeddedServer(folder / "pg")
    if configuration:
        server = _configured(server, folder / "pg", configuration)
    try:
        server.ensure_database()
        migrate(server.url(role="carnet_owner"))
        yield House(home=folder, server=server, environment=_environment(folder, server, workers))
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _configured(server: EmbeddedServer, folder: Path, configuration: Mapping[str, str]) -> EmbeddedServer:
    """Set what is read at the start, and start again."""
    with psycopg.connect(server.superuser_url, autocommit=True) as conn:
        for name, value in configuration.items():
            conn.execute(sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), sql.Literal(value)))
    server.stop()
    return EmbeddedServer(folder)


@contextlib.contextmanager
def served(house: House) -> Iterator[list[psutil.Process]]:
    """Start `carnet web` on the house; yield its worker processes once it is ready."""
    with (house.home / "web.log").open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "carnet", "web"],
            env=house.environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        _until_ready(house, process)
        yield psutil.Process(process.pid).children(recursive=True)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _environment(folder: Path, server: EmbeddedServer, workers: int) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CARNET_")}
    return kept | {
        "PYTHONPATH": str(SOURCES),
        "CARNET_HOME": str(folder),
        "CARNET_PORT": str(_free_port()),
        "CARNET_METRICS_PORT": str(_free_port()),
        "CARNET_WEB_WORKERS": str(workers),
        "CARNET_LOG_LEVEL": "info",
        "CARNET_TOKEN_MINUTES": "15",
        "CARNET_FRANCECONNECT_ISSUER": "http://127.0.0.1:9/nobody",
        "CARNET_INS_SERVICE_URL": "http://127.0.0.1:9/nobody",
        "CARNET_DATABASE_URL": server.url(role="carnet_app"),
        "CARNET_DATABASE_OWNER_URL": server.url(role="carnet_owner"),
        "CARNET_DATABASE_BATCH_URL": server.url(role="carnet_batch"),
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _until_ready(house: House, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with (
            contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError),
            urllib.request.urlopen(f"{house.base_url}/readyz", timeout=2) as answer,
        ):
            if answer.status == 200:
                return
        time.sleep(0.1)
    raise RuntimeError("the web server did not become ready:\n" + (house.home / "web.log").read_text()[-3000:])
