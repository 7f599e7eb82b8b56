"""What an operator does with mail that was set aside: see why, try it again or give it up; never what it says."""

import sys
from datetime import datetime
from typing import Protocol
from uuid import UUID

from carnet.config.connect import connected
from carnet.config.operator import batch_database, operator
from carnet.config.settings import Settings
from carnet.infra import clock
from carnet.kernel.actors import Actor
from carnet.kernel.errors import NotFound
from carnet.kernel.ids import SpaceId
from carnet.messaging.api import drop_mail, quarantined, replay_mail


async def list_command(settings: Settings) -> None:
    """List what waits: when, from which operator and domain, how large, why, and the ids to replay it by."""
    async with batch_database(settings) as batch:
        waiting = await quarantined(batch=batch, at=clock.now())
    for one in waiting:
        when = one.received_at.isoformat(timespec="seconds")
        space = f"--space {one.space} " if one.space else ""
        about = f"{one.peer}\t{one.sender_domain or '(report)'}\t{one.size} bytes\t{one.reason}"
        sys.stdout.write(f"{when}\t{about}\t{space}--mail {one.mail}\n")
    sys.stdout.write(f"{len(waiting)} waiting.\n")


async def replay_command(settings: Settings, *, mail: UUID, space: UUID | None) -> bool:
    """Have one tried again; return whether it was there."""
    return await _done(settings, replay_mail, mail=mail, space=space, said="It is on its way again.")


async def drop_command(settings: Settings, *, mail: UUID, space: UUID | None) -> bool:
    """Give one up for good; return whether it was there."""
    return await _done(settings, drop_mail, mail=mail, space=space, said="It is gone.")


class _Act(Protocol):
    async def __call__(self, *, actor: Actor, space: SpaceId | None, mail: UUID, at: datetime) -> None: ...


async def _done(settings: Settings, act: _Act, *, mail: UUID, space: UUID | None, said: str) -> bool:
    async with connected(settings, name="carnet-quarantine"):
        try:
            await act(actor=operator(), space=SpaceId(space) if space else None, mail=mail, at=clock.now())
        except NotFound:
            sys.stdout.write("There is no such mail waiting.\n")
            return False
    sys.stdout.write(f"{said}\n")
    return True
