"""The unattended work as schedules for the worker: what, how often, signed by whom."""

import asyncio
from datetime import datetime, timedelta

from carnet.design.language import Language
from carnet.infra.db import Database
from carnet.infra.jobs.worker import Schedule
from carnet.journeys.actions.collect_orphans import PATIENCE, collect_orphans
from carnet.journeys.actions.count_indicators import count_indicators
from carnet.journeys.actions.erase_spaces import carry_out_due
from carnet.journeys.actions.export_data import expire_exports, make_exports
from carnet.journeys.actions.purge_expired import purge_expired
from carnet.journeys.copy_archive import JournalOf
from carnet.journeys.erasure_list import ErasureList
from carnet.kernel.actors import Actor, ActorKind
from carnet.messaging.api import empty_bins, end_forgotten
from carnet.records.api import release_due


def upkeep_schedules(
    *, batch: Database, listed: ErasureList, orphans_older_than: timedelta = PATIENCE
) -> tuple[Schedule, ...]:
    """Return the schedules for `run_worker`. batch: an open database as carnet_batch, with patient timeouts.

    listed: where erasures are noted outside the database.
    """

    async def purge(*, at: datetime) -> None:
        await purge_expired(actor=_signed("purge-expired"), batch=batch, at=at)
        await end_forgotten(actor=_signed("end-forgotten"), at=at)

    async def collect(*, at: datetime) -> None:
        actor = _signed("collect-orphans")
        await collect_orphans(actor=actor, batch=batch, older_than=orphans_older_than, at=at)

    async def release(*, at: datetime) -> None:
        await release_due(actor=_signed("release-due"), batch=batch, at=at)

    async def expire(*, at: datetime) -> None:
        await expire_exports(actor=_signed("expire-exports"), batch=batch, at=at)

    async def leave(*, at: datetime) -> None:
        await carry_out_due(actor=_signed("carry-out-due"), batch=batch, listed=listed, at=at)

    async def empty(*, at: datetime) -> None:
        await empty_bins(actor=_signed("empty-bins"), batch=batch, at=at)

    async def count(*, at: datetime) -> None:
        await count_indicators(actor=_signed("count-indicators"), batch=batch, at=at)

    return (
        Schedule(name="expire-exports", cron="50 * * * *", run=expire),
        Schedule(name="empty-bins", cron="25 * * * *", run=empty),
        Schedule(name="count-indicators", cron="40 3 * * *", run=count),
        # several times a day: a delay ends at its hour, and people overseas have other ones
        Schedule(name="carry-out-due", cron="40 * * * *", run=leave),
        Schedule(name="release-due", cron="*/15 * * * *", run=release),
        Schedule(name="purge-expired", cron="*/10 * * * *", run=purge),
        Schedule(name="collect-orphans", cron="17 * * * *", run=collect),
    )


def export_schedules(*, batch: Database, languages: tuple[Language, ...], journal: JournalOf) -> tuple[Schedule, ...]:
    """Return the schedule that makes the copies people asked for. A worker makes one at a time, however long it takes:
    the turns that come meanwhile find it busy and leave it alone.
    """
    busy = asyncio.Lock()

    async def make(*, at: datetime) -> None:
        if not busy.locked():
            async with busy:
                actor = _signed("make-exports")
                await make_exports(actor=actor, batch=batch, languages=languages, journal=journal, at=at)

    return (Schedule(name="make-exports", cron="* * * * * */10", run=make),)


def _signed(job: str) -> Actor:
    return Actor(kind=ActorKind.SYSTEM, identifier=job, name="Carnet", strong=True)
