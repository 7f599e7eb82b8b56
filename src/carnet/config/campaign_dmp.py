"""`carnet campaign import-dmp`: archives of earlier records, one after another into the spaces of their persons.

An archive is a file somebody else made: it is weighed before it is read, links are not followed, and its name stands in
the list of refusals as the words it is. What each archive may hold and what becomes of it is `records.carry_over`.
"""

import asyncio
import contextlib
import csv
import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from carnet.config.campaign_work import operating, progress_bar
from carnet.config.settings import Settings
from carnet.infra import clock
from carnet.infra.db import system_work
from carnet.infra.vault import Unopenable
from carnet.journal.api import Act, keep_time, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow
from carnet.kernel.errors import CarnetError, Invalid, NotFound, Problem, Refused, TooLarge, Unavailable
from carnet.records.api import MOST_ARCHIVE_BYTES, CarriedOver, carry_over

TOO_LARGE = Problem("archive-too-large", "Cette archive est trop grande.", "This archive is too large.")
UNREADABLE = Problem("unreadable", "Ce fichier ne peut pas être lu.", "This file cannot be read.")


class Rejects(Protocol):
    """What a refusal is written to."""

    def writerow(self, row: tuple[str, str, str, str], /) -> object:
        """Write archive, document, code, reason."""


async def import_dmp(settings: Settings, folder: Path, rejects: Path, *, at_once: int) -> int:
    """Carry over every archive below `folder`; 1 when something was left out (listed in `rejects`)."""
    async with operating(settings) as (actor, batch):
        await keep_time(batch=batch, at=clock.now())
        counts = await carry_over_folder(actor, folder, rejects, at_once=at_once)
    left_out = counts["archives-refused"] + counts["documents-refused"]
    sys.stdout.write(
        f"{counts['archives']} archives, {counts['before']} of them carried over before: {counts['stored']} documents "
        f"carried over, {counts['already']} there already, {counts['documents-refused']} documents and "
        f"{counts['archives-refused']} archives refused" + (f" (see {rejects}).\n" if left_out else ".\n")
    )
    return 1 if left_out else 0


async def carry_over_folder(actor: Actor, folder: Path, rejects: Path, *, at_once: int = 4) -> Counter[str]:
    """Carry over every archive below `folder`, `at_once` at a time; return what became of them, counted.

    Raises Unavailable (database, store or scanner gone): run again, it goes on.
    """
    files = list(_archives(folder))
    counts: Counter[str] = Counter(archives=len(files))
    async with system_work(at=clock.now()) as w:
        told = {"archives": len(files)}
        await record(w, Act.CARRY_OVER_RECORDS, allow(Ground.DUTY), actor=actor, details=told)
    waiting, gone = iter(files), list[Unavailable]()
    with _listed(rejects) as listed, progress_bar("DMP") as step:

        async def work_through() -> None:
            for file in waiting:
                try:
                    await _one(actor, file, file.relative_to(folder), listed, counts)
                except Unavailable as error:
                    gone.append(error)
                if gone:
                    return
                counts["done"] += 1
                step(counts["done"], len(files))

        async with asyncio.TaskGroup() as group:
            for _ in range(max(1, at_once)):
                group.create_task(work_through())
    if gone:
        raise gone[0]
    return counts


async def _one(actor: Actor, file: Path, name: Path, rejects: Rejects, counts: Counter[str]) -> None:
    try:
        done = await carry_over(actor=actor, archive=await asyncio.to_thread(_read, file), at=clock.now())
    except (Invalid, NotFound, Refused, Unopenable) as refused:  # a space that does not open stops no other
        counts["archives-refused"] += 1
        _list(rejects, name, refused)
        return
    _count(counts, done)
    for one in done.left_out:
        rejects.writerow((_word(str(name)), _word(one.file), one.problem.code, one.problem.fr))


def _count(counts: Counter[str], done: CarriedOver) -> None:
    counts["stored"] += done.stored
    counts["already"] += done.already
    counts["documents-refused"] += len(done.left_out)
    counts["before"] += done.before


def _list(rejects: Rejects, name: Path, refused: CarnetError) -> None:
    for problem in refused.problems[:1]:
        rejects.writerow((_word(str(name)), "", problem.code, problem.fr))


def _archives(folder: Path) -> Iterator[Path]:
    """Yield the archives, in one order; a link leads nowhere."""
    for root, folders, names in os.walk(folder, followlinks=False):
        folders.sort()
        for name in sorted(names):
            path = Path(root, name)
            if name.lower().endswith(".zip") and path.is_file() and not path.is_symlink():
                yield path


def _read(file: Path) -> bytes:
    try:
        if file.stat().st_size > MOST_ARCHIVE_BYTES:
            raise TooLarge(TOO_LARGE)
        return file.read_bytes()
    except OSError:
        raise Invalid(UNREADABLE) from None


def _word(text: str) -> str:
    """What a spreadsheet would carry out is written as a word; what cannot be written is replaced."""
    plain = "".join(one if one.isprintable() else "?" for one in text)
    return f"'{plain}" if plain.startswith(("=", "+", "-", "@")) else plain


@contextlib.contextmanager
def _listed(path: Path) -> Iterator[Rejects]:
    """A new list for each run, for its owner alone; a line is on disk before the next archive."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    with path.open("w", encoding="utf-8", errors="replace", newline="", buffering=1) as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\n")
        writer.writerow(("archive", "document", "code", "raison"))
        yield writer
