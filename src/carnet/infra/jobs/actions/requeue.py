"""The operator mended what was broken: a dead letter goes back to the queue with all its attempts."""

from carnet.infra.db import Work
from carnet.infra.jobs.outbox import TASK

_REQUEUE = """
UPDATE procrastinate_jobs SET status = 'todo', attempts = 0, scheduled_at = NULL
WHERE id = %(job)s AND status = 'failed' AND task_name = %(task)s
"""


async def requeue(work: Work, job: int) -> bool:
    """Queue the dead letter `job` again; return False when there is no such dead letter. The caller journals."""
    return bool(await work.execute(_REQUEUE, {"job": job, "task": TASK}))
