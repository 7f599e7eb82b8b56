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
# ## This reader's drafts `m`: of new messages, and in conversations `c` they know ##
OWN_DRAFTS: Final = f"""
FROM message m LEFT JOIN conversation c ON c.space_id = m.space_id AND c.conversation_id = m.conversation_id
WHERE m.space_id = %(space)s AND m.state = 'draft' AND m.letter_enc IS NOT NULL
  AND m.author IS NOT DISTINCT FROM %(delegation)s::uuid
  AND (c.conversation_id IS NULL OR (c.deleted_at IS NULL AND {SHOWN}))
"""
# ## What is said of contact `p` ##
KNOWN: Final = f"(%(own)s::boolean OR coalesce(p.shown_at < {_UNTIL}, false))"
# ## When contact `p` last wrote and whether they ended the exchange, as far as this reader may know ##
LAST_WROTE: Final = "CASE WHEN %(own)s::boolean THEN p.last_at ELSE p.shown_at END"
HAS_ENDED: Final = "(CASE WHEN %(own)s::boolean THEN p.ended_at ELSE p.shown_ended_at END IS NOT NULL)"


def shown_to(actor: Actor, *, space: SpaceId, at: datetime) -> dict[str, object]:
    """Return the parameters of the fragments above."""
    own = actor.kind is ActorKind.PERSON and actor.space == space
    return {"space": space, "own": own, "delegation": None if own else actor.delegation, "at": at}
