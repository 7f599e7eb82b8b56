"""An appointment is cancelled (it stays, said to be so), or an entry deleted (nothing of it is left but the trace)."""

from datetime import datetime
from typing import Final
from uuid import UUID

from carnet.access.api import Need, look_in
from carnet.agenda.data import Kind
from carnet.agenda.queries.holding import hold
from carnet.infra.db import work
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Reason, refuse
from carnet.kernel.errors import NotFound
from carnet.kernel.ids import SpaceId

DELETE: Final = {Kind.APPOINTMENT: Act.DELETE_APPOINTMENT, Kind.REMINDER: Act.DELETE_REMINDER}
_CANCEL: Final = """
UPDATE agenda_entry SET status = 'cancelled', changed_at = %(at)s WHERE space_id = %(space)s AND entry_id = %(entry)s
"""
_DELETE: Final = "DELETE FROM agenda_entry WHERE space_id = %(space)s AND entry_id = %(entry)s"


async def cancel_appointment(*, actor: Actor, space: SpaceId, entry: UUID, at: datetime) -> None:
    """Say that an appointment will not be. Raises Refused, NotFound (a reminder, too: it is deleted)."""
    async with work(space=space, at=at) as w:
        seen = await look_in(w, actor=actor)
        decision = seen.decide(Need.WRITE_AGENDA)
        there = await hold(w, actor=actor, entry=entry, keys=seen.opened_keys) if decision.allowed else None
        found = there if there is not None and there.kind is Kind.APPOINTMENT else None
        if found is not None:
            await w.execute(_CANCEL, {"space": space, "entry": entry, "at": at})
        told = decision if found or not decision.allowed else refuse(Reason.HIDDEN)
        await record(w, Act.CANCEL_APPOINTMENT, told, actor=actor)
    decision.raise_if_refused()
    if found is None:
        raise NotFound


async def delete_entry(*, actor: Actor, space: SpaceId, entry: UUID, at: datetime) -> None:
    """Delete an entry for good. Raises Refused, NotFound."""
    async with work(space=space, at=at) as w:
        seen = await look_in(w, actor=actor)
        decision = seen.decide(Need.WRITE_AGENDA)
        found = await hold(w, actor=actor, entry=entry, keys=seen.opened_keys) if decision.allowed else None
        if found is not None:
            await w.execute(_DELETE, {"space": space, "entry": entry})
        told = decision if found or not decision.allowed else refuse(Reason.HIDDEN)
        await record(w, DELETE[found.kind if found else Kind.APPOINTMENT], told, actor=actor)
    decision.raise_if_refused()
    if found is None:
        raise NotFound
