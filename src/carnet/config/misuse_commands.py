"""The data-protection officer's queue on the command line: look, list, close; each under the name of who did it."""

import contextlib
import sys
from collections.abc import AsyncIterator
from uuid import UUID

from carnet.config.operator import operator
from carnet.config.settings import Settings
from carnet.infra import clock
from carnet.infra.db.database import Database, patient_database
from carnet.journal.api import EXPLAINED, close_alert, look_for_misuse, open_alerts


async def look_command(settings: Settings, *, days: int) -> None:
    """Apply the misuse rules to the last days."""
    async with oversight_database(settings) as database:
        new = await look_for_misuse(actor=operator(), oversight=database, at=clock.now(), days=days)
    sys.stdout.write(f"{new} new alerts.\n")


async def list_command(settings: Settings) -> None:
    """List the open alerts: rule, professional, since when, and the rows that made each."""
    async with oversight_database(settings) as database:
        alerts = await open_alerts(oversight=database, at=clock.now())
    for one in alerts:
        began = one.began_at.isoformat(timespec="seconds")
        sys.stdout.write(f"{one.alert_id}\t{one.rule}\t{one.actor_id}\t{began}\t{len(one.places)} rows\n")
        sys.stdout.write(f"  {EXPLAINED.get(one.rule, '')}\n")
        for space, seq in one.places[:20]:
            sys.stdout.write(f"  {space}:{seq}\n" if seq else f"  security journal, {space}\n")
    sys.stdout.write(f"{len(alerts)} open alerts.\n")


async def close_command(settings: Settings, *, alert: UUID, outcome: str) -> bool:
    """Close an alert; return whether it was open."""
    async with oversight_database(settings) as database:
        closed = await close_alert(actor=operator(), oversight=database, alert=alert, outcome=outcome, at=clock.now())
    sys.stdout.write("Closed.\n" if closed else "There is no such open alert.\n")
    return closed


@contextlib.asynccontextmanager
async def oversight_database(settings: Settings) -> AsyncIterator[Database]:
    """Open the database as carnet_oversight, with patience."""
    async with patient_database(settings.oversight_url) as database:
        yield database
