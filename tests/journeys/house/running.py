"""The real house: `python -m carnet run` on free ports and a new folder, stopped by a signal."""

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec
import psutil

ROOT = Path(__file__).parents[3]
READY_SECONDS = 180
STOP_SECONDS = 60


class Manifest(msgspec.Struct):
    """What programs read in sandbox.json."""

    base_url: str
    fhir_base: str
    token_endpoint: str
    psc_token_endpoint: str
    mailbox: str
    mss: dict
    password: str
    direct_grant_client_id: str
    clients: list[dict]
    professionals: list[dict]
    persons: list[dict]
    agents: list[dict]

    def person(self, login: str) -> dict:
        return next(one for one in self.persons if one["login"] == login)

    def professional(self, login: str) -> dict:
        return next(one for one in self.professionals if one["login"] == login)


class RunningHouse:
    """One `carnet run`: where it lives, what it said, its processes."""

    def __init__(self, home: Path | None = None) -> None:
        self.home = home or new_home()
        self.port = free_ports()
        self.output = self.home / "terminal.log"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CARNET_")}
        self.environment = kept | {
            "PYTHONPATH": str(ROOT / "src"),
            "CARNET_HOME": str(self.home),
            "CARNET_PORT": str(self.port),
            "CARNET_METRICS_PORT": str(self.port + 6),
            "CARNET_WEB_WORKERS": "1",
        }
        self.process: subprocess.Popen | None = None
        self.seconds = 0.0
        self.heard = 0

    @property
    def manifest(self) -> Manifest:
        return msgspec.json.decode((self.home / "sandbox.json").read_bytes(), type=Manifest)

    @property
    def said(self) -> str:
        """What the terminal says since the last launch."""
        return self.output.read_bytes()[self.heard :].decode(errors="replace")

    def launch(self) -> None:
        """Run the command, and wait for nothing."""
        self.heard = self.output.stat().st_size if self.output.exists() else 0
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "carnet", "run"],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def start(self) -> None:
        """Start, and wait until it prints Ready."""
        begun = time.monotonic()
        self.launch()
        while "Ready in" not in self.said:
            self.seconds = time.monotonic() - begun
            assert self.process.poll() is None, self.said[-4000:]
            assert self.seconds < READY_SECONDS, self.said[-4000:]
            time.sleep(0.2)

    def everybody(self) -> list[psutil.Process]:
        """Every process of this house, the database server's included."""
        mine = psutil.Process(self.process.pid)
        found = [mine, *mine.children(recursive=True)]
        with contextlib.suppress(OSError, ValueError, psutil.NoSuchProcess):
            server = psutil.Process(int((self.home / "pg" / "postmaster.pid").read_text().split("\n")[0]))
            found += [server, *server.children(recursive=True)]
        return found

    def stop(self, how: int = signal.SIGINT) -> None:
        """Ask the supervisor to stop, and see that it and all the others are gone."""
        others = self.everybody()
        os.kill(self.process.pid, how)
        if how == signal.SIGKILL:
            self.process.wait(5)
        else:
            assert self.process.wait(STOP_SECONDS) == 0, self.said[-4000:]
            assert "Stopped." in self.said
            assert not (self.home / "pg" / "postmaster.pid").exists(), "the database was left to recover by itself"
        _, left = psutil.wait_procs(others, timeout=STOP_SECONDS if how == signal.SIGKILL else 2)
        for one in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        assert left == [], f"still there: {left}"
        assert is_free(self.port)
        assert is_free(self.port + 1)

    def carnet(self, *arguments: str, timeout: float = 300) -> subprocess.CompletedProcess:
        """Run a `carnet` command in another shell, as an operator would."""
        return subprocess.run(
            [sys.executable, "-m", "carnet", *arguments],
            env=self.environment | {"COLUMNS": "600"},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def forget(self) -> None:
        shutil.rmtree(self.home, ignore_errors=True)


def new_home() -> Path:
    """A folder the database's own system user can reach."""
    folder = Path(tempfile.mkdtemp(prefix="carnet-house-", dir="/tmp"))
    folder.chmod(0o755)
    return folder


def free_ports() -> int:
    """A port free together with the six after it: simulators, mailbox, messages, witnesses, metrics.

    Below those the system gives to clients: asking a port of theirs that nobody listens on yet may answer itself.
    """
    for _ in range(200):
        first = random.randrange(12_000, 32_000)
        if all(is_free(first + more) for more in range(7)):
            return first
    raise AssertionError("no seven free ports in a row")


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
