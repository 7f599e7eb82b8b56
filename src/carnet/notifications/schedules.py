"""What notifications do at fixed times, as schedules for the worker."""

from datetime import datetime

from carnet.agenda.api import call_agenda
from carnet.infra.db import Database
from carnet.infra.jobs.worker import Schedule
from carnet.notifications.actions.call_reminders import call_reminders
from carnet.notifications.actions.email_digest import call_digests
from carnet.notifications.data import NOTIFIER


def notice_schedules(*, batch: Database) -> tuple[Schedule, ...]:
    """Return the schedules for `run_worker`. batch: an open database as carnet_batch."""

    async def digests(*, at: datetime) -> None:
        await call_digests(actor=NOTIFIER, batch=batch, at=at)

    async def reminders(*, at: datetime) -> None:
        await call_reminders(actor=NOTIFIER, batch=batch, at=at)

    async def agendas(*, at: datetime) -> None:
        await call_agenda(actor=NOTIFIER, batch=batch, at=at)

    # in the morning in Paris; a turn that was missed is made up for the next day
    return (
        Schedule(name="weekly-digests", cron="10 6 * * *", run=digests),
        Schedule(name="delegation-reminders", cron="25 6 * * *", run=reminders),
        Schedule(name="agendas", cron="3 * * * *", run=agendas),  # every hour: it is morning somewhere overseas
    )
