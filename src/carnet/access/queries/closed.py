"""Since when is this space closed, for a professional whose right ended with the closing? For everybody else: nothing.

Who was never let in, or was kept out, learns no more than that nothing is there (mes.md §3.3: date and motive).
"""

from datetime import datetime

import msgspec

from carnet.infra.db import Work
from carnet.kernel.actors import Actor

# ## The closing that ended a permit of theirs, by name or through their organisation ##
_CLOSED = """
SELECT e.closed_at, e.motive FROM space_ending e JOIN authz a USING (space_id)
WHERE e.space_id = %(space)s AND a.state IN ('CLOSED', 'DELETION_REQUESTED', 'DECEASED')
  AND EXISTS (SELECT FROM authorisation z WHERE z.space_id = %(space)s AND z.effect = 'permit'
    AND z.ended_at = e.closed_at AND (z.ends_at IS NULL OR z.ends_at > e.closed_at)
    AND (z.rpps = %(rpps)s OR z.finess = %(finess)s OR z.shared_finess = %(finess)s))
  AND NOT EXISTS (SELECT FROM authorisation z WHERE z.space_id = %(space)s AND z.effect = 'block'
    AND z.ended_at IS NULL AND (z.rpps = %(rpps)s OR z.finess = %(finess)s))
"""


class ClosedSince(msgspec.Struct, frozen=True):
    """When it was closed, and why: "holder", "death", or a motive of the operator's."""

    closed_at: datetime
    motive: str


async def closed_since(work: Work, *, actor: Actor) -> ClosedSince | None:
    """Return the closing that ended a right of `actor` in the transaction's space; None for anybody else."""
    asked = {"space": work.space_id, "rpps": actor.rpps, "finess": actor.organisation}
    row = await work.row(_CLOSED, asked)
    return ClosedSince(*row) if row else None
