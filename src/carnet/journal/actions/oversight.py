"""Looking for misuse, and closing what was found: both are journalled; the queue holds the rows that made each alert.

Reads the journal of every space as carnet_oversight; run at night. What is found again is the same alert: one that is
open takes the rows that came since; the rows of one that somebody closed do not make another.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from carnet.infra import randomness
from carnet.infra.db import Work
from carnet.infra.db.database import Database
from carnet.infra.db.work import work
from carnet.journal.actions.record import record
from carnet.journal.data import Act
from carnet.journal.rules.misuse import Alert, Places, Row, Thresholds, find_misuse
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow

# ## What professionals did since, and what shows care before; questions about nobody by the id of their entry ##
_ROWS = """
SELECT space_id, seq, at, act, outcome, ground, actor_kind, actor_id, organisation, details ->> 'grantee',
  details ->> 'near', details ->> 'alike', details ->> 'home'
FROM journal_entry
WHERE (at >= %(since)s AND actor_kind = 'professional')
   OR (at >= %(care)s AND act IN ('deposit-document', 'replace-document', 'authorise'))
UNION ALL
SELECT entry_id, 0, at, act, outcome, NULL, actor_kind, actor_id, organisation, NULL, details ->> 'near', NULL, NULL
FROM security_entry
WHERE at >= %(since)s AND actor_kind = 'professional' AND act = 'find-patient'
"""
_ALONE = "LOCK TABLE misuse_alert IN SHARE ROW EXCLUSIVE MODE"
# ## What may be found again: alerts that are open, and those closed since the first row looked at ##
_KNOWN = """
SELECT alert_id, rule, actor_id, places, closed_at IS NOT NULL FROM misuse_alert
WHERE closed_at IS NULL OR closed_at >= %(since)s ORDER BY began_at, alert_id
"""
_KEEP = """
INSERT INTO misuse_alert (alert_id, rule, actor_id, began_at, found_at, places)
VALUES (%(alert)s, %(rule)s, %(actor)s, %(began)s, %(at)s, %(places)s::jsonb)
"""
_ADD = "UPDATE misuse_alert SET places = %(places)s::jsonb WHERE alert_id = %(alert)s"
_OPEN = """
SELECT alert_id, rule, actor_id, began_at, places FROM misuse_alert WHERE closed_at IS NULL ORDER BY began_at, alert_id
"""
_CLOSE = """
UPDATE misuse_alert SET closed_at = %(at)s, closed_by = %(by)s, outcome = %(outcome)s
WHERE alert_id = %(alert)s AND closed_at IS NULL
"""
CARE_DAYS = 365


class OpenAlert(msgspec.Struct, frozen=True):
    """An alert nobody has closed. places: space and row number of each line that made it; 0: a line of the security
    journal, by its id.
    """

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
        await w.execute(_ALONE)
        names = Row.__struct_fields__
        rows = [Row(**dict(zip(names, values, strict=True))) for values in await w.rows(_ROWS, params)]
        judged, waiting = _sorted_out(await w.rows(_KNOWN, params))
        new = 0
        for alert in find_misuse(rows, thresholds=thresholds or Thresholds(), judged=judged):
            new += await _keep(w, alert, waiting.get((alert.rule, alert.actor_id), []))
        details = {"rows": len(rows), "new": new}
        await record(w, Act.LOOK_FOR_MISUSE, allow(Ground.DUTY), actor=actor, details=details)
    return new


_Key = tuple[str, str]


def _sorted_out(known: Sequence[tuple[Any, ...]]) -> tuple[dict[_Key, Places], dict[_Key, list[tuple[UUID, Places]]]]:
    """Return the rows of closed alerts, and the open alerts with theirs, by rule and professional."""
    judged: dict[_Key, Places] = {}
    waiting: dict[_Key, list[tuple[UUID, Places]]] = {}
    for alert, rule, actor, places, closed in known:
        these, key = frozenset((UUID(space), int(seq)) for space, seq in places), (rule, actor)
        if closed:
            judged[key] = judged.get(key, frozenset()) | these
        else:
            waiting.setdefault(key, []).append((alert, these))
    return judged, waiting


async def _keep(w: Work, alert: Alert, waiting: Sequence[tuple[UUID, Places]]) -> bool:
    """Queue an alert, or add its rows to the open one that shares some with it; return whether it is new."""
    same = next(((found, places) for found, places in waiting if places & set(alert.rows)), None)
    if same is None:
        kept = {"alert": randomness.uuid7(), "rule": alert.rule, "actor": alert.actor_id, "began": alert.began_at}
        await w.execute(_KEEP, kept | {"at": w.at, "places": _places(alert.rows)})
    elif not same[1] >= set(alert.rows):
        more = (*(one for one in sorted(same[1]) if one not in alert.rows), *alert.rows)
        await w.execute(_ADD, {"alert": same[0], "places": _places(more)})
    return same is None


def _places(rows: Iterable[tuple[UUID, int]]) -> str:
    return msgspec.json.encode([[space, seq] for space, seq in rows]).decode()


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
