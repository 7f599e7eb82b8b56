"""The desk's side of emergencies and disputes: which cases are open, until when; and their outcome. No content.

A case is a number, a professional and dates. Whoever works at the desk is an operator of the house; each list and each
closing is in the security journal, a closing also in the person's.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from carnet.infra.db import Work, system_work, work
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Decision, Ground, Reason, allow, refuse
from carnet.kernel.errors import Invalid, NotFound, Problem
from carnet.kernel.ids import SpaceId
from carnet.spaces.api import is_heard

# ## Open cases, the most urgent first, with the professional's public name ##
_OPEN = """
SELECT c.case_id, c.kind, c.rpps, p.given_name || ' ' || p.family_name, c.finess, c.opened_at, c.due_at
FROM review_case c JOIN professional p USING (rpps)
WHERE c.closed_at IS NULL ORDER BY c.due_at, c.case_id LIMIT %(limit)s
"""
_PLACE = "SELECT place::uuid FROM review_case WHERE case_id = %s AND closed_at IS NULL"
_CLOSE = """
UPDATE review_case SET closed_at = %(at)s, outcome = %(outcome)s, closed_by = %(by)s
WHERE case_id = %(case)s AND closed_at IS NULL
"""
_CLOSE_DISPUTE = """
UPDATE access_dispute SET closed_at = %(at)s, outcome = %(outcome)s
WHERE space_id = %(space)s AND case_id = %(case)s AND closed_at IS NULL
"""
_OWN = "SELECT FROM access_dispute WHERE space_id = %(space)s AND case_id = %(case)s AND NOT by_delegate"
MOST = 200


class Outcome(StrEnum):
    """How a case ends. JUSTIFIED, UNJUSTIFIED: what the review found. RECOGNISED, WITHDRAWN: what the person says."""

    JUSTIFIED = "justified"
    UNJUSTIFIED = "unjustified"
    RECOGNISED = "recognised"
    WITHDRAWN = "withdrawn"


WORD_OF_THE_PERSON = frozenset({Outcome.RECOGNISED, Outcome.WITHDRAWN})
NOT_HEARD = Problem(
    code="person-not-heard",
    fr="C'est à la personne de le dire : ouvrez un contact avec elle, vérifiez son identité, puis répondez.",
    en="It is for the person to say so: begin a contact with them, check their identity, then answer.",
)


class ReviewCase(msgspec.Struct, frozen=True):
    """An open case. kind: "emergency" or "dispute"."""

    case: UUID
    kind: str
    rpps: str
    name: str
    finess: str | None
    opened_at: datetime
    due_at: datetime

    def is_late(self, at: datetime) -> bool:
        """True once the deadline has passed."""
        return at > self.due_at


async def list_cases(*, actor: Actor, at: datetime) -> tuple[ReviewCase, ...]:
    """Return the open cases, the most urgent first. Raises Refused for whoever is not the desk."""
    decision = _desk(actor)
    async with system_work(at=at) as w:
        await record(w, Act.LIST_CASES, decision, actor=actor, details={"kind": "cases"})
        rows = await w.rows(_OPEN, {"limit": MOST}) if decision.allowed else []
    decision.raise_if_refused()
    return tuple(ReviewCase(*row) for row in rows)


async def close_case(*, actor: Actor, case: UUID, outcome: Outcome, at: datetime) -> None:
    """End a case. What the person suspended stays suspended: only they lift it.

    What the person says, an agent writes down in contact with them; of the person's own contest, with nobody in their
    place. Raises NotFound, Refused, Invalid (NOT_HEARD).
    """
    decision = _desk(actor)
    place = await _place(actor, case, decision, at)
    decision.raise_if_refused()
    if place is None:
        raise NotFound
    async with work(space=place, at=at) as w:
        told = outcome in WORD_OF_THE_PERSON and actor.kind is ActorKind.AGENT
        if told and not await is_heard(w, actor=actor, space=place, themselves=await _is_own(w, case)):
            raise Invalid(NOT_HEARD)
        params = {"case": case, "outcome": outcome, "at": at, "by": actor.identifier, "space": place}
        if not await w.execute(_CLOSE, params):
            raise NotFound
        await w.execute(_CLOSE_DISPUTE, params)
        await record(w, Act.CLOSE_CASE, decision, actor=actor, details={"outcome": str(outcome)})


async def _is_own(w: Work, case: UUID) -> bool:
    """Tell whether a case is a contest of the person's own: nobody takes that back in their name."""
    return await w.row(_OWN, {"space": w.space_id, "case": case}) is not None


async def _place(actor: Actor, case: UUID, decision: Decision, at: datetime) -> SpaceId | None:
    async with system_work(at=at) as w:
        await record(w, Act.CLOSE_CASE, decision, actor=actor)
        row = await w.row(_PLACE, (case,)) if decision.allowed else None
    return SpaceId(row[0]) if row is not None else None


def _desk(actor: Actor) -> Decision:
    return allow(Ground.DUTY) if actor.at_desk else refuse(Reason.NOT_A_READER)
