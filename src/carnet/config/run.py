"""`make run`: everything of a country on one machine, one Ctrl-C to stop.

This process owns the embedded PostgreSQL and starts the others as children with plain settings in their environment:
simulators, web, worker. A child that dies takes the house down with a sentence, rather than leaving half of it (what
seals the journal is begun again instead: `restarts`); when this process is killed, the children notice (`lifeline`) and
the server is stopped behind it (`guard`). What the children say goes to HOME/logs, so that the terminal keeps what a
person needs. PostgreSQL killed outright is started again at once: what was committed is there.
"""

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from types import FrameType

import msgspec
import psutil
import psycopg

from carnet.config import guard
from carnet.config.house_logs import crash, log_file
from carnet.config.house_ports import PortTakenError, wait_for_ports
from carnet.config.house_words import welcome
from carnet.config.journal_log import SANDBOX_WITNESSES, prepare_sandbox_log, witness_folder, witness_port
from carnet.config.restarts import Restarts
from carnet.config.sandbox_addresses import sandbox_environment, sandbox_url
from carnet.config.settings import Settings
from carnet.infra.db.embedded import EmbeddedServer
from carnet.infra.db.migrate import migrate
from carnet.infra.folder_lock import AlreadyRunningError, FolderLock

STOP_SECONDS = 25
START_SECONDS = 60
CLEARING_SECONDS = 60


class Stop(Exception):
    """SIGTERM or SIGINT arrived."""


class HouseError(RuntimeError):
    """The house cannot start or go on; the message is for whoever started it."""


