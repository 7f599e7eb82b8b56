"""Whom only one conversation made known is forgotten by those who act for the person. A step of keeping it apart.

Whoever wrote elsewhere too stays known, since they wrote there. Senders are sealed, so letters are opened: this is done
once in the life of a conversation.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from carnet.infra.db import Work
from carnet.infra.vault import SpaceKeys
from carnet.messaging.queries.sealed import contact_digest, open_head, open_letter

_LETTERS: Final = """
SELECT message_id, at, letter_enc FROM message WHERE space_id = %(space)s AND conversation_id = ANY(%(conversations)s)
  AND state = 'received' AND letter_enc IS NOT NULL ORDER BY at DESC
"""
# ## The conversations that are not apart, to find those where the same people are ##
_OTHERS: Final = """
SELECT conversation_id, head_enc FROM conversation WHERE space_id = %(space)s AND NOT apart AND deleted_at IS NULL
"""
_SHOWN_SINCE: Final = """
UPDATE mail_contact SET
  shown_at = CASE WHEN %(since)s::timestamptz IS NOT NULL THEN greatest(shown_at, %(since)s::timestamptz) END,
  shown_ended_at = CASE WHEN %(since)s::timestamptz IS NOT NULL THEN shown_ended_at END
WHERE space_id = %(space)s AND contact_digest = %(digest)s AND shown_at IS NOT NULL
"""


async def hide_contacts(work: Work, conversation: UUID, *, keys: SpaceKeys) -> None:
    """Let those who act for the person know who wrote in `conversation`, apart by now, only from elsewhere."""
    wrote = await _first_letters(work, [conversation], keys)
    others = [
        one
        for one, sealed in await work.rows(_OTHERS, {"space": work.space_id})
        if any(who.address in wrote for who in open_head(sealed, conversation=one, keys=keys).people)
    ]
    elsewhere = await _first_letters(work, others, keys)
    for address in wrote:
        digest = contact_digest(address, keys=keys)
        params = {"space": work.space_id, "digest": digest, "since": elsewhere.get(address)}
        await work.execute(_SHOWN_SINCE, params)


async def _first_letters(work: Work, conversations: Sequence[UUID], keys: SpaceKeys) -> dict[str, datetime]:
    """Return when each sender first wrote in these, by address."""
    rows = await work.rows(_LETTERS, {"space": work.space_id, "conversations": list(conversations)})
    return {open_letter(sealed, message=message, keys=keys).sender.address: at for message, at, sealed in rows}
