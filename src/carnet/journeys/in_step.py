"""Schedules whose work cannot be undone do nothing while the clock is far ahead of the last time the house ran."""

import logging
from collections.abc import Iterable
from datetime import datetime

import msgspec

from carnet.infra.db import Database
from carnet.infra.jobs.worker import Schedule
from carnet.journal.api import keep_time
from carnet.kernel.errors import Refused

logger = logging.getLogger(__name__)


def in_step(schedules: Iterable[Schedule], *, batch: Database) -> tuple[Schedule, ...]:
    """Return the same schedules, each of which asks the clock first and says in the log that it did nothing."""
    return tuple(_guarded(one, batch) for one in schedules)


def _guarded(schedule: Schedule, batch: Database) -> Schedule:
    async def run(*, at: datetime) -> None:
        try:
            await keep_time(batch=batch, at=at)
        except Refused as refused:
            logger.error("%s: %s", schedule.name, refused.problems[0].en)  # noqa: TRY400 - no traceback: a sentence
        else:
            await schedule.run(at=at)

    return msgspec.structs.replace(schedule, run=run)
