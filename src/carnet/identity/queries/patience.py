"""Failed proofs by who or where they come from, counted in the database: one count for every worker and machine.

Of the source only a keyed digest is kept, until its time is over. Questions asked side by side all pass and are all
counted: whoever overdrew waits from the last one on. What is proved in one transaction is counted in it
(`failures_of`, `count_failure`). Ignored here: what a failure is (whoever proves decides).
"""

from datetime import datetime, timedelta

import msgspec

from carnet.infra.db.work import Statement, Work, rows_of_one
from carnet.infra.installation import current

_WAITS = "SELECT until FROM code_failure WHERE source = %(source)s AND until > %(at)s AND failures >= %(most)s"
# ## One more; the window begins with the first and, once there are too many, again with each ##
_FAILED = """
INSERT INTO code_failure AS f (source, failures, until) VALUES (%(source)s, 1, %(until)s)
ON CONFLICT (source) DO UPDATE SET
  failures = CASE WHEN f.until > %(at)s THEN f.failures + 1 ELSE 1 END,
  until = CASE WHEN f.until > %(at)s AND f.failures < %(most)s THEN f.until ELSE excluded.until END
RETURNING failures
"""
_HELD = "SELECT failures FROM code_failure WHERE source = %s AND until > %s FOR UPDATE"
_NEVER_TOO_MANY = 2**31 - 1


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """How many failures of one kind a source may make. purpose: the kind; most: before it waits; within: the window."""

    purpose: str
    most: int
    within: timedelta

    async def wait(self, source: str, *, at: datetime) -> timedelta | None:
        """Return how long `source` has to wait, None when it need not."""
        rows = await rows_of_one(Statement(_WAITS, self._of(source, at)))
        return rows[0][0] - at if rows else None

    async def failed(self, source: str, *, at: datetime) -> None:
        """Count one failure."""
        await rows_of_one(Statement(_FAILED, self._of(source, at)))

    def _of(self, source: str, at: datetime) -> dict[str, object]:
        digest = current().house_key.digest(self.purpose, source, purpose="patience")
        return {"source": digest, "at": at, "most": self.most, "until": at + self.within}


async def failures_of(w: Work, source: bytes) -> int:
    """Return how many failures of `source` (a keyed digest) count now, held for this transaction."""
    row = await w.row(_HELD, (source, w.at))
    return int(row[0]) if row else 0


async def count_failure(w: Work, source: bytes, *, within: timedelta) -> int:
    """Count one more of `source` in the window that begins with its first, as a step of `w`; return how many now."""
    counted = {"source": source, "at": w.at, "most": _NEVER_TOO_MANY, "until": w.at + within}
    rows = await w.rows(_FAILED, counted)
    return int(rows[0][0])
