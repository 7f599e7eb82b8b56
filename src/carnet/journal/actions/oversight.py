"""Looking for misuse, and closing what was found: both are journalled; the queue holds the rows that made each alert.

Reads the journal of every space as carnet_oversight; run at night. A rule that finds the same again adds nothing.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from carnet.infra import randomness
from carnet.infra.db.database import Database
from carnet.infra.db.work import work
from carnet.journal.actions.record import record
from carnet.journal.data import Act
from carnet.journal.rules.misuse import Row, Thresholds, find_misuse
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow

# ## What professionals did since, and what shows care before ##
_ROWS = """
SELECT space_id, seq, at, act, outcome, ground, actor_kind, actor_id, organisation, details ->> 'grantee'
FROM journal_entry
WHERE (at >= %(since)s AND actor_kind = 'professional')
   OR (at >= %(care)s AND act IN ('deposit-document', 'replace-document', 'authorise'))
"""
_KEEP = """
INSERT INTO misuse_alert (alert_id, rule, actor_id, began_at, found_at, places)
VALUES (%(alert)s, %(rule)s, %(actor)s, %(began)s, %(at)s, %(places)s::jsonb)
ON CONFLICT (rule, actor_id, began_at) DO NOTHING
"""
_OPEN = """
SELECT alert_id, rule, actor_id, began_at, places FROM misuse_alert WHERE closed_at IS NULL ORDER BY began_at, alert_id
"""
_CLOSE = """
UPDATE misuse_alert SET closed_at = %(at)s, closed_by = %(by)s, outcome = %(outcome)s
WHERE alert_id = %(alert)s AND closed_at IS NULL
"""
CARE_DAYS = 365


class OpenAlert(msgspec.Struct, frozen=True):
    """An alert nobody has closed. places: space and row number of each line that made it."""

    alert_id: UUID
    rule: str
    actor_id: str
    began_at: datetime
    places: list[Any]


async def look_for_misuse(
    *, actor: Actor, oversight: Database, at: datetime, days: int, thresholds: Thresholds | None = None
) -> int:
    """Apply the rules to the last `days` and keep what is new. Return how many alerts are new."""
    params = {"since": at - timedelta(days=days), "care": at - timedelta(days=CARE_DAYS)}
    async with work(space=None, at=at, database_=oversight) as w:
        names = Row.__struct_fields__
        rows = [Row(**dict(zip(names, values, strict=True))) for values in await w.rows(_ROWS, params)]
        new = 0
        for alert in find_misuse(rows, thresholds=thresholds or Thresholds()):
            places = msgspec.json.encode([[space, seq] for space, seq in alert.rows]).decode()
            kept = {"alert": randomness.uuid7(), "rule": alert.rule, "actor": alert.actor_id, "began": alert.began_at}
            new += await w.execute(_KEEP, kept | {"at": at, "places": places})
        details = {"rows": len(rows), "new": new}
        await record(w, Act.LOOK_FOR_MISUSE, allow(Ground.DUTY), actor=actor, details=details)
    return new


async def open_alerts(*, oversight: Database, at: datetime) -> list[OpenAlert]:
    """Return what nobody has closed, oldest first."""
    async with work(space=None, at=at, database_=oversight) as w:
        return [OpenAlert(*row) for row in await w.rows(_OPEN)]


async def close_alert(*, actor: Actor, oversight: Database, alert: UUID, outcome: str, at: datetime) -> bool:
    """Close an alert as justified, misuse or mistaken; return whether it was open."""
    async with work(space=None, at=at, database_=oversight) as w:
        params = {"alert": alert, "outcome": outcome, "by": actor.identifier, "at": at}
        closed = bool(await w.execute(_CLOSE, params))
        details = {"alert": str(alert), "outcome": outcome, "closed": closed}
        await record(w, Act.CLOSE_ALERT, allow(Ground.DUTY), actor=actor, details=details)
    return closed
