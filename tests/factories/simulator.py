"""The identity providers and the INS service of the sandbox, really running on loopback, as a fixture.

Started once a run with Granian in a process of its own; its keys lie in a folder the tests can read, so that a test can
sign what the provider would have signed.
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

CARNET = "https://carnet.test"
SRC = Path(__file__).parents[2] / "src"


class Simulator(msgspec.Struct, frozen=True, kw_only=True):
    """Where the simulator answers, and where its keys lie."""

    url: str
    home: Path

    @property
    def franceconnect(self) -> str:
        return f"{self.url}/franceconnect"

    @property
    def prosanteconnect(self) -> str:
        return f"{self.url}/prosanteconnect"

    def key(self, provider: str) -> ECKey:
        """The provider's own signing key."""
        return ECKey.import_key(json.loads((self.home / "keys" / f"{provider}.json").read_text()))

    def sign(self, claims: dict, *, provider: str = "prosanteconnect", **header) -> str:
        """A token this provider could have made."""
        key = self.key(provider)
        return jwt.encode({"alg": "ES256", "kid": key.kid, **header}, claims, key, algorithms=["ES256"])

    def carer_token(self, login: str) -> str:
        """A Pro Santé Connect access token, by the direct grant."""
        form = {"grant_type": "password", "client_id": "carnet-programs", "username": login, "password": "bac-a-sable"}
        return httpx.post(f"{self.prosanteconnect}/token", data=form).json()["access_token"]


def create():
    """What Granian loads."""
    from carnet.sandbox.api import SandboxSettings, create_sandbox_app

    home = Path(os.environ["SIMULATOR_HOME"])
    return create_sandbox_app(SandboxSettings(base_url=os.environ["SIMULATOR_URL"], carnet_url=CARNET, home=home))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def simulator(tmp_path_factory) -> Iterator[Simulator]:
    """The sandbox's providers over real HTTP."""
    home = tmp_path_factory.mktemp("simulator")
    url = f"http://127.0.0.1:{free_port()}"
    environment = os.environ | {
        "PYTHONPATH": f"{SRC}:{Path(__file__).parents[1]}",
        "SIMULATOR_HOME": str(home),
        "SIMULATOR_URL": url,
    }
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "--port", url.rpartition(":")[2]]
    process = subprocess.Popen([*command, "--log-level", "warning", "factories.simulator:create"], env=environment)
    try:
        wait_for(f"{url}/healthz", process)
        yield Simulator(url=url, home=home)
    finally:
        process.terminate()
        process.wait(timeout=20)


def wait_for(url: str, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError("the simulator could not start")
        try:
            if httpx.get(url, timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError("the simulator did not answer in time")
