"""A real S3 service for tests: SeaweedFS on loopback ports of its own, with its telemetry off."""

import contextlib
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from carnet.infra.blobs import S3Settings

ACCESS_KEY = "carnet-tests"
SECRET_KEY = "not-a-secret"
BUCKET = "carnet"
_ROLES = ("master", "volume", "filer", "s3")


@contextlib.contextmanager
def running(folder: Path) -> Iterator[S3Settings]:
    """Start SeaweedFS with its data in `folder`; yield how to reach its bucket; stop it at the end."""
    ports = dict(zip([(role, kind) for role in _ROLES for kind in ("port", "port.grpc")], _free_ports(), strict=True))
    identities = folder / "s3.json"
    identities.write_text(json.dumps({"identities": [_identity()]}))
    data = folder / "data"
    data.mkdir()
    command = [
        str(Path(sys.executable).with_name("weed")),
        "server",
        "-s3",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        f"-dir={data}",
        "-master.telemetry=false",
        "-master.volumeSizeLimitMB=64",
        "-volume.max=20",
        "-s3.port.iceberg=0",  # catalogues nobody asked for, on fixed ports that another run may hold
        "-s3.port.lance=0",
        f"-s3.config={identities}",
        f"-filer.localSocket={folder / 'filer.sock'}",
        *(f"-{role}.{kind}={port}" for (role, kind), port in ports.items()),
    ]
    settings = S3Settings(
        bucket=BUCKET,
        access_key_id=ACCESS_KEY,
        secret_access_key=SECRET_KEY,
        endpoint=f"http://127.0.0.1:{ports['s3', 'port']}",
        allow_http=True,
    )
    with (folder / "weed.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=folder)
        try:
            _wait_until_it_stores(process, settings, folder / "weed.log")
            yield settings
        finally:
            process.kill()
            process.wait()


def _identity() -> dict[str, object]:
    credentials = [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}]
    return {"name": "tests", "credentials": credentials, "actions": ["Admin", "Read", "Write", "List"]}


def _free_ports() -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(2 * len(_ROLES))]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def _wait_until_it_stores(process: subprocess.Popen[bytes], settings: S3Settings, log: Path) -> None:
    import obstore
    from obstore.exceptions import BaseError

    from carnet.infra.blobs.s3 import _connect

    store = _connect(settings)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            obstore.put(store, "started", b"1")
        except (BaseError, OSError):
            time.sleep(0.3)
        else:
            return
    raise RuntimeError(f"SeaweedFS did not start:\n{log.read_text(errors='replace')[-3000:]}")