def run(settings: Settings) -> int:
    """Start, seed when new, say who to log in as, wait. Return the exit status."""
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    lock: FolderLock | None = None
    house = House(settings)
    try:
        lock = _lock(settings)
        house.start()
        house.wait()
    except Stop:
        sys.stderr.write("\nStopping: finishing what was accepted…\n")
    except (AlreadyRunningError, HouseError, PortTakenError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    finally:
        for one in (signal.SIGINT, signal.SIGTERM):
            signal.signal(one, signal.SIG_IGN)
        house.stop()
        if lock is not None:
            lock.release()
    _say("Stopped. Everything is kept; `make run` goes on from here.")
    return 0


class House:
    """The processes and the embedded server."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.guard: subprocess.Popen[bytes] | None = None
        self.server: EmbeddedServer | None = None
        self.environment = dict(os.environ)
        self.log_key = ""
        self.logs = settings.home / "logs"
        self._restarts = Restarts()
        self._told_where = False
        self._lifeline, self._held = os.pipe()

    def start(self) -> None:
        begun = time.monotonic()
        wait_for_ports(self.settings)
        new = not (self.settings.home / "sandbox" / "seeded").exists()
        _say("Carnet is starting: database…")
        self._database()
        self.environment |= sandbox_environment(self.settings)
        self.log_key, named = prepare_sandbox_log(self.settings)
        self.environment |= {name: os.environ.get(name) or value for name, value in named.items()}
        self._note_running()
        _say("simulators, web server, worker…")
        self._spawn("sandbox", "sandbox", "serve")
        self._spawn("web", "web")
        self._spawn("worker", "worker")
        self._spawn("mail", "mail")
        self._await(f"{sandbox_url(self.settings)}/healthz")
        self._await(f"{self.settings.base_url}/readyz")
        self._journal()
        if new:
            _say("a fictitious population with its documents (first start only)…")
        self._seed()
        _say(f"Ready in {time.monotonic() - begun:.0f} s.")
        _say(welcome(self.settings))

    def wait(self) -> None:
        while True:
            self._revive_database()
            for name, child in list(self.children.items()):
                if child.poll() is not None:
                    self._ended(name, child)
            time.sleep(0.5)

    def _revive_database(self) -> None:
        """Start the embedded server again when it was killed; the others wait for it. Raises HouseError."""
        try:
            if self.server is not None and self.server.revive():
                _say("PostgreSQL was killed; it recovered and goes on.")
        except (subprocess.SubprocessError, OSError) as error:
            log = self.settings.home / "pg" / "log"
            raise HouseError(
                f"The embedded PostgreSQL was killed and does not start again ({error}). See {log}."
            ) from error

    def _ended(self, name: str, child: subprocess.Popen[bytes]) -> None:
        """A child ended by itself: begin it again when its turn has come, or give up the house. Raises HouseError."""
        if name not in self._restarts.commands:
            raise HouseError(crash(name, child.returncode, self.logs))
        pause = self._restarts.ended(name, now=time.monotonic())
        if pause is not None:
            _end_group(child)
            _say(f"{name} ended by itself (status {child.returncode}); begun again in {pause:.0f} s. See {self.logs}.")
        elif self._restarts.is_due(name, now=time.monotonic()):
            self._spawn_again(name, *self._restarts.commands[name])

    def stop(self) -> None:
        """Stop what was started, in order; end by force what does not listen. Leaves no process behind."""
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
            _end_group(child)
        if self._told_where:  # never another house's: a second start on its folder ends here too
            (self.settings.home / "running.json").unlink(missing_ok=True)
        if self.guard is not None:
            self.guard.terminate()
            self.guard.wait()
        if self.server is not None:
            self.server.stop()

    def _database(self) -> None:
        if self.settings.database_url:
            migrate(self.settings.owner_url or "")
            return
        self.settings.home.mkdir(parents=True, exist_ok=True)
        self.guard = self._popen([sys.executable, "-m", guard.NAME, str(self.settings.home)], "guard")
        folder = self.settings.home / "pg"
        try:
            with _undisturbed():
                self.server = EmbeddedServer(folder)
            self.server.ensure_database()
        except (subprocess.SubprocessError, OSError, psycopg.Error) as error:
            raise HouseError(f"The embedded PostgreSQL could not start ({error}). See {folder / 'log'}.") from error
        migrate(self.server.url(role="carnet_owner"))
        self.environment |= {
            "CARNET_DATABASE_URL": self.server.url(role="carnet_app"),
            "CARNET_DATABASE_OWNER_URL": self.server.url(role="carnet_owner"),
            "CARNET_DATABASE_BATCH_URL": self.server.url(role="carnet_batch"),
            "CARNET_DATABASE_SEQUENCER_URL": self.server.url(role="carnet_sequencer"),
            "CARNET_DATABASE_OVERSIGHT_URL": self.server.url(role="carnet_oversight"),
        }

    def _journal(self) -> None:
        """Start what seals the journal: nobody waits for it, so it comes after what people wait for."""
        for number in range(1, SANDBOX_WITNESSES + 1):
            folder, port = witness_folder(self.settings, number), witness_port(self.settings, number)
            name = f"witness-{number}"
            where = ["--folder", str(folder), "--port", str(port), "--name", f"{name}.invalid"]
            self._spawn_again(name, "witness", *where, "--log", self.log_key)
        self._spawn_again("sequencer", "sequencer")
        self._spawn_again("monitor", "monitor", "--key", self.log_key, "--log", f"{self.settings.base_url}/journal")

    def _note_running(self) -> None:
        """Tell commands in other shells where this house is: settings only, in a file only its owner reads."""
        told = {name: value for name, value in self.environment.items() if name.startswith("CARNET_")}
        path = self.settings.home / "running.json"
        self._told_where = True
        path.touch(mode=0o600)
        path.write_bytes(msgspec.json.encode(told))

    def _seed(self) -> None:
        """Prepare the demo; its progress is the one thing a person watches, so it speaks to the terminal."""
        command = [sys.executable, "-m", "carnet.config.lifeline", "sandbox", "seed"]
        seeding = self._popen(command)
        self.children["seed"] = seeding
        if seeding.wait():
            raise HouseError("The demo population could not be prepared (see above).")
        del self.children["seed"]

    def _spawn(self, name: str, *command: str) -> None:
        self.children[name] = self._popen([sys.executable, "-m", "carnet.config.lifeline", *command], name)

    def _spawn_again(self, name: str, *command: str) -> None:
        """Begin a program that is begun again whenever it ends by itself."""
        self._spawn(name, *command)
        self._restarts.began(name, command, now=time.monotonic())

    def _popen(self, command: list[str], log: str | None = None) -> subprocess.Popen[bytes]:
        # a session of their own: Ctrl-C reaches this process only, which stops them in order
        if log is None:
            return subprocess.Popen(command, stdin=self._lifeline, env=self.environment, start_new_session=True)  # noqa: S603 - our own command
        with log_file(self.logs, log) as output:
            return subprocess.Popen(  # noqa: S603 - our own command
                command,
                stdin=self._lifeline,
                stdout=output,
                stderr=output,
                env=self.environment,
                start_new_session=True,
            )

    def _await(self, url: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            for name, child in self.children.items():
                if child.poll() is not None:
                    raise HouseError(crash(name, child.returncode, self.logs))
            try:
                with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own address
                    if answer.status == 200:  # noqa: PLR2004 - HTTP says so
                        return
            except (urllib.error.URLError, http.client.HTTPException, OSError):
                time.sleep(0.1)
        raise HouseError(f"{url} did not answer within {START_SECONDS} s. See {self.logs}.")


def _lock(settings: Settings) -> FolderLock:
    """Take the folder; when the guard of a killed run still clears up there, wait for it."""
    deadline, told = time.monotonic() + CLEARING_SECONDS, False
    while True:
        try:
            return FolderLock(settings.home)
        except AlreadyRunningError as error:
            if not _is_guard(error.holder) or time.monotonic() > deadline:
                raise
        if not told:
            _say("The last run was killed; waiting until it is cleared up…")
            told = True
        time.sleep(0.2)


def _is_guard(holder: str) -> bool:
    try:
        return guard.NAME in psutil.Process(int(holder)).cmdline()
    except (ValueError, psutil.Error):
        return False


def _end_group(leader: subprocess.Popen[bytes]) -> None:
    """Kill what a child left behind: it led a group of its own."""
    try:
        os.killpg(leader.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Put a stop off to the end of the block: a server half started could not be stopped."""
    asked: list[int] = []
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, lambda number, _: asked.append(number))
    try:
        yield
    finally:
        for one in (signal.SIGINT, signal.SIGTERM):
            signal.signal(one, _stop)
        if asked:
            raise Stop


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise Stop


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
