"""The real web server in a process of its own, on a free port, on a database of its own; and how to knock at its door.

A house can be served with a planted fault (`fault=`): the same program, with one control taken out before it starts, so
that a test which guards that control can be seen to turn red. See `factories/planted`.
"""

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import httpx
import msgspec
import psutil

from carnet.config.connect import connected
from carnet.config.settings import Settings, read_settings
from carnet.identity.api import register_software
from carnet.infra import clock, installation
from carnet.infra.db import database as database_seat
from factories import tokens
from factories.forked import Forked
from factories.world import OPERATOR, make_organisation

ROOT = Path(__file__).parents[2]
SCOPES = ("system/*.cruds", "user/*.cruds")
http = httpx.Client(limits=httpx.Limits(max_keepalive_connections=0), verify=False, timeout=30)
"""A connection of its own for each request, without the cost of reading the certificates of the world each time."""


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """Where it answers, where it lives, and its process."""

    base_url: str
    metrics_url: str
    home: Path
    process: Forked
    environment: dict[str, str]

    @property
    def settings(self) -> Settings:
        """The settings its processes read."""
        return read_settings({k: v for k, v in self.environment.items() if k.startswith("CARNET_")})

    @property
    def address(self) -> tuple[str, int]:
        """Host and port, for tests that speak HTTP by hand."""
        host, _, port = self.base_url.removeprefix("http://").partition(":")
        return host, int(port)

    @property
    def fhir(self) -> str:
        """The FHIR base on this machine (what it is called outside may differ)."""
        return f"{self.base_url}/fhir"


class Software(msgspec.Struct, frozen=True, kw_only=True):
    """A registered care software with its private key."""

    client_id: str
    finess: str
    key: object


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(url, home: Path, *, port: int, **more: str) -> dict[str, str]:
    """The settings of a served house on the database `url(role)`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CARNET_")}
    return kept | {
        "PYTHONPATH": str(ROOT / "src"),
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
def serve(url, home: Path, *, wait: bool = True, fault: str | None = None, **more: str) -> Iterator[Served]:
    """Start `carnet web`, wait until ready, stop it at the end (SIGTERM, then by its id).

    fault: the name of a control to take out first (a function of `factories/planted/sitecustomize.py`).
    """
    settings = _settings(url, home, fault, more)
    process = Forked(["web"], settings, home / "web.log")
    served = _served(settings, home, process)
    try:
        if wait:
            until_ready(served)
        yield served
    finally:
        process.stop()


class Restartable:
    """A served house whose web server can be killed and started again, on the same port, files and database."""

    def __init__(self, settings: dict[str, str], home: Path) -> None:
        self._settings, self._home = settings, home
        self.start()

    def start(self) -> None:
        """Start it and wait until it is ready."""
        self.served = _served(self._settings, self._home, Forked(["web"], self._settings, self._home / "web.log"))
        until_ready(self.served)

    def kill(self) -> None:
        """SIGKILL the web server, supervisor and workers; return once they are gone."""
        self.served.process.kill()
        until(lambda: not self._listening())

    def _listening(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(self.served.address) == 0


@contextlib.contextmanager
def restartable(url, home: Path, *, fault: str | None = None, **more: str) -> Iterator[Restartable]:
    """Serve a house as `serve` does, in a way that allows `kill()` and `start()`."""
    house = Restartable(_settings(url, home, fault, more), home)
    try:
        yield house
    finally:
        house.served.process.kill()


def _settings(url, home: Path, fault: str | None, more: dict[str, str]) -> dict[str, str]:
    settings = environment(url, home, port=free_port(), **more)
    if fault is not None:
        settings |= {"PLANTED_FAULT": fault}
    return settings


def _served(settings: dict[str, str], home: Path, process: Forked) -> Served:
    return Served(
        base_url=f"http://127.0.0.1:{settings['CARNET_PORT']}",
        metrics_url=f"http://127.0.0.1:{settings['CARNET_METRICS_PORT']}/metrics",
        home=home,
        process=process,
        environment=settings,
    )


@contextlib.contextmanager
def worker_of(served: Served) -> Iterator[Forked]:
    """Run `carnet worker` beside a served house; what it says goes to `worker.log` in its home."""
    process = Forked(["worker"], served.environment, served.home / "worker.log")
    try:
        yield process
    finally:
        process.stop()


def web_workers(served: Served) -> list[psutil.Process]:
    """The processes that answer requests (children of the one that was started)."""
    return psutil.Process(served.process.pid).children()


def until_ready(served: Served, *, seconds: float = 40) -> None:
    """Poll /readyz until it answers 200."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if served.process.poll() is not None:
            break
        with contextlib.suppress(httpx.HTTPError):
            if http.get(f"{served.base_url}/readyz", timeout=2).status_code == 200:
                return
        time.sleep(0.02)
    raise AssertionError("the server did not become ready:\n" + (served.home / "web.log").read_text()[-3000:])


