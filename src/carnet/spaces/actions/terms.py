"""The holder says yes to the conditions: to which text, and when, is kept; asked again when the text is another."""

from datetime import datetime

from carnet.infra.db import Work, work
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, Reason, allow, refuse
from carnet.kernel.errors import Conflict, Problem
from carnet.kernel.ids import SpaceId
from carnet.spaces.rules.terms import TERMS

ANOTHER_TEXT = Problem(
    "terms-changed",
    "Les conditions ont changé entre-temps. Relisez-les, puis répondez.",
    "The conditions changed meanwhile. Read them again, then answer.",
)
_ACCEPT = """
UPDATE space SET terms = %(terms)s, terms_at = %(at)s WHERE space_id = %(space)s AND terms IS DISTINCT FROM %(terms)s
"""


async def accept_terms(*, actor: Actor, space: SpaceId, terms: str, at: datetime) -> None:
    """Keep the holder's yes to the text named `terms`; again changes nothing. Raises Refused, Conflict (an old one)."""
    decision = allow(Ground.OWN_SPACE) if actor.space == space and actor.strong else refuse(Reason.OTHER_SPACE)
    if decision.allowed and terms != TERMS:
        raise Conflict(ANOTHER_TEXT)
    async with work(space=space, at=at) as w:
        if decision.allowed:
            await accept_in(w, actor=actor)
        else:
            await record(w, Act.ACCEPT_TERMS, decision, actor=actor)
    decision.raise_if_refused()


async def accept_in(w: Work, *, actor: Actor) -> None:
    """Keep the yes to the text in force. A step of others' acts, in their transaction."""
    if await w.execute(_ACCEPT, {"terms": TERMS, "at": w.at, "space": w.space_id}):
        await record(w, Act.ACCEPT_TERMS, allow(Ground.OWN_SPACE), actor=actor, details={"terms": TERMS})
