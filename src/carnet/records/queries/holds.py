"""Which results wait to be explained to the person: before which date, by whom. Never what they are.

For whoever already decided that the person may look into their space. A result the person keeps apart waits unseen by a
simple session.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from carnet.access.api import is_kept_apart
from carnet.infra.db import Work
from carnet.infra.db.work import Rows, Statement
from carnet.kernel.actors import Actor
from carnet.kernel.ids import SpaceId

# ## Holds under way that this session may be told of, the soonest first ##
_PENDING = """
SELECT h.hold_id, h.held_by_name, o.name, h.reason, h.opened_at, h.until, h.asked_at, h.due_at
FROM document_hold h LEFT JOIN care_organisation o ON o.finess = h.finess
WHERE h.space_id = %(space)s AND h.released_at IS NULL AND NOT ({apart}) ORDER BY h.due_at, h.hold_id
"""


class PendingResult(msgspec.Struct, frozen=True):
    """A result that waits. by, organisation: who explains it; due_at: when it is shown at the latest."""

    hold: UUID
    by: str
    organisation: str | None
    reason: str
    opened_at: datetime
    until: datetime
    asked_at: datetime | None
    due_at: datetime


def pending_statement(actor: Actor, *, space: SpaceId, at: datetime) -> Statement:
    """Return the statement of `pending_results`, for pages that send several at once; `to_pending` reads its rows."""
    apart = is_kept_apart(actor, "h.logical_id", at=at)
    return Statement(_PENDING.format(apart=apart.sql), {"space": space} | dict(apart.params or {}))


def to_pending(rows: Rows) -> list[PendingResult]:
    """Return the results of the rows of `pending_statement`."""
    return [PendingResult(*row) for row in rows]


async def pending_results(w: Work, *, actor: Actor) -> list[PendingResult]:
    """Return the results that wait and `actor` may be told of, the soonest first."""
    statement = pending_statement(actor, space=w.space_id, at=w.at)
    return to_pending(await w.rows(statement.sql, statement.params))
