"""Promise 2 for mail: the gateway is killed again and again; what it acknowledged is there, once."""

import asyncio
import shutil

import aiosmtplib

from carnet.infra import clock
from carnet.messaging.api import inbox
from factories.events import deliver, empty_queue
from factories.forked import Forked
from factories.mss import DOCTOR, address_of, letter
from factories.served import environment, free_port, until_open
from factories.world import make_person

MESSAGES, KILLS = 24, 2
PEERS = '[[peer]]\nname = "chu"\naddresses = ["127.0.0.1"]\ndomains = ["chu.mssante.invalid"]\n'


def start(settings, home):
    return Forked(["mail"], settings, home / "mail.log")


async def peer(port, to, messages, done, told):
    """An operator's queue: what was not acknowledged is sent again, for ever."""
    for name, raw in messages:
        while name not in done:
            try:
                smtp = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, timeout=10)
                async with smtp:
                    await smtp.sendmail(DOCTOR, [to], raw)
                done.append(name)
                told.put_nowait(name)
            except (aiosmtplib.SMTPException, OSError):
                await asyncio.sleep(0.05)


async def test_what_was_acknowledged_is_there_once_whenever_the_gateway_dies(house, tmp_path):
    empty_queue(house)
    person, port = await make_person(), free_port()
    (tmp_path / "keys").mkdir()
    for name in ("kek.json", "index.key", "house.key"):
        shutil.copy(house.home / name, tmp_path / "keys" / name)
    (tmp_path / "peers.toml").write_text(PEERS)
    settings = environment(house.url, tmp_path, port=free_port()) | {
        "CARNET_MSS_PORT": str(port),
        "CARNET_MSS_PEERS": str(tmp_path / "peers.toml"),
    }
    to = address_of(person)
    waiting = [(f"n{number}", letter(person, subject=f"n{number}").as_bytes()) for number in range(MESSAGES)]
    done: list[str] = []
    told: asyncio.Queue[str] = asyncio.Queue()
    process = start(settings, tmp_path)
    try:
        await until_open(port, log=tmp_path)
        async with asyncio.TaskGroup() as lanes:
            for lane in range(4):
                lanes.create_task(peer(port, to, waiting[lane::4], done, told))
            for _kill in range(KILLS):
                for _ in range(MESSAGES // (KILLS + 1)):
                    await told.get()
                process.kill()
                process = start(settings, tmp_path)
                await until_open(port, log=tmp_path)
    finally:
        process.stop()
    await deliver(house)
    page = await inbox(actor=person.actor, space=person.space, count=100, at=clock.now())
    assert sorted(line.head.subject for line in page.lines) == sorted(done) == sorted(name for name, _ in waiting)
