"""Which entries may this reader know of? One fragment, in every statement that lets words or counts out.

The person knows all of theirs. Who represents a minor old enough to keep things to themselves knows what was written
before that age, and what somebody who acts for the minor wrote; what the minor wrote since is theirs (L1111-5 CSP).
"""

from datetime import datetime
from typing import Any, Final

from carnet.kernel.actors import Actor
from carnet.kernel.ids import SpaceId

# ## What is said of entry `e`; needs the parameters of `shown_to` ##
SHOWN: Final = """
(%(own)s::boolean OR e.by_delegation IS NOT NULL OR e.recorded_at < coalesce((
  SELECT CASE WHEN g.discreet_from <= %(at)s THEN g.discreet_from ELSE 'infinity' END FROM delegation g
  WHERE g.space_id = %(space)s AND g.delegation_id = %(delegation)s::uuid), '-infinity'))
"""


def shown_to(actor: Actor, *, space: SpaceId, at: datetime) -> dict[str, Any]:
    """Return the parameters of `SHOWN`."""
    own = actor.space == space
    return {"space": space, "own": own, "delegation": None if own else actor.delegation, "at": at}
