"""Starting the professional's pages on a house of their own, prepared with a doctor and patients."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec

from factories.served import environment, free_port
from journeys.pro.prepare import Prepared

ROOT = Path(__file__).parents[3]


class Site(msgspec.Struct, frozen=True):
    """Where it answers, what is in it."""

    base_url: str
    prepared: Prepared


@contextlib.contextmanager
def pro_site(url, home: Path) -> Iterator[Site]:
    """Prepare the house of `url(role)`, serve it, stop it at the end."""
    port = free_port()
    settings = environment(url, home, port=port)
    settings["PYTHONPATH"] += f":{ROOT}/tests"
    made = subprocess.run(
        [sys.executable, "-m", "journeys.pro.prepare"], env=settings, capture_output=True, check=False, timeout=120
    )
    assert made.returncode == 0, made.stderr.decode()[-3000:]
    server = subprocess.Popen([sys.executable, "-m", "journeys.pro.app"], env=settings)
    try:
        base = f"http://127.0.0.1:{port}"
        with httpx.Client(transport=httpx.HTTPTransport(retries=40)) as client:
            assert client.get(f"{base}/pro", timeout=20).status_code == 200
        yield Site(base, msgspec.json.decode(made.stdout, type=Prepared))
    finally:
        server.terminate()
        server.wait(20)
