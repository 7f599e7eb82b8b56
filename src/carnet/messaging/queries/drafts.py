"""What did this reader begin to write? Their own drafts, latest first, opened; nobody else's."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from carnet.access.api import Need, look
from carnet.infra.db.work import Statement
from carnet.infra.vault import SpaceKeys
from carnet.journal.api import Act
from carnet.kernel.actors import Actor
from carnet.kernel.ids import SpaceId
from carnet.messaging.data import Draft
from carnet.messaging.queries.inbox import trace
from carnet.messaging.queries.sealed import open_head, open_letter
from carnet.messaging.queries.shown import OWN_DRAFTS, shown_to
from carnet.messaging.rules.permissions import may_read

MOST: Final = 100
# ## Drafts of new messages, and of answers in conversations this reader knows ##
_DRAFTS: Final = f"""
SELECT m.message_id, m.at, m.letter_enc, c.conversation_id, c.head_enc
{OWN_DRAFTS}
  AND (%(draft)s::uuid IS NULL OR m.message_id = %(draft)s)
ORDER BY m.at DESC LIMIT {MOST}
"""


async def drafts(*, actor: Actor, space: SpaceId, draft: UUID | None = None, at: datetime) -> tuple[Draft, ...]:
    """Return this reader's drafts, latest first, at most MOST; draft: only that one, if it is theirs. Raises Refused.

    The subject of an answer is its conversation's.
    """
    params = shown_to(actor, space=space, at=at) | {"draft": draft}
    seen = await look(actor=actor, space=space, at=at, statements=[Statement(_DRAFTS, params)])
    await trace(seen, may_read(seen.decide(Need.LIST), held=seen.facts.delegation), Act.LIST_MESSAGES)
    return tuple(_draft(row, seen.opened_keys) for row in seen.rows[0])


def _draft(row: tuple[Any, ...], keys: SpaceKeys) -> Draft:
    message, at, sealed, conversation, head = row
    letter = open_letter(sealed, message=message, keys=keys)
    answered = open_head(head, conversation=conversation, keys=keys).subject if conversation else ""
    return Draft(
        draft_id=message,
        at=at,
        text=letter.text,
        conversation=conversation,
        subject=answered if conversation else letter.subject,
        to=letter.to[0].address if letter.to else "",
    )
