"""`python -m bench.copy`: a person's copy of a space of gigabytes: what memory it takes to make, and to take away.

Documents are random bytes of 5 MB: nothing of them can be made smaller. The copy is made by the function the worker
calls, in a process of its own kind (this one), then streamed to a file by ranges as a browser asks for them, opened by
another program's rules (`zipfile`), its last document compared. Ignored here: how long others wait meanwhile.
"""

import argparse
import asyncio
import datetime as dt
import hashlib
import sys
import time
import zipfile
from collections.abc import Coroutine
from pathlib import Path
from uuid import UUID, uuid4

import msgspec
import psutil
from joserfc.jwk import ECKey

from bench.house import House, open_house
from bench.machine import MEGABYTE
from bench.population import LARGE, OPERATOR, Someone, new_document, one_deposit, populate, software
from carnet.config.connect import connected
from carnet.config.operator import batch_database
from carnet.infra import clock
from carnet.interfaces.portal.setting import language_for
from carnet.interfaces.portal.sources.copied_journal import copied_journal
from carnet.journeys.api import ask_export, make_exports, open_export
from carnet.records.api import deposit

RANGE = 64 * MEGABYTE
EVERY = 0.2
HOUR = dt.timedelta(hours=1)


def main(arguments: list[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.copy", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--gigabytes", type=float, default=5)
    given = parser.parse_args(arguments)
    with open_house(workers=1) as house:
        asyncio.run(_measure(house, round(given.gigabytes * 1e9 / LARGE)))
    return 0


async def _measure(house: House, documents: int) -> None:
    key = ECKey.generate_key("P-384", {"kid": "bench", "use": "sig"}, private=True)
    jwks: dict[str, object] = {"keys": [key.as_dict(private=False)]}
    async with connected(house.settings, name="bench"), batch_database(house.settings) as batch:
        [person] = (await populate(spaces=1, documents=1, jwks=jwks, large=0)).people
        last = await _fill(person, documents)
        actor = msgspec.structs.replace(person.actor, stepped_up_until=clock.now() + HOUR)
        export = await ask_export(actor=actor, space=person.space, account=uuid4(), language="fr", at=clock.now())
        languages = (language_for("fr"), language_for("en"))
        made, memory, seconds = await _watched(
            make_exports(actor=OPERATOR, batch=batch, languages=languages, journal=copied_journal, at=clock.now())
        )
        if made != 1:
            raise RuntimeError("no copy was made")
        _say(f"made: {documents:,} documents of 5 MB in {seconds:,.0f} s, memory {memory}")
        path = house.home / "copy.zip"
        size, memory, seconds = await _watched(_take(person, export, path))
        _say(f"taken away: {size / 1e9:.2f} GB in {seconds:,.0f} s, memory {memory}")
    with zipfile.ZipFile(path) as archive:
        names = [one.filename for one in archive.infolist() if one.file_size == LARGE]
        found = {hashlib.sha256(archive.read(one)).hexdigest() for one in (names[0], names[-1])}
    if last not in found:
        raise RuntimeError("the document deposited last is neither the first nor the last of the copy")
    _say(f"opened: {len(names):,} documents of 5 MB, the one deposited last is whole")


async def _fill(person: Someone, documents: int) -> str:
    for _ in range(documents):
        new, at = new_document(size=LARGE, created=clock.now()), clock.now()
        await deposit(actor=software(), deposit=one_deposit(new, ins=person.ins, traits=person.traits, at=at), at=at)
    return new.metadata.sha256


async def _take(person: Someone, export: UUID, path: Path) -> int:
    """Fetch the copy range by range, as a download that was interrupted goes on."""
    proved = msgspec.structs.replace(person.actor, stepped_up_until=clock.now() + HOUR)
    blob = await open_export(actor=proved, space=person.space, export=export, at=clock.now())
    with path.open("wb") as file:
        for start in range(0, blob.size, RANGE):
            async for piece in blob.read_range(start, min(start + RANGE, blob.size)):
                file.write(piece)
    return blob.size


async def _watched(work: Coroutine[None, None, int]) -> tuple[int, str, float]:
    """Await `work`; return what it gave, the memory it took (before, and at most in each quarter), and seconds."""
    mine, begun = psutil.Process(), time.monotonic()
    before, seen = mine.memory_info().rss, list[int]()
    task = asyncio.create_task(work)
    while not task.done():
        await asyncio.wait([task], timeout=EVERY)
        seen.append(mine.memory_info().rss)
    quarters = [seen[len(seen) * part // 4 : len(seen) * (part + 1) // 4] or seen[-1:] for part in range(4)]
    said = ", ".join(f"{max(one) / MEGABYTE:.0f}" for one in quarters)
    return task.result(), f"{before / MEGABYTE:.0f} MB before, {said} MB in each quarter", time.monotonic() - begun


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
