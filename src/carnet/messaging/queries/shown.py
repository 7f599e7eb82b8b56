"""Which conversations may this reader know of? One fragment, in every statement that lets words or counts out.

The person knows all of theirs. Whoever acts for them knows none that is kept apart, and, once a minor is old enough to
keep things to themselves, none opened since: nothing in a message says what it is about (decision 0155).
"""

from datetime import datetime
from typing import Final

from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.ids import SpaceId

_UNTIL: Final = """
coalesce((SELECT CASE WHEN g.discreet_from <= %(at)s THEN g.discreet_from ELSE 'infinity' END FROM delegation g
  WHERE g.space_id = %(space)s AND g.delegation_id = %(delegation)s::uuid), '-infinity')
"""
# ## What is said of conversation `c`; needs the parameters of `shown_to` ##
SHOWN: Final = f"(%(own)s::boolean OR (NOT c.apart AND c.opened_at < {_UNTIL}))"
# ## What is said of contact `p` ##
KNOWN: Final = f"(%(own)s::boolean OR coalesce(p.shown_at < {_UNTIL}, false))"


def shown_to(actor: Actor, *, space: SpaceId, at: datetime) -> dict[str, object]:
    """Return the parameters of SHOWN and KNOWN."""
    own = actor.kind is ActorKind.PERSON and actor.space == space
    return {"space": space, "own": own, "delegation": None if own else actor.delegation, "at": at}
