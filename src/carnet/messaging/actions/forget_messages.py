"""What deleting a conversation takes away, whoever asks for it: words, names, addresses and files; digests stay."""

from typing import Final
from uuid import UUID

from carnet.infra.db import Work
from carnet.messaging.actions.blobs import give_up_blobs

_WORDS: Final = """
UPDATE message SET letter_enc = NULL WHERE space_id = %(space)s AND conversation_id = %(conversation)s
RETURNING message_id
"""
_FILES: Final = """
SELECT blob_id FROM message_attachment
WHERE space_id = %(space)s AND message_id = ANY(%(messages)s) AND blob_id IS NOT NULL FOR UPDATE
"""
_NO_FILES: Final = """
UPDATE message_attachment SET blob_id = NULL, document_id = NULL, description_enc = NULL
WHERE space_id = %(space)s AND message_id = ANY(%(messages)s)
"""
_NO_ADDRESSES: Final = """
UPDATE outgoing_mail SET address_enc = NULL, state = CASE WHEN state = 'queued' THEN 'failed' ELSE state END
WHERE space_id = %(space)s AND message_id = ANY(%(messages)s)
"""


async def forget_messages(work: Work, conversation: UUID) -> None:
    """Forget everything that was said in a conversation; a step of deleting it."""
    params = {"space": work.space_id, "conversation": conversation}
    messages = [row[0] for row in await work.rows(_WORDS, params)]
    named = {"space": work.space_id, "messages": messages}
    blobs = [row[0] for row in await work.rows(_FILES, named)]
    await work.execute(_NO_FILES, named)
    await work.execute(_NO_ADDRESSES, named)
    await give_up_blobs(work, blobs)
