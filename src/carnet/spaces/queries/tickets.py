"""The tickets of a desk: what is left to do, for whom nobody can tell before the person is found again."""

from datetime import datetime
from uuid import UUID

import msgspec

from carnet.infra.db.work import Statement, rows_in_one_trip
from carnet.spaces.rules.desk import Asker, Script
from carnet.spaces.rules.tickets import told_to

# ## What is left to do at an agent's desk, the most urgent first; of everybody, or of one person ##
_OPEN = """
SELECT t.ticket_id, t.script, t.reason, t.left_by, t.left_at, t.due_at, t.taken_by, t.taken_at
FROM desk_ticket t JOIN agent a USING (desk)
WHERE a.reference = %(agent)s AND a.ended_at IS NULL AND t.closed_at IS NULL
  AND (%(digest)s::bytea IS NULL
    OR t.ins_digest = %(digest)s AND (t.script = ANY(%(scripts)s) OR t.by_delegate AND %(delegate)s))
ORDER BY t.due_at, t.ticket_id LIMIT 200
"""


class DeskTicket(msgspec.Struct, frozen=True):
    """A request left open: no name, no number."""

    ticket: UUID
    script: str
    reason: str
    left_by: str
    left_at: datetime
    due_at: datetime
    taken_by: str | None
    taken_at: datetime | None

    def is_late(self, at: datetime) -> bool:
        """Return whether its date is past."""
        return at >= self.due_at


async def tickets_of_desk(*, agent: str) -> tuple[DeskTicket, ...]:
    """Return what is open at the desk of an agent on duty, at most 200."""
    return await _open(agent, None, (), delegate=False)


async def tickets_of_person(*, agent: str, digest: bytes, asker: Asker) -> tuple[DeskTicket, ...]:
    """Return what is open for one person at the desk of an agent on duty, of what whoever asks may hear of."""
    return await _open(agent, digest, told_to(asker), delegate=asker is Asker.REPRESENTATIVE)


async def _open(
    agent: str, digest: bytes | None, scripts: tuple[Script, ...], *, delegate: bool
) -> tuple[DeskTicket, ...]:
    asked = {"agent": agent, "digest": digest, "scripts": list(scripts), "delegate": delegate}
    (rows,) = await rows_in_one_trip([Statement(_OPEN, asked)], space=None)
    return tuple(DeskTicket(*row) for row in rows)
