"""What does this professional hold in this space? The lines that name them, as their software reads them back.

Only their own: who else the person let in is nobody's business. A line that ended is shown as ended, with its dates.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from carnet.access.data import NO_SPACE, Need
from carnet.access.gate import look
from carnet.infra.db.work import Statement
from carnet.journal.api import Act, Trace, record_durably
from carnet.kernel.actors import Actor
from carnet.kernel.ids import SpaceId

# ## Lines that let this professional in by name, newest first ##
_MINE = """
SELECT z.authorisation_id, z.starts_at, z.ends_at, z.ended_at, num_nonnulls(z.shared_finess, z.shared_team) > 0,
  z.origin = 'person', z.secret
FROM authorisation z WHERE z.space_id = %(space)s AND z.rpps = %(rpps)s AND z.effect = 'permit'
ORDER BY z.starts_at DESC, z.authorisation_id
"""


class OwnConsent(msgspec.Struct, frozen=True):
    """A line that names the professional. shared: their care team inherits it; by_person: not recorded by them;
    secret: a minor keeps it from whoever acts for them.
    """

    authorisation_id: UUID
    starts_at: datetime
    ends_at: datetime | None
    ended_at: datetime | None
    shared: bool
    by_person: bool
    secret: bool

    def in_force(self, at: datetime) -> bool:
        """True when it applies at `at`."""
        return self.ended_at is None and self.starts_at <= at and (self.ends_at is None or at < self.ends_at)


async def own_consents(*, actor: Actor, space: SpaceId, at: datetime) -> tuple[OwnConsent, ...]:
    """Return the lines of `actor`, ended ones included; the question is journalled. Raises Refused (blocked, closed).

    Two round trips. Source: DMP TD0.3 (authorisation of the professional), mes.md P1.
    """
    statement = Statement(_MINE, {"space": space, "rpps": actor.rpps})
    seen = await look(actor=actor, space=space, at=at, statements=[statement])
    decision = seen.decide(Need.RECORD_CONSENT)
    if seen.facts.state != NO_SPACE:
        details = {"what": "own-consents"}
        trace = Trace(act=Act.FIND_PATIENT, actor=actor, decision=decision, at=at, space=space, details=details)
        await record_durably(trace)
    decision.raise_if_refused()
    return tuple(OwnConsent(*row) for row in seen.rows[0])
