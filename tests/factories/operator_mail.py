"""A professionals' mail operator as they are: Postfix, Dovecot and OpenDKIM, started by the tests on loopback.

Everything lies in one folder and on ports of its own; nothing of the machine's own mail is read or touched. Postfix
starts as root only: without root its tests say so and are skipped, without Postfix they fail (`operator_or_say_why`).
What an operator does on a bad day is asked of a real policy service: `Operator.policy`.
"""

import asyncio
import contextlib
import email
import email.policy
import imaplib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psutil
import pytest

from factories.certificates import Certificate, certificate
from factories.mss import DOMAIN
from factories.operator_files import ACCESS, DOVECOT, MAIN, MASTER, OPENDKIM
from factories.served import free_port, until, until_open

HERE = "chu.mssante.invalid"
PEOPLE = ("claire.marchand", "grise", "lente", "meurt", "paul")
PROGRAMS = ("/usr/sbin/postfix", "/usr/sbin/dovecot", "/usr/bin/swaks", "/usr/sbin/opendkim")
MASTER_PROGRAM = "/usr/lib/postfix/sbin/master"


class Policy:
    """What Postfix asks before it takes a recipient and, at END-OF-MESSAGE, a message.

    refuse: does not exist. bloque: wants no mail of whoever writes. grise: put off once, then taken. lente, meurt: the
    answer waits until `go` is set, at RCPT and at the end of the message; `asked` tells that Postfix is waiting for it.
    """

    def __init__(self) -> None:
        self.go, self.asked = asyncio.Event(), asyncio.Event()
        self.seen: set[str] = set()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                said = (await reader.readuntil(b"\n\n")).decode()
                about = dict(line.split("=", 1) for line in said.splitlines() if "=" in line)
                writer.write(f"action={await self._action(about)}\n\n".encode())
                await writer.drain()
        writer.close()

    async def _action(self, about: dict[str, str]) -> str:
        who, state = about["recipient"].partition("@")[0], about["protocol_state"]
        if who == "refuse":
            return "550 5.1.1 no such mailbox"
        if who == "bloque":
            return "554 5.7.1 not from them"
        if who == "grise" and state == "RCPT":
            known, _ = about["recipient"] in self.seen, self.seen.add(about["recipient"])
            return "dunno" if known else "defer_if_permit 4.2.0 Greylisted, please try again"
        if (who, state) in {("lente", "RCPT"), ("meurt", "END-OF-MESSAGE")}:
            self.asked.set()
            await self.go.wait()
        return "dunno"


