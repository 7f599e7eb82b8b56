"""How many failed proofs one source may send before it has to wait. Successes cost nothing.

In the memory of one process and bounded: whoever spreads over a million addresses makes old buckets be forgotten, not
memory grow. It never locks a client out for everybody (that would let a stranger who knows a client id shut a hospital
out): a bucket belongs to a source, or to a client as seen from a source.
"""

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

import msgspec

_DEBT: Final = 10
"""How many times `burst` a bucket may owe: whoever asks all at once pays for what passed, and not for ever."""


class _Bucket(msgspec.Struct):
    left: float
    at: datetime


class FailureLimits:
    """Token buckets by key: `burst` failures at once, then one more every `every`.

    A failure is counted when it is known, so that questions asked side by side all pass; what they overdrew is owed.
    """

    def __init__(self, *, burst: int = 20, every: timedelta = timedelta(seconds=3), capacity: int = 10_000) -> None:
        self._burst = burst
        self._every = every
        self._capacity = capacity
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def wait(self, *keys: str, at: datetime) -> timedelta | None:
        """Return how long to wait when any of `keys` is exhausted, else None."""
        longest = timedelta()
        for key in keys:
            bucket = self._buckets.get(key)
            if bucket is not None:
                left = self._left(bucket, at)
                if left < 1:
                    longest = max(longest, self._every * (1 - left))
        return longest or None

    def failed(self, *keys: str, at: datetime) -> None:
        """Count one failure against each of `keys`."""
        for key in keys:
            bucket = self._buckets.pop(key, None)
            left = float(self._burst) if bucket is None else self._left(bucket, at)
            self._buckets[key] = _Bucket(max(left - 1, -float(_DEBT * self._burst)), at)
        while len(self._buckets) > self._capacity:
            self._buckets.popitem(last=False)

    def _left(self, bucket: _Bucket, at: datetime) -> float:
        refilled = max((at - bucket.at) / self._every, 0.0)
        return min(float(self._burst), bucket.left + refilled)
