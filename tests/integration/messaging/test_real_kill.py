"""Issue 5 §4: an operator's Postfix hands messages to our gateway while each of them, and the database, is killed.

Few messages in every run; as many as `CARNET_KILL_RUN_MESSAGES` says (the issue's 1000) when somebody wants more.
"""

import asyncio
import contextlib
import itertools
import os
import re
from collections import Counter
from pathlib import Path
from uuid import uuid4

import aiosmtplib
import msgspec
import psycopg
import pytest

from carnet.config.settings import read_settings
from carnet.infra import clock, randomness
from carnet.infra.jobs.worker import run_until_idle
from carnet.messaging.actions import take_mail
from carnet.messaging.api import inbox
from factories.events import table
from factories.forked import Forked
from factories.mss import DOCTOR, address_of, letter
from factories.operator_mail import HERE
from factories.own_postgres import own_postgres
from factories.served import environment, free_port, seated, until_open
from factories.world import make_person

MESSAGES = int(os.environ.get("CARNET_KILL_RUN_MESSAGES", "24"))
PERSONS = max(2, MESSAGES // 50)
ROUNDS = max(1, MESSAGES // 250)
KILLED = ("gateway", "postfix", "database")
PEERS = f'[[peer]]\nname = "chu"\naddresses = ["127.0.0.1"]\ndomains = ["{HERE}"]\n'

pytestmark = pytest.mark.timeout(300 + MESSAGES)


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """names: of all messages; told: those Postfix heard 250 for; found: how often each is in an inbox.

    fates: what became of each piece of mail the gateway kept; put_off: attempts that were; left: of the messages, not
    yet handed to Postfix at each kill.
    """

    names: set[str]
    told: set[str]
    found: Counter[str]
    fates: Counter[str]
    put_off: int
    left: list[int]


class Exchange:
    """One run: the operator, our gateway, a database of its own, and what the doctors have still to hand over.

    Each kill has its part of the messages: half of it comes before, so that something is under way, half after.
    """

    def __init__(self, operator, postgres, home: Path, *, messages: int, kills, fault: str | None) -> None:
        (home / "peers.toml").write_text(PEERS)
        self.operator, self.postgres, self.home, self.kills = operator, postgres, home, kills
        self.names = [f"<{number}-{uuid4().hex}@{HERE}>" for number in range(messages)]
        self.part = messages // (len(kills) + 1)
        settings = environment(postgres.url, home, port=free_port()) | {
            "CARNET_MSS_PORT": str(operator.gateway),
            "CARNET_MSS_PEERS": str(home / "peers.toml"),
            "CARNET_MSS_HOURLY_PERSONS": "1000000",
        }
        self.settings = read_settings({name: value for name, value in settings.items() if name.startswith("CARNET_")})
        self.environment = settings | ({"PLANTED_FAULT": fault} if fault else {})
        self.begun, self.struck = ([asyncio.Event() for _ in kills] for _ in range(2))
        self.handed, self.left = 0, []

    def start(self) -> None:
        self.gateway = Forked(["mail"], self.environment, self.home / "mail.log")

    async def doctor(self, waiting) -> None:
        """Hand over; what Postfix did not say it took is handed over again, as every mail program does.

        One in eight does not hear that it was taken.
        """
        for number, (to, raw) in waiting:
            part, within = divmod(number, self.part)
            for gate in (*self.begun[:part], *(self.struck[: part - (2 * within < self.part)] if part else ())):
                await gate.wait()
            deaf = number % 8 == 0
            while not await self.taken(to, raw) or deaf:
                await asyncio.sleep(1.1 if deaf else 0.1)  # Postfix writes another date on it
                deaf = False
            self.handed += 1

    async def taken(self, to: str, raw: bytes) -> bool:
        """Whether Postfix said that it took it."""
        with contextlib.suppress(aiosmtplib.SMTPException, OSError):
            async with aiosmtplib.SMTP(
                hostname="127.0.0.1", port=self.operator.smtp, start_tls=False, timeout=20
            ) as smtp:
                await smtp.sendmail(DOCTOR, [to], raw)
                return True
        return False

    async def kill(self, number: int, whom: str) -> None:
        """Once something of the part before was kept, let the next come, and kill as soon as Postfix took some of it.

        What comes while the gateway or the database is gone is put off at least once.
        """
        before = number * self.part
        await until(lambda: (kept(self.postgres) or 0) > before, f"{before} messages are kept")
        self.begun[number].set()
        while self.handed <= before + self.part:  # noqa: ASYNC110 - until Postfix said so to a doctor
            await asyncio.sleep(0.002)
        self.left.append(len(self.names) - self.handed)
        put_off = self.put_off()
        strike = {"gateway": self.gateway.kill, "postfix": self.operator.kill_postfix, "database": self.postgres.kill}
        await asyncio.to_thread(strike[whom])
        self.struck[number].set()
        if whom == "postfix":
            self.operator.start_postfix()
            return
        await until(lambda: self.put_off() > put_off, f"something is put off without {whom}")
        await asyncio.to_thread(self.start if whom == "gateway" else self.postgres.start)

    async def run(self) -> Outcome:
        async with seated(self.settings):
            persons = [await make_person() for _ in range(PERSONS)]
        turns = zip(self.names, itertools.cycle(persons), strict=False)
        letters = [(address_of(one), letter(one, subject=name, message_id=name).as_bytes()) for name, one in turns]
        waiting = iter(enumerate(letters))
        self.start()
        try:
            await until_open(self.operator.gateway, log=self.home)
            async with asyncio.TaskGroup() as lanes:
                for _ in range(4):
                    lanes.create_task(self.doctor(waiting))
                for number, whom in enumerate(self.kills):
                    await self.kill(number, whom)
            await until(lambda: not any(queued(self.operator) for _ in range(3)), "Postfix has nothing left")
        finally:
            await asyncio.to_thread(self.gateway.stop)
        async with seated(self.settings):
            await self.drain()
            found = Counter([subject for one in persons for subject in await subjects(one)])
        return Outcome(
            names=set(self.names),
            told=self.told(),
            found=found,
            fates=Counter(dict(self.postgres.rows(_FATES))),
            put_off=self.put_off(),
            left=self.left,
        )

    async def drain(self) -> None:
        """Have the worker handle everything; what it put off is due at once."""
        while self.postgres.rows(_HASTEN) or self.postgres.rows(_TO_DO):
            await run_until_idle(self.postgres.url("carnet_app"), handlers=table())

    def told(self) -> set[str]:
        """Which of our messages the gateway said 250 to, as Postfix heard it and wrote it down before it was killed."""
        sent = re.findall(r"smtp\[\d+\]: (\w+): to=.*status=sent \(250 2\.0\.0 Kept\)", self.log())
        return {self.queue_names()[one] for one in sent if one in self.queue_names()}

    def put_off(self) -> int:
        """How many attempts at our messages Postfix put off."""
        names = self.queue_names()
        return sum(one in names for one in re.findall(r"smtp\[\d+\]: (\w+): to=.*status=deferred", self.log()))

    def queue_names(self) -> dict[str, str]:
        """What Postfix calls each of our messages."""
        found = re.findall(r"cleanup\[\d+\]: (\w+): message-id=(<\S+>)", self.log())
        return {queue: name for queue, name in found if name in self.names}

    def log(self) -> str:
        return (self.operator.folder / "postfix.log").read_text()


_FATES = "SELECT state || coalesce(': ' || reason, ''), count(*) FROM incoming_mail GROUP BY 1"
_HASTEN = "UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo' AND attempts > 0 RETURNING id"
_TO_DO = "SELECT id FROM procrastinate_jobs WHERE status = 'todo' AND task_name = 'handle_event'"


async def until(true, what: str) -> None:
    """Wait for something another process does; asked in a thread."""
    for _ in range(1200 + 10 * MESSAGES):
        if await asyncio.to_thread(true):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"never: {what}")


def kept(postgres) -> int | None:
    """How many messages the gateway kept; None while there is no database."""
    with contextlib.suppress(psycopg.Error):
        return postgres.rows("SELECT count(*) FROM incoming_mail")[0][0]
    return None


def queued(operator) -> int:
    """How much lies in the queue of Postfix; looked at more than once, as it moves on while it is counted.

    A file that may not be executed was not whole when Postfix was killed, and nobody was told it was taken.
    """
    folders = (operator.folder / "queue" / one for one in ("maildrop", "deferred", "incoming", "active", "deferred"))
    return sum(one.is_file() and os.access(one, os.X_OK) for folder in folders for one in folder.rglob("*"))


async def subjects(person) -> list[str]:
    """The subjects of a whole inbox, page by page."""
    found, after = [], None
    while True:
        page = await inbox(actor=person.actor, space=person.space, after=after, count=100, at=clock.now())
        found += [line.head.subject for line in page.lines]
        after = page.after
        if after is None:
            return found


async def exchange(operator, home, *, messages, kills, fault=None) -> Outcome:
    with own_postgres() as postgres:
        return await Exchange(operator, postgres, home, messages=messages, kills=kills, fault=fault).run()


async def test_every_acknowledged_message_is_there_once_whoever_dies(operator, tmp_path):
    seen = await exchange(operator, tmp_path, messages=MESSAGES, kills=KILLED * ROUNDS)
    assert seen.found == Counter(seen.names), seen
    assert seen.told <= seen.names
    assert len(seen.told) >= MESSAGES // 2, seen  # Postfix, killed, may not have written down all it was told
    assert seen.put_off, seen  # what was not acknowledged was tried again
    assert seen.fates["done: arrived-before"], seen  # what was handed over twice came twice
    assert all(seen.left), seen  # each kill fell in the middle


async def test_a_message_lost_or_doubled_is_seen(operator, tmp_path, monkeypatch):
    """Planted faults: a gateway that says 250 before it keeps, and mail that is delivered each time it comes."""
    monkeypatch.setattr(take_mail, "once_of", lambda *_: randomness.uuid4().bytes)
    seen = await exchange(operator, tmp_path, messages=12, kills=("gateway",), fault="acknowledged_too_early")
    assert seen.told - set(seen.found), seen
    assert max(seen.found.values()) > 1, seen
