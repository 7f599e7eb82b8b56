"""Programs of the product as processes of their own, forked from one that has already imported it (`preloaded.py`)."""

import contextlib
import functools
import json
import os
import select
import signal
import subprocess
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).parents[2]
PIPE = subprocess.PIPE


class Nursery:
    """The process that has imported the product; it ends with the one that started it, whose pipe it reads."""

    def __init__(self) -> None:
        command = [sys.executable, str(Path(__file__).parent / "preloaded.py")]
        environment = os.environ | {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT / 'tests'}"}
        self._process = subprocess.Popen(command, env=environment, stdin=PIPE, stdout=PIPE, start_new_session=True)
        self._lock = threading.Lock()
        assert self._answer() == "loaded"

    def ask(self, what: object) -> int:
        """Send one line; return the number answered."""
        with self._lock:
            self._process.stdin.write(json.dumps(what).encode() + b"\n")
            self._process.stdin.flush()
            return int(self._answer())

    def _answer(self) -> str:
        return self._process.stdout.readline().decode().strip()


@functools.cache
def nursery() -> Nursery:
    """The one of this process."""
    return Nursery()


class Forked:
    """One running program, in the words of `subprocess.Popen`."""

    def __init__(
        self, command: list[str], environment: dict[str, str], log: Path, *, script: Path | None = None
    ) -> None:
        start = {"command": command, "environment": environment, "log": str(log)}
        self.pid = nursery().ask(start | {"script": str(script) if script else None})
        self._ended = os.pidfd_open(self.pid)
        self.returncode: int | None = None

    def wait(self, timeout: float | None = None) -> int:
        """Return what it ended with, once it has."""
        if self.returncode is None:
            if not select.select([self._ended], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout)
            os.close(self._ended)
            self.returncode = nursery().ask(self.pid)
        return self.returncode

    def poll(self) -> int | None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def stop(self, *, seconds: float = 30) -> None:
        """Ask it and its children to end, then make them."""
        self._tell_all(signal.SIGTERM)
        try:
            self.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """SIGKILL it and its children: they run nothing more, no handler, no flush."""
        self._tell_all(signal.SIGKILL)
        self.wait()

    def _tell_all(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)
