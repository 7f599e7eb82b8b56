"""When a failed event is tried again: soon, then ever more rarely, then not any more.

What was given up stays as a dead letter that the operator sees and may queue again.
"""

import msgspec
from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.jobs import Job

from carnet.infra.jobs.handlers import GiveUp

_SPREAD = 16


class Retrying(msgspec.Struct, frozen=True, kw_only=True):
    """The patience of the worker. attempts: tries in all; first, longest: pauses in seconds (doubling in between).

    The default tries for about 29 hours, so that a night without a mail server loses nothing.
    """

    attempts: int = 40
    first: float = 2.0
    longest: float = 3600.0

    def pause(self, *, attempt: int, job: int = 0) -> float | None:
        """Return the seconds to wait after failure number `attempt` (from 1), None when it was the last.

        Up to half is added by the job's number, so that a thousand jobs that failed together do not return together.
        """
        if attempt >= self.attempts:
            return None
        pause = min(self.first * 2.0 ** min(attempt - 1, 64), self.longest)
        return pause * (1 + (job % _SPREAD) / _SPREAD / 2)


class Patience(BaseRetryStrategy):
    """`Retrying` in procrastinate's terms."""

    def __init__(self, retrying: Retrying) -> None:
        self._retrying = retrying

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if isinstance(exception, GiveUp):
            return None
        pause = self._retrying.pause(attempt=job.attempts + 1, job=job.id or 0)
        return None if pause is None else RetryDecision(retry_in={"milliseconds": int(pause * 1000)})
