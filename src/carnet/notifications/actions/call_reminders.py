"""Every day: whose delegation ends soon? Both sides are told, once each, by a job of their own.

Majority is such an end too: parents and child hear of it before. The row is marked by whoever tells, so that a turn
that died is made up for by the next.
"""

from datetime import datetime, timedelta
from uuid import UUID

from carnet.access.api import ENDING, DelegationChanged
from carnet.infra.db import Database, system_work, work
from carnet.infra.installation import current
from carnet.infra.jobs.outbox import publish
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow

AT_ONCE = 1_000
# ## Delegations in force that end before a time and were not told of, from one on; dates and ids only ##
_DUE = """
SELECT space_id, delegation_id FROM delegation
WHERE ended_at IS NULL AND accepted_at IS NOT NULL AND reminded_at IS NULL AND ends_at <= %(before)s
  AND ends_at > %(at)s AND (space_id, delegation_id) > (%(space)s, %(delegation)s)
ORDER BY space_id, delegation_id LIMIT %(most)s
"""
_FIRST = UUID(int=0)


async def call_reminders(*, actor: Actor, batch: Database, at: datetime) -> int:
    """Have both sides of what ends soon told; return how many. Called twice, nobody is told twice.

    batch: the database as carnet_batch, which sees of delegations no person.
    """
    called, space, delegation = 0, _FIRST, _FIRST
    before = at + timedelta(days=current().limits.family.reminder_days)
    while True:
        params = {"before": before, "at": at, "space": space, "delegation": delegation, "most": AT_ONCE}
        async with work(space=None, at=at, database_=batch) as w:
            due = await w.rows(_DUE, params)
            if due:
                details = {"what": ENDING, "called": len(due)}
                await record(w, Act.NOTIFY, allow(Ground.DUTY), actor=actor, details=details)
        async with system_work(at=at) as w:
            for space, delegation in due:
                await publish(w, DelegationChanged(space=space, delegation=delegation, what=ENDING), patient=True)
        called += len(due)
        if len(due) < AT_ONCE:
            return called
