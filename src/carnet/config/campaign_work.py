"""What the campaign's commands do: import the insurer's file, tell people, take bounces, open what is due."""

import asyncio
import contextlib
import functools
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from carnet.config.mail import telling_of
from carnet.config.settings import Settings
from carnet.infra import clock
from carnet.infra.db import Database, work
from carnet.journal.api import confirm_time, keep_time
from carnet.journeys.api import record_reported_death
from carnet.kernel.actors import Actor
from carnet.kernel.errors import CarnetError, Unavailable
from carnet.spaces.api import (
    Imported,
    Source,
    import_beneficiaries,
    open_due_spaces,
    send_again,
    take_bounces,
    tell_due,
    waiting,
)

STAYS = "What was done before stays; run this again once it can be written."


def install_keys(settings: Settings) -> None:
    """Give a reading process the keys it seals with, and nothing else: no database, no contents. People go first."""
    from carnet.config.connect import install_keys_alone  # noqa: PLC0415 - loaded in the child
    from carnet.infra.courtesy import step_aside  # noqa: PLC0415 - the same

    step_aside()
    install_keys_alone(settings)


def finish(command: Coroutine[Any, Any, int]) -> int:
    """Carry out a command and return its exit status; what is refused is said in a sentence."""
    try:
        return asyncio.run(command)
    except CarnetError as refused:
        for problem in refused.problems:
            sys.stderr.write(f"{problem.en}\n")
        if isinstance(refused, Unavailable):
            sys.stderr.write(f"{STAYS}\n")
        return 1
    except OSError as refused:  # a full disk, a folder of others: what was committed stays
        where = f"{refused.filename}: " if refused.filename else ""
        why = refused.strerror or type(refused).__name__
        sys.stderr.write(f"{where}{why}. {STAYS}\n")
        return 1


async def import_file(settings: Settings, file: Path, rejects: Path, *, expected: int | None, workers: int) -> int:
    """Import a file; expected: the lines the insurer announced. 1 when there are others."""
    source, context = Source(path=file, rejects=rejects), get_context("spawn")
    start, at = functools.partial(install_keys, settings), clock.now()
    async with operating(settings) as (actor, batch):
        await keep_time(batch=batch, at=at)
        with progress_bar("Import") as step, contextlib.ExitStack() as stack:
            pool = ProcessPoolExecutor(workers, mp_context=context, initializer=start) if workers else None
            if pool is not None:
                stack.enter_context(pool)

            def show(done: Imported) -> None:
                step(done.read, done.size)

            done = await import_beneficiaries(
                actor=actor,
                batch=batch,
                source=source,
                executor=pool,
                deaths=record_reported_death,
                progress=show,
                at=at,
            )
    sys.stdout.write(f"{done.lines} lines: {done.stored} people new or changed, {done.merged} lines merged, ")
    sys.stdout.write(f"{done.rejected} refused" + (f" ({_where(source.rejects)}).\n" if done.rejected else ".\n"))
    if not done.lines:
        sys.stderr.write("The file holds nobody: it may be cut.\n")
        return 1
    if expected is not None and done.lines != expected:
        sys.stderr.write(f"The file holds {done.lines} lines, {expected} were announced: it may be cut.\n")
        return 1
    return 0


def _where(rejects: Path) -> str:
    """Say where the refused lines are listed; of a file read before, somebody may have taken the list away."""
    return f"see {rejects}" if rejects.exists() else f"{rejects} is no longer there: they were listed when it was read"


async def notify(settings: Settings, only: list[str] | None, out: Path, most: int) -> int:
    """Tell people whose day has come (in these départements only), within the quotas; 1: the mail server is gone."""
    if settings.campaign_begins is None:
        sys.stderr.write("No campaign has a first day: set CARNET_CAMPAIGN_BEGINS.\n")
        return 1
    at = clock.now()
    async with operating(settings) as (actor, batch):
        await keep_time(batch=batch, at=at)
        telling = telling_of(settings, out)
        done = await tell_due(
            actor=actor, batch=batch, telling=telling, begins=settings.campaign_begins, only=only, most=most, at=at
        )
    for one, told in done.items():
        left = "; another run is telling people there, the rest is left to it" if told.elsewhere else ""
        sys.stdout.write(f"{one}: {told.emails} e-mails, {told.letters} letters in {len(told.files)} files{left}\n")
    if not done:
        sys.stdout.write("Nobody is to be told today.\n")
    if halted := any(told.halted for told in done.values()):
        sys.stderr.write("The mail server did not answer: run this again once it does.\n")
    return 1 if halted else 0


async def letters(settings: Settings, out: Path) -> int:
    """Write the letters asked for at the desk."""
    at = clock.now()
    async with operating(settings) as (actor, batch):
        await keep_time(batch=batch, at=at)
        told = await send_again(actor=actor, batch=batch, telling=telling_of(settings, out), at=at)
    sys.stdout.write(f"{told.letters} letters in {len(told.files)} files, {told.emails} people told by e-mail too\n")
    return 0


async def bounces(settings: Settings, keys: list[str]) -> int:
    """Note e-mails that came back."""
    at = clock.now()
    async with operating(settings) as (actor, batch):
        await keep_time(batch=batch, at=at)
        taken = await take_bounces(actor=actor, batch=batch, keys=keys, at=at)
    sys.stdout.write(f"{taken} people will get a letter instead.\n")
    return 0


async def open_due(settings: Settings, workers: int, *, clock_is_right: bool) -> int:
    """Open what is due. clock_is_right: the operator says so, however long ago the house ran last."""
    at = clock.now()
    async with operating(settings) as (actor, batch):
        if clock_is_right:
            await confirm_time(actor=actor, batch=batch, at=at)
        await keep_time(batch=batch, at=at)
        opened = await open_due_spaces(actor=actor, batch=batch, workers=workers, at=at)
    sys.stdout.write(f"{opened} spaces opened.\n")
    return 0


async def status(settings: Settings) -> int:
    """Say how many people are in each state."""
    async with operating(settings) as (_, batch), work(space=None, at=clock.now(), database_=batch) as w:
        for state, number in (await waiting(w)).items():
            sys.stdout.write(f"{state}\t{number}\n")
    return 0


@contextlib.asynccontextmanager
async def operating(settings: Settings) -> AsyncIterator[tuple[Actor, Database]]:
    """Connect as the operator; yields who that is and the batch role's database."""
    from carnet.config.connect import connected  # noqa: PLC0415 - each command loads only what it needs
    from carnet.config.operator import batch_database, operator  # noqa: PLC0415
    from carnet.infra.courtesy import step_aside  # noqa: PLC0415

    step_aside()

    async with connected(settings, name="carnet-operator"), batch_database(settings) as batch:
        yield operator(), batch


@contextlib.contextmanager
def progress_bar(title: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar with an estimate, on standard error; yields what moves it (how much is done, of how much)."""
    columns = (TextColumn(title), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, size: progress.update(task, completed=done, total=size)
