"""The campaign's unattended work as schedules for the worker: what, how often, signed by whom."""

from datetime import datetime

from carnet.infra.db import Database
from carnet.infra.jobs.worker import Schedule
from carnet.kernel.actors import Actor, ActorKind
from carnet.spaces.actions.awake import awaken_in_advance
from carnet.spaces.actions.open_due import open_due_spaces

IN_ADVANCE = 2_000
"""Sleeping spaces given their keys in one turn: a trickle that never competes with people."""


def campaign_schedules(*, batch: Database) -> tuple[Schedule, ...]:
    """Return the schedules for `run_worker`. batch: an open database as carnet_batch, with patient timeouts."""

    async def open_due(*, at: datetime) -> None:
        await open_due_spaces(actor=_signed("open-due-spaces"), batch=batch, workers=2, at=at)

    async def awaken_some(*, at: datetime) -> None:
        await awaken_in_advance(actor=_signed("awaken-spaces"), batch=batch, most=IN_ADVANCE, at=at)

    return (
        # after midnight in Paris, summer and winter, and again at noon for territories whose clocks are behind
        Schedule(name="open-due-spaces", cron="20 0,2,12 * * *", run=open_due),
        Schedule(name="awaken-spaces", cron="*/5 * * * *", run=awaken_some),
    )


def _signed(job: str) -> Actor:
    return Actor(kind=ActorKind.SYSTEM, identifier=job, name="Carnet", strong=True)