def until(told: Callable[[], object], *, seconds: float = 20) -> None:
    """Wait until `told()` is true."""
    deadline = time.monotonic() + seconds
    while not told():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


async def until_open(port: int, *, log: Path | None = None) -> None:
    """Wait until somebody listens. log: a folder with logs, told when nobody does."""
    for _ in range(400):
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"nobody listens on {port}\n{_said(log) if log else ''}")


def _said(folder: Path) -> str:
    """The end of what the servers wrote."""
    return "\n".join(one.read_text(errors="replace")[-2000:] for one in folder.glob("*.log"))


@contextlib.asynccontextmanager
async def inside(served: Served) -> AsyncIterator[None]:
    """Connect this process to the served house, as an operator's command would; what was seated before comes back."""
    async with seated(served.settings):
        yield


@contextlib.asynccontextmanager
async def seated(settings: Settings) -> AsyncIterator[None]:
    """The same with nothing served."""
    database, installed = list(database_seat._seated), list(installation._installed)
    try:
        async with connected(settings, name="carnet-tests"):
            yield
    finally:
        database_seat._seated[:] = database
        installation._installed[:] = installed


async def registered_software(
    served: Served, *, finess: str | None = None, scopes: tuple[str, ...] = SCOPES, client_id: str | None = None
) -> Software:
    """Register a care software in a served house, as its operator would, with an organisation unless one is given."""
    key = tokens.ec_key()
    async with inside(served):
        finess = finess or await make_organisation()
        software = Software(client_id=client_id or f"lps-{finess}-{free_port()}", finess=finess, key=key)
        await register_software(
            actor=OPERATOR,
            client_id=software.client_id,
            name="Dossier Clair",
            finess=finess,
            jwks=tokens.public(key),
            scopes=scopes,
            at=clock.now(),
        )
    return software


def access_token(
    served: Served, software: Software, *, carer: str | None = None, scope: str | None = None, **changes: str
) -> str:
    """A token from the real token endpoint: the software's own, or for whom `carer` (a provider token) proves."""
    answer = token_answer(served, software, carer=carer, scope=scope, **changes)
    assert answer.status_code == 200, answer.text
    return answer.json()["access_token"]


def token_answer(
    served: Served, software: Software, *, carer: str | None = None, scope: str | None = None, **changes: str
) -> httpx.Response:
    """What the token endpoint answers to a signed request; `changes` alter its form."""
    audience = f"{served.settings.base_url}/oauth/token"
    signed = tokens.assertion(software.key, software.client_id, aud=audience)
    fields = tokens.form(signed, scope=scope or ("user/*.cruds" if carer else "system/*.cruds"))
    if carer:
        exchange = "urn:ietf:params:oauth:grant-type:token-exchange"
        kind = "urn:ietf:params:oauth:token-type:access_token"
        fields |= {"grant_type": exchange, "subject_token": carer, "subject_token_type": kind}
    return http.post(f"{served.base_url}/oauth/token", data=fields | changes, timeout=20)


def bearer(token: str) -> dict[str, str]:
    """The header that shows a token."""
    return {"Authorization": f"Bearer {token}"}


def logs_of(served: Served) -> str:
    """Everything its processes wrote."""
    return "".join(path.read_text(errors="replace") for path in sorted(served.home.glob("*.log")))
