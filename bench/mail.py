"""`python -m bench.mail`: mail of 50 kB through the gateway, beside Postfix to Dovecot on the same machine and run.

As root, with the packages of `tools/install-test-tools`. The same client hands the same messages to Postfix, which
gives them to Dovecot by LMTP (the floor), and to our gateway; then the worker of the default deployment (one process
of `carnet worker`) puts what was kept into conversations, counted from the first it delivered.
Ignores the client's own cost, which both pay, and certificates, which cost a handshake a connection.
"""

import argparse
import asyncio
import contextlib
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import aiosmtplib
import msgspec
import psutil
import psycopg
import uvloop

from bench import population, visitors
from bench.house import House, open_house
from bench.machine import busy_seconds, cores, cpu_seconds
from carnet.config.connect import connected
from carnet.infra.jobs.worker import run_until_idle

sys.path.append(str(Path(__file__).parent.parent / "tests"))
from factories.events import table
from factories.mss import DOCTOR, DOMAIN
from factories.operator_mail import HERE, Operator, running_operator
from factories.served import free_port, until_open

PEERS = f'[[peer]]\nname = "chu"\naddresses = ["127.0.0.1"]\ndomains = ["{HERE}"]\n'
SPACES = 40


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """Messages a second; processor milliseconds a message: our own process, the database, the whole machine."""

    rate: float
    own: float
    database: float
    machine: float


def message(to: str, number: int, *, size: int) -> bytes:
    """One message of about `size` bytes, a PDF beside a few words."""
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"], made["Subject"] = DOCTOR, to, f"Résultat {number}"
    made["Message-ID"] = f"<{number}-{os.getpid()}@{HERE}>"
    made.set_content("Bonjour, voici vos résultats.\n")
    content = b"%PDF-1.4\n" + random.Random(number).randbytes(round(size * 0.73) - 500)
    made.add_attachment(content, maintype="application", subtype="pdf", filename="bilan.pdf")
    return made.as_bytes()


async def hand_over(port: int, waiting: list[tuple[str, bytes]], *, connections: int) -> None:
    """Hand all over, each connection its share, one after the other."""

    async def lane(share: list[tuple[str, bytes]]) -> None:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, timeout=60, start_tls=False) as smtp:
            for number, (to, raw) in enumerate(share):
                if number and number % 60 == 0:  # the gateway hears so many commands of one connection
                    await smtp.quit()
                    await smtp.connect()
                await smtp.sendmail(DOCTOR, [to], raw)

    await asyncio.gather(*(lane(waiting[at::connections]) for at in range(connections)))


class Clock:
    """Counts time and processor time from here on."""

    def __init__(self, own: psutil.Process | None = None, house: House | None = None) -> None:
        self._own, self._house = [own] if own else [], house
        self._begun, self._before = time.perf_counter(), self._used()

    def _used(self) -> tuple[float, ...]:
        database = self._house.postgres() if self._house else []
        return cpu_seconds(self._own), cpu_seconds(database), busy_seconds()

    def rate(self, count: int) -> Rate:
        """The rate since this clock was made."""
        seconds = time.perf_counter() - self._begun
        own, database, machine = (
            (after - before) / count * 1000 for before, after in zip(self._before, self._used(), strict=True)
        )
        return Rate(rate=count / seconds, own=own, database=database, machine=machine)


async def floor(operator: Operator, messages: int, *, size: int, connections: int) -> Rate:
    """Postfix to Dovecot: until the last message lies in the mailbox."""
    to = f"paul@{HERE}"
    waiting = [(to, message(to, number, size=size)) for number in range(messages)]
    arrived = operator.folder / "mail" / "paul" / "Maildir" / "new"
    clock = Clock()
    await hand_over(operator.bare, waiting, connections=connections)
    while not arrived.exists() or len(list(arrived.iterdir())) < messages:  # noqa: ASYNC110 - files, nothing to await
        await asyncio.sleep(0.02)
    return clock.rate(messages)


