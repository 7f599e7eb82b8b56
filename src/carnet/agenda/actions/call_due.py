"""Every hour: which appointments are tomorrow, which reminders are today, by the clock where their person lives?

Each is called by an event of its own; whoever tells marks it, so that a turn that died is made up for by the next, and
two workers tell once. Source: mes.md §2.6 G5, §3.4 (RAPPEL_RDV_USAGER, RAPPEL_AGENDA).
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from carnet.agenda.events import AgendaDue
from carnet.agenda.rules.due import due_between
from carnet.infra.db import Database, system_work, work
from carnet.infra.jobs.outbox import publish
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow

AT_ONCE: Final = 1_000
# ## Entries whose day has begun and that nobody was told of, from one on; dates and ids only ##
_DUE: Final = """
SELECT due_at, space_id, entry_id FROM agenda_entry
WHERE told_at IS NULL AND due_at > %(after)s AND due_at <= %(until)s AND status IS DISTINCT FROM 'cancelled'
  AND (due_at, space_id, entry_id) > (%(due_at)s::timestamptz, %(space)s::uuid, %(entry)s::uuid)
ORDER BY due_at, space_id, entry_id LIMIT %(most)s
"""
_FIRST: Final = UUID(int=0)


async def call_agenda(*, actor: Actor, batch: Database, at: datetime) -> int:
    """Have what is due told; return how many were called. batch: the database as carnet_batch, which reads no word."""
    called, space, entry = 0, _FIRST, _FIRST
    after, until = due_between(at)
    due_at = after
    while True:
        params = {
            "after": after,
            "until": until,
            "due_at": due_at,
            "space": space,
            "entry": entry,
            "most": AT_ONCE,
        }
        async with work(space=None, at=at, database_=batch) as w:
            due = await w.rows(_DUE, params)
            if due:
                details = {"what": "agenda", "called": len(due)}
                await record(w, Act.NOTIFY, allow(Ground.DUTY), actor=actor, details=details)
        async with system_work(at=at) as w:
            for due_at, space, entry in due:
                await publish(w, AgendaDue(space=space, entry=entry, due_at=due_at), patient=True)
        called += len(due)
        if len(due) < AT_ONCE:
            return called
