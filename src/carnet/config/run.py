"""`make run`: everything of a country on one machine, one Ctrl-C to stop.

This process owns the embedded PostgreSQL and starts the others as children with plain settings in their environment:
simulators, web, worker. A child that dies takes the house down with a sentence, rather than leaving half of it.
"""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from types import FrameType

import msgspec

from carnet.config.sandbox_addresses import sandbox_environment, sandbox_url
from carnet.config.settings import Settings
from carnet.infra.db.embedded import AlreadyRunningError, EmbeddedServer, FolderLock
from carnet.infra.db.migrate import migrate

STOP_SECONDS = 25
START_SECONDS = 60


class Stop(Exception):  # noqa: N818 - not an error: somebody asked
    """SIGTERM or SIGINT arrived."""


def run(settings: Settings) -> int:
    """Start, seed when new, say who to log in as, wait. Return the exit status."""
    try:
        lock = FolderLock(settings.home)
    except AlreadyRunningError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    house = House(settings)
    try:
        house.start()
        house.wait()
    except Stop:
        sys.stderr.write("\nStopping: finishing what was accepted…\n")
    except ChildDiedError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        house.stop()
        lock.release()
    return 0


class ChildDiedError(RuntimeError):
    """One of the processes ended by itself."""


class House:
    """The processes and the embedded server."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.server: EmbeddedServer | None = None
        self.environment = dict(os.environ)

    def start(self) -> None:
        begun = time.monotonic()
        self._say("Carnet is starting…")
        self._database()
        self.environment |= sandbox_environment(self.settings)
        self._note_running()
        self._spawn("sandbox", "sandbox", "serve")
        self._await(f"{sandbox_url(self.settings)}/healthz")
        self._spawn("web", "web")
        self._spawn("worker", "worker")
        self._await(f"{self.settings.base_url}/readyz")
        seeded = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", "carnet", "sandbox", "seed"], env=self.environment, check=False
        )
        if seeded.returncode:
            raise ChildDiedError("The demo population could not be prepared (see above).")
        self._say(f"Ready in {time.monotonic() - begun:.0f} s.")
        self._who()

    def wait(self) -> None:
        while True:
            for name, child in self.children.items():
                if child.poll() is not None:
                    raise ChildDiedError(f"{name} ended by itself (status {child.returncode}); stopping.")
            time.sleep(0.5)

    def stop(self) -> None:
        for child in reversed(self.children.values()):
            if child.poll() is None:
                child.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for child in self.children.values():
            try:
                child.wait(timeout=max(deadline - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        (self.settings.home / "running.json").unlink(missing_ok=True)
        if self.server is not None:
            self.server.stop()

    def _database(self) -> None:
        if self.settings.database_url:
            migrate(self.settings.owner_url or "")
            return
        self.server = EmbeddedServer(self.settings.home / "pg")
        self.server.ensure_database()
        migrate(self.server.url(role="carnet_owner"))
        self.environment |= {
            "CARNET_DATABASE_URL": self.server.url(role="carnet_app"),
            "CARNET_DATABASE_OWNER_URL": self.server.url(role="carnet_owner"),
            "CARNET_DATABASE_BATCH_URL": self.server.url(role="carnet_batch"),
        }

    def _note_running(self) -> None:
        """Tell commands in other shells where this house is: settings only, in a file only its owner reads."""
        told = {name: value for name, value in self.environment.items() if name.startswith("CARNET_")}
        path = self.settings.home / "running.json"
        path.touch(mode=0o600)
        path.write_bytes(msgspec.json.encode(told))

    def _spawn(self, name: str, *command: str) -> None:
        # a session of their own: Ctrl-C reaches this process only, which stops them in order
        self.children[name] = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "carnet", *command], env=self.environment, start_new_session=True
        )

    def _await(self, url: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            for name, child in self.children.items():
                if child.poll() is not None:
                    raise ChildDiedError(f"{name} could not start (status {child.returncode}).")
            try:
                with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own address
                    if answer.status == 200:  # noqa: PLR2004
                        return
            except (urllib.error.URLError, TimeoutError, ConnectionError):
                time.sleep(0.1)
        raise ChildDiedError(f"{url} did not answer within {START_SECONDS} s.")

    def _say(self, text: str) -> None:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    def _who(self) -> None:
        manifest = msgspec.json.decode((self.settings.home / "sandbox.json").read_bytes())
        lines = [
            "",
            f"  Carnet            {self.settings.base_url}",
            f"  Professionals     {self.settings.base_url}/pro",
            f"  What was e-mailed {sandbox_url(self.settings)}/mail",
            "",
            "  Sign in as (choose on the sign-in page, no password):",
        ]
        for person in manifest["persons"][:3]:
            lines.append(f"    {person['login']:<14} {person['name']}")
        for one in manifest["professionals"][:2]:
            lines.append(f"    {one['login']:<14} {one['name']} (professional, profession {one['profession']})")
        lines += ["", f"  For programs: {self.settings.home}/sandbox.json", "  Ctrl-C stops everything.", ""]
        self._say("\n".join(lines))


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise Stop
