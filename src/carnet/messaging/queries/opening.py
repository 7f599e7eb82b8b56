"""From rows to messages: the columns every reading asks for, and their opening. Decides nothing."""

from collections.abc import Iterable
from typing import Any, Final

from carnet.infra.vault import SpaceKeys
from carnet.messaging.data import Attachment, ConversationLine, Delivery, Message, MessageState, Place
from carnet.messaging.queries.sealed import open_description, open_head, open_letter, open_recipient

LINE: Final = """
c.conversation_id, c.head_enc, c.last_at, c.messages, c.unread, c.ended_at IS NOT NULL,
EXISTS (SELECT FROM message r WHERE r.space_id = c.space_id AND r.conversation_id = c.conversation_id
  AND r.state = 'draft' AND r.letter_enc IS NOT NULL AND r.author IS NOT DISTINCT FROM %(delegation)s::uuid),
c.place, c.apart
"""
# ## The messages of one conversation, oldest first; of drafts, the reader's own ##
MESSAGES: Final = """
SELECT message_id, conversation_id, at, state, read_at, letter_enc, author FROM message
WHERE space_id = %(space)s AND conversation_id = %(conversation)s AND letter_enc IS NOT NULL
  AND (state <> 'draft' OR author IS NOT DISTINCT FROM %(delegation)s::uuid) ORDER BY at, message_id
"""
ATTACHMENTS: Final = """
SELECT a.message_id, a.number, a.size, a.blob_id, a.document_id, a.saved_as, a.description_enc
FROM message_attachment a JOIN message m USING (space_id, message_id)
WHERE a.space_id = %(space)s AND m.conversation_id = %(conversation)s AND a.description_enc IS NOT NULL
ORDER BY a.message_id, a.number
"""
DELIVERIES: Final = """
SELECT o.message_id, o.number, o.state, o.note, o.tries, o.changed_at, o.not_before, o.address_enc
FROM outgoing_mail o JOIN message m USING (space_id, message_id)
WHERE o.space_id = %(space)s AND m.conversation_id = %(conversation)s AND o.address_enc IS NOT NULL
ORDER BY o.message_id, o.number
"""


def to_line(row: tuple[Any, ...], *, keys: SpaceKeys) -> ConversationLine:
    """Return the line of a row of LINE."""
    conversation, head, last_at, messages, unread, ended, draft, place, apart = row
    return ConversationLine(
        conversation_id=conversation,
        head=open_head(head, conversation=conversation, keys=keys),
        last_at=last_at,
        messages=messages,
        unread=unread,
        ended=ended,
        draft=draft,
        place=Place(place),
        apart=apart,
    )


def to_messages(
    rows: Iterable[tuple[Any, ...]],
    attachments: Iterable[tuple[Any, ...]],
    deliveries: Iterable[tuple[Any, ...]],
    *,
    keys: SpaceKeys,
) -> tuple[Message, ...]:
    """Return the messages of rows of MESSAGES, ATTACHMENTS and DELIVERIES."""
    files: dict[object, list[Attachment]] = {}
    for message, number, size, blob, document, saved, sealed in attachments:
        files.setdefault(message, []).append(
            Attachment(
                number=number,
                size=size,
                blob=blob,
                document=document,
                saved_as=saved,
                description=open_description(sealed, message=message, number=number, keys=keys),
            )
        )
    ways: dict[object, list[Delivery]] = {}
    for message, number, state, note, tries, changed_at, not_before, sealed in deliveries:
        address = open_recipient(sealed, message=message, number=number, keys=keys)
        ways.setdefault(message, []).append(
            Delivery(
                number=number,
                address=address,
                state=state,
                note=note,
                tries=tries,
                changed_at=changed_at,
                not_before=not_before,
            )
        )
    return tuple(
        Message(
            message_id=message,
            conversation_id=conversation,
            at=at,
            state=MessageState(state),
            read_at=read_at,
            letter=open_letter(sealed, message=message, keys=keys),
            attachments=tuple(files.get(message, ())),
            deliveries=tuple(ways.get(message, ())),
            author=author,
        )
        for message, conversation, at, state, read_at, sealed, author in rows
    )
