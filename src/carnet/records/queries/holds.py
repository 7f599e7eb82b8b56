"""Which results wait to be explained to the person: before which date, by whom. Never what they are.

For whoever already decided that the person may look into their space.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from carnet.infra.db import Work

# ## Holds under way, the soonest first ##
_PENDING = """
SELECT h.hold_id, h.held_by_name, o.name, h.reason, h.opened_at, h.until, h.asked_at, h.due_at
FROM document_hold h LEFT JOIN care_organisation o ON o.finess = h.finess
WHERE h.space_id = %s AND h.released_at IS NULL ORDER BY h.due_at, h.hold_id
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


async def pending_results(w: Work) -> list[PendingResult]:
    """Return the results that wait, the soonest first."""
    return [PendingResult(*row) for row in await w.rows(_PENDING, (w.space_id,))]
