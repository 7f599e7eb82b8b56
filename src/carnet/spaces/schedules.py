"""The campaign's unattended work as schedules for the worker: what, how often, signed by whom."""

import asyncio
import logging
from datetime import date, datetime

from carnet.infra.db import Database
from carnet.infra.jobs.worker import Schedule
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.errors import Conflict
from carnet.spaces.actions.awake import awaken_in_advance
from carnet.spaces.actions.inform import Telling
from carnet.spaces.actions.open_due import open_due_spaces
from carnet.spaces.actions.tell_due import tell_due

IN_ADVANCE = 2_000
"""Sleeping spaces given their keys in one turn: a trickle that never competes with people."""

logger = logging.getLogger(__name__)


def campaign_schedules(*, batch: Database, telling: Telling, begins: date | None) -> tuple[Schedule, ...]:
    """Return the schedules for `run_worker`. batch: an open database as carnet_batch, with patient timeouts.

    telling: how people are told; begins: the first day of the campaign, None when there is none.
    """
    busy = asyncio.Lock()

    async def tell(*, at: datetime) -> None:
        if begins is None or busy.locked():  # a run may last for hours; the next one finds what it left
            return
        async with busy:
            try:
                actor = _signed("tell-due-people")
                done = await tell_due(actor=actor, batch=batch, telling=telling, begins=begins, at=at)
                if any(told.halted for told in done.values()):
                    logger.warning("the mail server does not answer: letters went on, e-mails wait for the next turn")
            except Conflict:
                logger.info("another run is telling people: left to it")

    async def open_due(*, at: datetime) -> None:
        await open_due_spaces(actor=_signed("open-due-spaces"), batch=batch, workers=2, at=at)

    async def awaken_some(*, at: datetime) -> None:
        await awaken_in_advance(actor=_signed("awaken-spaces"), batch=batch, most=IN_ADVANCE, at=at)

    return (
        # through the day in Paris and not at night; what the mail server refused at one hour goes at the next
        Schedule(name="tell-due-people", cron="35 7-17 * * *", run=tell),
        # after midnight in Paris, summer and winter, and again at noon for territories whose clocks are behind
        Schedule(name="open-due-spaces", cron="20 0,2,12 * * *", run=open_due),
        Schedule(name="awaken-spaces", cron="*/5 * * * *", run=awaken_some),
    )


def _signed(job: str) -> Actor:
    return Actor(kind=ActorKind.SYSTEM, identifier=job, name="Carnet", strong=True)
