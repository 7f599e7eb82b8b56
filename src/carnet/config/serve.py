"""The web server processes: Granian, ASGI, uvloop."""

import os
import resource
from pathlib import Path

from granian import Granian
from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings

from carnet.config import runtime
from carnet.config.settings import Settings

GRACE_SECONDS = 20
READ_BUFFER = 192 * 1024
"""Bytes of one connection read ahead: a clinical document of 100 kB in base64 comes in one piece, not in four."""
CONNECTIONS = 4096
"""Open connections of one process, idle and slow ones included: what is worked on at once the envelope limits."""


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; what was accepted is finished, within GRACE_SECONDS."""
    runtime.main()
    metrics = settings.home / "metrics"
    metrics.mkdir(parents=True, exist_ok=True)
    _forget_dead_processes(metrics)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(metrics)
    from carnet.infra.telemetry import serve_metrics  # noqa: PLC0415 - the client reads the folder at import

    serve_metrics(settings.metrics_port)
    _allow_files()
    Granian(
        "carnet.config.application:create_served_app",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=settings.web_workers,
        loop=Loops.uvloop,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=10_000, max_buffer_size=READ_BUFFER),
        backlog=1024,
        backpressure=CONNECTIONS,
        factory=True,
        log_access=False,
        log_level="warning",  # type: ignore[arg-type]  # granian takes the name too
        respawn_failed_workers=True,
        workers_kill_timeout=GRACE_SECONDS,
        websockets=False,
    ).serve()


def _allow_files() -> None:
    """Let this process have as many open files as its connections need, where the system permits it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * CONNECTIONS if hard == resource.RLIM_INFINITY else min(2 * CONNECTIONS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _forget_dead_processes(folder: Path) -> None:
    for left in folder.glob("*.db"):
        left.unlink(missing_ok=True)
