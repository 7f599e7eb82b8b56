"""The real web server in a process of its own, on a free port, on a database of its own."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """Where it answers, where it lives, and its process."""

    base_url: str
    metrics_url: str
    home: Path
    process: object
    environment: dict[str, str]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(url, home: Path, *, port: int, **more: str) -> dict[str, str]:
    """The settings of a served house on the database `url(role)`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CARNET_")}
    return kept | {
        "PYTHONPATH": str(Path(__file__).parents[2] / "src"),
        "CARNET_HOME": str(home),
        "CARNET_PORT": str(port),
        "CARNET_METRICS_PORT": str(free_port()),
        "CARNET_WEB_WORKERS": "1",
        "CARNET_DATABASE_URL": url("carnet_app"),
        "CARNET_DATABASE_OWNER_URL": url("carnet_owner"),
        "CARNET_DATABASE_BATCH_URL": url("carnet_batch"),
        **more,
    }


@contextlib.contextmanager
def serve(url, home: Path, *, wait: bool = True, **more: str) -> Iterator[Served]:
    """Start `carnet web`, wait until ready, stop it at the end (SIGTERM, then by its id)."""
    port = free_port()
    settings = environment(url, home, port=port, **more)
    with (home / "web.log").open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "carnet", "web"], env=settings, stdout=output, stderr=output, start_new_session=True
        )
    served = Served(
        base_url=f"http://127.0.0.1:{port}",
        metrics_url=f"http://127.0.0.1:{settings['CARNET_METRICS_PORT']}/metrics",
        home=home,
        process=process,
        environment=settings,
    )
    try:
        if wait:
            until_ready(served)
        yield served
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def until_ready(served: Served, *, seconds: float = 40) -> None:
    """Poll /readyz until it answers 200."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if served.process.poll() is not None:
            break
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{served.base_url}/readyz", timeout=2).status_code == 200:
                return
        time.sleep(0.1)
    raise AssertionError("the server did not become ready:\n" + (served.home / "web.log").read_text()[-3000:])