@contextlib.contextmanager
def gateway(house: House, port: int) -> Iterator[psutil.Process]:
    """Run `carnet mail` on the house."""
    (house.home / "peers.toml").write_text(PEERS)
    settings = house.environment | {
        "CARNET_MSS_PORT": str(port),
        "CARNET_MSS_PEERS": str(house.home / "peers.toml"),
        "CARNET_MSS_HOURLY_PERSONS": "10000000",
    }
    process = subprocess.Popen([sys.executable, "-m", "carnet", "mail"], env=settings)
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


async def ours(house: House, messages: int, *, size: int, connections: int) -> tuple[Rate, Rate]:
    """Our gateway: until the last 250; then the worker: until the last message is in its conversation."""
    jwks: dict[str, object] = {"keys": [dict(visitors.new_key().as_dict(private=False))]}
    port = free_port()
    async with connected(house.settings):
        world = await population.populate(spaces=SPACES, documents=1, jwks=jwks)
        people = [f"{one.ins.matricule.lower()}@{DOMAIN}" for one in world.people]
        await run_until_idle(house.environment["CARNET_DATABASE_URL"], handlers=table())  # the news of their documents
    with gateway(house, port) as process:
        await until_open(port)
        sent = [
            (people[number % SPACES], message(people[number % SPACES], number, size=size)) for number in range(messages)
        ]
        await hand_over(port, sent[:SPACES], connections=connections)  # the keys of each space are known now
        clock = Clock(process, house)
        await hand_over(port, sent[SPACES:], connections=connections)
        kept = clock.rate(messages - SPACES)
    return kept, deliver(house, messages)


def deliver(house: House, messages: int) -> Rate:
    """Run `carnet worker` until everything kept is in its conversation; times begin with the first delivered."""
    with (
        psycopg.connect(house.server.superuser_url.replace("/postgres?", "/carnet?"), autocommit=True) as eye,
        subprocess.Popen([sys.executable, "-m", "carnet", "worker"], env=house.environment) as process,
    ):
        try:
            begun = stored(eye, 1)
            clock = Clock(psutil.Process(process.pid), house)
            done = stored(eye, messages)
            rate = clock.rate(done - begun)
        finally:
            process.terminate()
    if done != messages:
        raise RuntimeError(f"{done} of {messages} messages were delivered")
    return rate


def stored(eye: psycopg.Connection, least: int) -> int:
    """Return how many messages are in conversations, once they are `least`, or three minutes went by."""
    until = time.monotonic() + 180
    while True:
        (found,) = eye.execute("SELECT count(*) FROM carnet.message").fetchone() or (0,)
        if found >= least or time.monotonic() > until:
            return int(found)
        time.sleep(0.05)


async def main() -> None:
    """Print a table; writes nothing else."""
    parser = argparse.ArgumentParser(prog="python -m bench.mail", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--messages", type=int, default=1500)
    parser.add_argument("--size", type=int, default=50_000, help="bytes of one message as it travels")
    parser.add_argument("--connections", type=int, default=16)
    given = parser.parse_args()
    how = {"size": given.size, "connections": given.connections}
    raw = message(f"x@{HERE}", 1, size=given.size)
    with open_house(workers=1) as house:
        async with running_operator() as operator:
            beneath = await floor(operator, given.messages, **how)
        kept, delivered = await ours(house, given.messages, **how)
    sys.stdout.write(
        f"{given.messages} messages of {len(raw)} bytes, {cores()} cores, {given.connections} connections\n\n"
    )
    sys.stdout.write(
        "| what | a second | of the floor | our process ms | database ms | machine ms |\n|---|--:|--:|--:|--:|--:|\n"
    )
    for name, one in (
        ("Postfix to Dovecot by LMTP, in the mailbox", beneath),
        ("gateway, durable and answered 250", kept),
        ("one worker, from there into the conversation", delivered),
    ):
        share = f"{one.rate / beneath.rate:.0%}"
        sys.stdout.write(
            f"| {name} | {one.rate:.0f} | {share} | {one.own:.1f} | {one.database:.1f} | {one.machine:.1f} |\n"
        )


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
