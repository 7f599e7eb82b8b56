"""A contact that could not be finished is left open as a ticket of the desk, taken up by any of its agents, and closed.

Whoever takes it up found and recognised the person anew: a ticket leads to nobody by itself. Each step is in the
person's journal. Never opens a key of a space.
"""

from datetime import datetime
from uuid import UUID

from carnet.infra import randomness
from carnet.infra.db import Work, system_work
from carnet.journal.api import Act
from carnet.kernel.actors import Actor
from carnet.kernel.errors import Invalid, NotFound
from carnet.spaces.actions.desk_traces import trace_for
from carnet.spaces.holding import agent_only, held_contact, see_contact
from carnet.spaces.rules.desk import Asker
from carnet.spaces.rules.tickets import (
    DUE_AFTER,
    IN_CONTACT,
    NO_END,
    NO_REASON,
    NO_SCRIPT,
    NOT_DUE,
    Missing,
    TicketEnd,
    left_open,
    told_to,
)

# ## The same request left again is the same ticket, with a new date and nobody on it ##
_LEAVE = """
INSERT INTO desk_ticket (ticket_id, desk, ins_digest, script, reason, left_by, left_at, due_at, by_delegate)
SELECT %(ticket)s, a.desk, %(digest)s, %(script)s, %(reason)s, a.reference, %(at)s, %(due)s, %(delegate)s
FROM agent a WHERE a.reference = %(agent)s
ON CONFLICT (ins_digest, desk, script, by_delegate) WHERE closed_at IS NULL DO UPDATE SET reason = excluded.reason,
  left_by = excluded.left_by, left_at = excluded.left_at, due_at = excluded.due_at, taken_by = NULL, taken_at = NULL
RETURNING ticket_id
"""
_OVER = "UPDATE desk_contact SET ended_at = %s, outcome = 'left-open', script = %s WHERE contact_id = %s"
_TAKE = """
UPDATE desk_ticket t SET taken_by = a.reference, taken_at = %(at)s FROM agent a
WHERE a.reference = %(agent)s AND t.desk = a.desk AND t.ins_digest = %(digest)s AND t.closed_at IS NULL
  AND (t.script = ANY(%(scripts)s) OR t.by_delegate AND %(delegate)s)
RETURNING t.ticket_id
"""
# ## Done is done, whichever desk did it; a contest for the side whose it is ##
_DONE = """
UPDATE desk_ticket SET closed_by = %(agent)s, closed_at = %(at)s, outcome = 'done'
WHERE ins_digest = %(digest)s AND script = %(script)s AND closed_at IS NULL
  AND (script <> 'dispute' OR by_delegate = %(delegate)s) RETURNING ticket_id
"""
_HELD = """
SELECT t.ins_digest, t.due_at, t.script, t.by_delegate FROM desk_ticket t JOIN agent a USING (desk)
WHERE t.ticket_id = %(ticket)s AND a.reference = %(agent)s AND t.closed_at IS NULL FOR UPDATE OF t
"""
_CLOSE = """
UPDATE desk_ticket SET closed_by = %(agent)s, closed_at = %(at)s, outcome = %(outcome)s WHERE ticket_id = %(ticket)s
"""


async def leave_open(*, actor: Actor, contact: UUID, script: str, reason: str, at: datetime) -> UUID:
    """End a contact and leave what it was about to the desk; return the ticket. Raises Invalid (not of the lists),
    NotFound, Refused.

    The identity need not be checked yet: a proof may be what is missing.
    """
    if reason not in set(Missing):
        raise Invalid(NO_REASON)
    _, standing = await see_contact(actor=actor, contact=contact, at=at)
    if script not in left_open(standing.state):
        raise Invalid(NO_SCRIPT)
    async with system_work(at=at) as w:
        held = await held_contact(w, actor=actor, contact=contact)
        row = {
            "ticket": randomness.uuid4(),
            "digest": held.digest,
            "script": script,
            "reason": reason,
            "agent": actor.identifier,
            "at": at,
            "due": at + DUE_AFTER[Missing(reason)],
            "delegate": held.asker is Asker.REPRESENTATIVE,
        }
        left = await w.row(_LEAVE, row)
        if left is None:
            raise NotFound
        await w.execute(_OVER, (at, script, contact))
        told = {"script": script, "reason": reason}
        await trace_for(w, held.digest, Act.DESK_LEFT_OPEN, actor=actor, details=told)
    return UUID(str(left[0]))


async def take_up(w: Work, digest: bytes, *, asker: Asker, actor: Actor) -> None:
    """Note who took up what the desk left open for somebody just recognised. A step of the check."""
    row = {
        "agent": actor.identifier,
        "digest": digest,
        "at": w.at,
        "scripts": list(told_to(asker)),
        "delegate": asker is Asker.REPRESENTATIVE,
    }
    taken = await w.rows(_TAKE, row)
    if taken:
        await trace_for(w, digest, Act.DESK_TAKEN_UP, actor=actor, details={"tickets": len(taken)})


async def close_done(w: Work, digest: bytes, *, script: str, asker: Asker | None, actor: Actor) -> None:
    """Close what was left open and is now done for whoever asks. A step of the deed."""
    by_delegate = asker is Asker.REPRESENTATIVE
    row = {"agent": actor.identifier, "digest": digest, "script": script, "at": w.at, "delegate": by_delegate}
    for _ in await w.rows(_DONE, row):
        told = {"script": script, "outcome": str(TicketEnd.DONE)}
        await trace_for(w, digest, Act.DESK_TICKET_CLOSED, actor=actor, details=told)


async def close_ticket(*, actor: Actor, contact: UUID, ticket: UUID, outcome: str, at: datetime) -> None:
    """Close a ticket of the person of a contact, without doing it. outcome: one of IN_CONTACT.

    Raises Invalid, NotFound (over, another desk's, another person's, not for whoever asks: all alike), Refused
    (identity not checked).
    """
    async with system_work(at=at) as w:
        held = await held_contact(w, actor=actor, contact=contact, checked=True)
        digest, _, script, by_delegate = await _held_ticket(w, ticket, actor)
        theirs = by_delegate and held.asker is Asker.REPRESENTATIVE
        if digest != held.digest or held.asker is None or not (theirs or script in told_to(held.asker)):
            raise NotFound
        if outcome not in IN_CONTACT:
            raise Invalid(NO_END)
        await _close(w, ticket, digest, outcome, actor)


async def close_overdue(*, actor: Actor, ticket: UUID, at: datetime) -> None:
    """Close a ticket whose date is past: the person did not come back. Raises Invalid (not past), NotFound, Refused."""
    agent_only(actor).raise_if_refused()
    async with system_work(at=at) as w:
        digest, due, *_ = await _held_ticket(w, ticket, actor)
        if at < due:
            raise Invalid(NOT_DUE)
        await _close(w, ticket, digest, TicketEnd.NOT_RETURNED, actor)


async def _held_ticket(w: Work, ticket: UUID, actor: Actor) -> tuple[bytes, datetime, str, bool]:
    row = await w.row(_HELD, {"ticket": ticket, "agent": actor.identifier})
    if row is None:
        raise NotFound
    return bytes(row[0]), row[1], row[2], row[3]


async def _close(w: Work, ticket: UUID, digest: bytes, outcome: str, actor: Actor) -> None:
    row = {"agent": actor.identifier, "at": w.at, "outcome": str(outcome), "ticket": ticket}
    await w.execute(_CLOSE, row)
    await trace_for(w, digest, Act.DESK_TICKET_CLOSED, actor=actor, details={"outcome": str(outcome)})
