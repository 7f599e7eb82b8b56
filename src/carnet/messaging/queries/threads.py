"""Which conversation does this message answer? By the Message-IDs it names, and only if its sender is in there."""

from typing import Final
from uuid import UUID

from carnet.infra.db import Work
from carnet.infra.vault import SpaceKeys
from carnet.messaging.data import Letter
from carnet.messaging.queries.sealed import open_head, reference_of

# ## The living conversations that hold one of these messages, latest first ##
_ANSWERED: Final = """
SELECT c.conversation_id, c.head_enc FROM conversation c
WHERE c.space_id = %(space)s AND c.deleted_at IS NULL AND (c.apart OR NOT %(apart)s) AND c.conversation_id IN (
  SELECT m.conversation_id FROM message m WHERE m.space_id = %(space)s AND m.reference = ANY(%(references)s))
ORDER BY c.last_at DESC LIMIT 5
"""


async def conversation_answered(work: Work, letter: Letter, *, apart: bool, keys: SpaceKeys) -> UUID | None:
    """Return the conversation `letter` goes on with, None when it opens one.

    A sender who is not in the conversation opens their own: naming somebody else's Message-ID lets nobody in. What is
    to be apart goes on only with what is: a conversation that vanished would tell those who act for the person.
    """
    named = [one for one in (letter.in_reply_to, *reversed(letter.references)) if one]
    if not named:
        return None
    references = [reference_of(one, keys=keys) for one in dict.fromkeys(named)]
    rows = await work.rows(_ANSWERED, {"space": work.space_id, "references": references, "apart": apart})
    for conversation, sealed in rows:
        head = open_head(sealed, conversation=conversation, keys=keys)
        if any(one.address == letter.sender.address for one in head.people):
            return UUID(str(conversation))
    return None
