"""Events leave through the transaction that made them true: committed together or not at all.

procrastinate's own SQL function is called on our connection, so no second connection and no broker can lose or invent
an event. Which handler hears which event is one table in `config`. Handlers are idempotent: a job may run twice.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from carnet.infra.db import Work

QUEUE = "events"
TASK = "handle_event"
PATIENT_QUEUE = "patient"
"""Events nobody waits for: a worker handles one of them at a time, beside the others, and they never take its place."""

_DEFER = """
SELECT procrastinate_defer_jobs_v1(ARRAY[
  ROW(%(queue)s, %(task)s, 0, NULL, NULL, %(args)s::jsonb, %(when)s::timestamptz
  )::procrastinate_job_to_defer_v1])
"""

DEFER_ALL = """procrastinate_defer_jobs_v1(ARRAY(
  SELECT ROW(%(queue)s, %(task)s, 0, NULL, NULL, jsonb_build_object('event', one), NULL)::procrastinate_job_to_defer_v1
  FROM jsonb_array_elements(%(events)s::jsonb) AS one))"""
"""The same for several events at once, as a part of a statement that does more; its parameters: `deferred`."""


async def publish(
    work: Work, event: msgspec.Struct, *, not_before: datetime | None = None, patient: bool = False
) -> None:
    """Defer `event` (a tagged struct) to the handlers, inside the open transaction.

    not_before: to be heard later. patient: nobody waits for it, and it may take long.
    """
    await work.execute(*deferral(event, not_before=not_before, patient=patient))


def deferral(
    event: msgspec.Struct, *, not_before: datetime | None = None, patient: bool = False
) -> tuple[str, dict[str, Any]]:
    """Return the statement and parameters that defer `event`, for callers who send several statements at once."""
    args = msgspec.json.encode({"event": event}).decode()
    return _DEFER, {
        "queue": PATIENT_QUEUE if patient else QUEUE,
        "task": TASK,
        "args": args,
        "when": not_before,
    }


def deferred(events: Sequence[msgspec.Struct]) -> dict[str, str]:
    """Return the parameters of `DEFER_ALL`."""
    return {"queue": QUEUE, "task": TASK, "events": msgspec.json.encode(events).decode()}
