"""What deleting a conversation takes away, whoever asks for it: words, names, addresses and files; digests stay.

What had not left yet is taken back: it goes to nobody, and a request counts no more with the practice it was for. Who
deletes knows it, and says so (decision 0220).
"""

from typing import Final
from uuid import UUID

from carnet.infra.db import Work
from carnet.infra.vault import SpaceKeys
from carnet.messaging.actions.blobs import give_up_blobs
from carnet.messaging.actions.spend_request import uncount_request
from carnet.messaging.queries.sealed import open_letter, open_recipient

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
UPDATE outgoing_mail SET address_enc = NULL, note = CASE WHEN state = 'queued' THEN 'withdrawn' ELSE note END,
  state = CASE WHEN state = 'queued' THEN 'failed' ELSE state END
WHERE space_id = %(space)s AND message_id = ANY(%(messages)s)
"""
# ## What has not left: held still, so that it either leaves or is taken back ##
_WAITING: Final = """
SELECT m.message_id, o.number, o.address_enc, m.letter_enc, m.author, m.at
FROM message m JOIN outgoing_mail o USING (space_id, message_id)
WHERE m.space_id = %(space)s AND m.conversation_id = %(conversation)s AND m.letter_enc IS NOT NULL
  AND o.state = 'queued' AND o.address_enc IS NOT NULL
ORDER BY m.message_id, o.number FOR UPDATE OF o
"""


async def take_back(work: Work, conversation: UUID, *, keys: SpaceKeys) -> int:
    """Hold what has not left still, and uncount what it asked; return how many messages that is."""
    waiting = await work.rows(_WAITING, {"space": work.space_id, "conversation": conversation})
    for message, number, address, letter, author, at in waiting:
        if open_letter(letter, message=message, keys=keys).asks:
            to = open_recipient(address, message=message, number=number, keys=keys)
            await uncount_request(work, to.address, author=author, at=at, keys=keys)
    return len({row[0] for row in waiting})


async def forget_messages(work: Work, conversation: UUID) -> None:
    """Forget everything that was said in a conversation; a step of deleting it."""
    params = {"space": work.space_id, "conversation": conversation}
    messages = [row[0] for row in await work.rows(_WORDS, params)]
    named = {"space": work.space_id, "messages": messages}
    blobs = [row[0] for row in await work.rows(_FILES, named)]
    await work.execute(_NO_FILES, named)
    await work.execute(_NO_ADDRESSES, named)
    await give_up_blobs(work, blobs)
