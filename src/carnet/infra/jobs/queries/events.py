"""Which events wait, and which were given up? For the operator: kinds and numbers, never whose."""

from datetime import datetime

import msgspec

from carnet.infra.db import Work
from carnet.infra.jobs.outbox import TASK


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """An event no handler could deal with. job: its number, for `requeue` and the logs; event: its type."""

    job: int
    event: str
    attempts: int
    failed_at: datetime | None


# ## Failed events, oldest first ##
_DEAD = """
SELECT j.id, j.args -> 'event' ->> 'type', j.attempts,
       (SELECT max(e.at) FROM procrastinate_events e WHERE e.job_id = j.id)
FROM procrastinate_jobs j WHERE j.status = 'failed' AND j.task_name = %(task)s
ORDER BY j.id LIMIT %(limit)s
"""
# ## Does an event wait that nobody tried yet? (those to be tried again later have their time) ##
WAITING = """
SELECT EXISTS (SELECT FROM procrastinate_jobs
               WHERE status = 'todo' AND task_name = %(task)s AND scheduled_at IS NULL) AS waiting
"""
# ## What waits, works and failed, by kind ##
_COUNTS = """
SELECT status::text, count(*) FROM procrastinate_jobs WHERE task_name = %(task)s GROUP BY status ORDER BY status
"""


async def dead_letters(work: Work, *, limit: int = 100) -> list[DeadLetter]:
    """Return at most `limit` dead letters, oldest first."""
    names = DeadLetter.__struct_fields__
    rows = await work.rows(_DEAD, {"task": TASK, "limit": limit})
    return [DeadLetter(**dict(zip(names, row, strict=True))) for row in rows]


async def event_counts(work: Work) -> dict[str, int]:
    """Return how many events there are by status ("todo", "doing", "failed"); handled ones are gone."""
    return dict(await work.rows(_COUNTS, {"task": TASK}))