class Operator:
    """The servers, their ports and the doctor's mailbox.

    smtp: where anybody on this machine hands mail over; bare: the same without policy and DKIM; mutual: only with the
    certificate `ours`; front: a Postfix of the house before its gateway. gateway: the port mail for persons is sent to,
    where the test listens.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.policy = folder, Policy()
        self.smtp, self.mutual, self.front, self.gateway = free_port(), free_port(), free_port(), free_port()
        self.bare = free_port()
        self.lmtp, self.imap, self.asking, self.dkim = free_port(), free_port(), free_port(), free_port()
        self.ours, self.theirs = certificate(folder, "localhost"), certificate(folder, f"mx.{HERE}")
        self.stranger = certificate(folder, "mx.autre.invalid")
        self._postfix: subprocess.Popen | None = None
        self._others: list[subprocess.Popen] = []

    def write(self) -> None:
        """Write the files the servers read."""
        for name in ("etc", "queue", "data", "dovecot", "mail"):
            (self.folder / name).mkdir()
        shutil.chown(self.folder / "data", "postfix")
        shutil.chown(self.folder / "mail", "nobody", "nogroup")
        ports = ("smtp", "bare", "mutual", "front", "gateway", "lmtp", "imap", "asking", "dkim")
        known = {"folder": self.folder} | {name: getattr(self, name) for name in ports}
        known |= {"here": HERE, "persons": DOMAIN, "ours": self.ours, "theirs": self.theirs}
        etc = self.folder / "etc"
        (etc / "main.cf").write_text(MAIN.format(**known))
        (etc / "master.cf").write_text(MASTER.format(**known))
        (etc / "certificates").write_text(ACCESS)
        (etc / "allowed").write_text(f"{self.colons(self.ours)} gateway\n")
        (etc / "trusted.pem").write_bytes(self.ours.path.read_bytes() + self.stranger.path.read_bytes())
        (self.folder / "dovecot.conf").write_text(DOVECOT.format(**known))
        line = "{name}@{here}:{{PLAIN}}secret:65534:65534::{folder}/mail/{name}::\n"
        (self.folder / "users").write_text("".join(line.format(name=one, **known) for one in PEOPLE))
        (self.folder / "keys.dns").write_text("")
        (self.folder / "opendkim.conf").write_text(OPENDKIM.format(**known))

    def start(self) -> None:
        """Start Dovecot and OpenDKIM, then Postfix."""
        self._others = [self._run("/usr/sbin/dovecot", "-F", "-c", str(self.folder / "dovecot.conf"))]
        self.start_opendkim()
        subprocess.run(["/usr/sbin/postfix", "-c", self.folder / "etc", "check"], check=True, capture_output=True)
        self.start_postfix()

    def start_opendkim(self) -> None:
        """Start OpenDKIM, which reads the keys of other domains once."""
        self._others.append(self._run("/usr/sbin/opendkim", "-f", "-x", str(self.folder / "opendkim.conf")))

    def restart_opendkim(self) -> None:
        """Have OpenDKIM read the keys again."""
        process = self._others.pop()
        _end([psutil.Process(process.pid)])
        process.wait()
        self.start_opendkim()

    def start_postfix(self) -> None:
        """Start Postfix; its queue is as it was left."""
        self._postfix = self._run(MASTER_PROGRAM, "-c", str(self.folder / "etc"), "-d")

    def kill_postfix(self) -> None:
        """SIGKILL all of Postfix at once."""
        found = psutil.Process(self._postfix.pid)
        _end([found, *found.children(recursive=True)])
        self._postfix.wait()

    def stop(self) -> None:
        self.kill_postfix()
        for process in self._others:
            _end([psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)])
            process.wait()

    def _run(self, *command: str) -> subprocess.Popen:
        with (self.folder / "servers.log").open("ab") as output:
            return subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)

    async def listening(self) -> None:
        """Wait until every server listens."""
        for port in (self.smtp, self.mutual, self.front, self.lmtp, self.imap, self.dkim):
            await until_open(port, log=self.folder)

    async def mailbox(self, who: str = "claire.marchand", *, count: int = 1) -> list[email.message.EmailMessage]:
        """What lies in somebody's mailbox, by IMAP; waits until there are `count`."""
        for _ in range(300):
            found = await asyncio.to_thread(self._fetch, who)
            if len(found) >= count:
                return found
            await asyncio.sleep(0.1)
        raise AssertionError(f"{len(found)} of {count} messages in the mailbox of {who}")

    def _fetch(self, who: str) -> list[email.message.EmailMessage]:
        with imaplib.IMAP4("127.0.0.1", self.imap) as imap:
            imap.login(f"{who}@{HERE}", "secret")
            imap.select("INBOX")
            numbers = imap.search(None, "ALL")[1][0].split()
            raw = [imap.fetch(number.decode(), "(BODY.PEEK[])")[1][0][1] for number in numbers]
        return [email.message_from_bytes(one, policy=email.policy.default) for one in raw]

    def empty_mailboxes(self) -> None:
        """Every mailbox is empty again, nobody is known to the greylist, nothing waits for an answer."""
        for one in PEOPLE:
            shutil.rmtree(self.folder / "mail" / one, ignore_errors=True)
        self.policy.seen.clear()
        self.policy.go.clear()
        self.policy.asked.clear()

    @staticmethod
    def colons(one: Certificate) -> str:
        """A certificate's digest as Postfix writes it."""
        return ":".join(one.sha256[at : at + 2] for at in range(0, 64, 2)).upper()

    async def swaks(self, *options: str, port: int | None = None) -> tuple[int, str]:
        """Have swaks hand a message over; its exit status and what was said."""
        command = ["swaks", "--server", f"127.0.0.1:{port or self.smtp}", "--helo", f"mx.{HERE}", *options]
        done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, done.stdout + done.stderr


def _end(processes: list[psutil.Process]) -> None:
    for signal_ in (signal.SIGSTOP, signal.SIGKILL):
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal_)
    until(lambda: not any(_lives(one) for one in processes))


def _lives(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.status() != psutil.STATUS_ZOMBIE
    return False


def operator_or_say_why() -> None:
    """Skip without root; fail as root when a program is missing."""
    if os.geteuid() != 0:
        pytest.skip(
            "Postfix starts as root only: not tested against real mail servers here (factories/post plays them)"
        )
    missing = [one for one in PROGRAMS if not Path(one).exists()]
    assert not missing, f"{missing} missing: run tools/install-test-tools"


@contextlib.contextmanager
def folder_of_its_own() -> Iterator[Path]:
    """A folder Postfix's own user may walk into."""
    folder = Path(tempfile.mkdtemp(prefix="carnet-mail-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.asynccontextmanager
async def running_operator() -> AsyncIterator[Operator]:
    """Start an operator; all of it is gone afterwards."""
    operator_or_say_why()
    with folder_of_its_own() as folder:
        one = Operator(folder)
        one.write()
        asking = await asyncio.start_server(one.policy.answer, "127.0.0.1", one.asking)
        one.start()
        try:
            await one.listening()
            yield one
        finally:
            one.policy.go.set()
            one.stop()
            asking.close()
