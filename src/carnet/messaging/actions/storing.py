"""Steps every new message shares: its row, its conversation, what travels with it, whom the person knows from it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from carnet.infra import randomness
from carnet.infra.db import Work
from carnet.infra.installation import current
from carnet.infra.vault import SpaceKeys
from carnet.messaging.data import Address, Description, Head, Letter, MessageState
from carnet.messaging.queries.sealed import (
    contact_digest,
    open_head,
    reference_of,
    seal_contact,
    seal_description,
    seal_head,
    seal_letter,
)
from carnet.messaging.rules.letters import head_of

_MESSAGE: Final = """
INSERT INTO message (space_id, message_id, conversation_id, at, state, once, reference, letter_enc, author)
VALUES (%(space)s, %(message)s, %(conversation)s, %(at)s, %(state)s, %(once)s, %(reference)s, %(letter)s, %(author)s)
ON CONFLICT (space_id, once) DO NOTHING
"""
_ATTACHMENT: Final = """
INSERT INTO message_attachment (space_id, message_id, number, size, blob_id, document_id, description_enc)
VALUES (%(space)s, %(message)s, %(number)s, %(size)s, %(blob)s, %(document)s, %(description)s)
"""
# ## Whether conversation `c` is kept from who acts for the person, and whether somebody may not know it for its date ##
_WHERE: Final = """
c.apart, EXISTS (SELECT FROM delegation g WHERE g.space_id = c.space_id AND g.ended_at IS NULL AND g.ends_at > %(at)s
  AND g.discreet_from <= c.opened_at)
"""
_OPEN: Final = f"""
INSERT INTO conversation AS c (space_id, conversation_id, opened_at, last_at, messages, unread, ended_at, head_enc,
  sent_at, apart)
VALUES (%(space)s, %(conversation)s, %(at)s, %(at)s, 1, %(unread)s, %(ended)s, %(head)s, %(sent)s, %(apart)s)
RETURNING {_WHERE}
"""
_GO_ON: Final = f"""
UPDATE conversation c SET last_at = greatest(last_at, %(at)s), messages = messages + 1, unread = unread + %(unread)s,
  ended_at = CASE WHEN %(incoming)s THEN %(ended)s ELSE ended_at END, head_enc = %(head)s,
  sent_at = coalesce(%(sent)s, sent_at), apart = apart OR %(apart)s, place = 'inbox',
  binned_at = NULL
WHERE space_id = %(space)s AND conversation_id = %(conversation)s AND deleted_at IS NULL
RETURNING {_WHERE}
"""
_HEAD: Final = """
SELECT head_enc FROM conversation
WHERE space_id = %(space)s AND conversation_id = %(conversation)s AND deleted_at IS NULL FOR UPDATE
"""
_CONTACT: Final = """
INSERT INTO mail_contact (space_id, contact_digest, last_at, ended_at, contact_enc, shown_at, shown_ended_at)
VALUES (%(space)s, %(digest)s, %(at)s, %(ended)s, %(contact)s, %(shown)s,
  CASE WHEN %(unseen)s THEN NULL ELSE %(ended)s::timestamptz END)
ON CONFLICT (space_id, contact_digest)
DO UPDATE SET last_at = greatest(mail_contact.last_at, excluded.last_at), ended_at = excluded.ended_at,
  contact_enc = CASE WHEN %(unseen)s AND mail_contact.shown_at IS NOT NULL THEN mail_contact.contact_enc
    ELSE excluded.contact_enc END,
  shown_at = least(mail_contact.shown_at, excluded.shown_at),
  shown_ended_at = CASE WHEN %(unseen)s THEN mail_contact.shown_ended_at ELSE excluded.shown_ended_at END
"""


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What travels with a message, its bytes already stored. blob: where; document: reference to the record."""

    description: Description
    size: int
    blob: UUID | None = None
    document: UUID | None = None


class NewMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message about to be stored. once: equal for the same message; conversation: None opens one; author: the
    delegation of whoever writes for the person; apart: keeps its conversation from those who act for them, for good.
    """

    message: UUID
    letter: Letter
    state: MessageState
    once: bytes
    conversation: UUID | None
    kept: Sequence[Kept] = ()
    author: UUID | None = None
    apart: bool = False
    at: datetime


class StoredIn(msgspec.Struct, frozen=True):
    """The conversation a message is in; apart: it is kept from those who act for the person; minors_own: it began when
    the person was old enough to keep things to themselves, and somebody represents them.
    """

    conversation: UUID
    apart: bool
    minors_own: bool


async def store_message(work: Work, new: NewMessage, *, keys: SpaceKeys) -> StoredIn | None:
    """Store one message with its conversation; return where it is, or None when it was stored before."""
    conversation = new.conversation or randomness.uuid7()
    head, fresh = await _head(work, new, conversation, keys)
    params = {
        "space": work.space_id,
        "message": new.message,
        "conversation": conversation,
        "at": new.at,
        "state": new.state.value,
        "once": new.once,
        "reference": reference_of(new.letter.message_id, keys=keys),
        "letter": seal_letter(new.letter, message=new.message, keys=keys),
        "author": new.author,
    }
    if not await work.execute(_MESSAGE, params):
        return None
    incoming = new.state is MessageState.RECEIVED
    ended = new.at if incoming and new.letter.ends else None
    conversing = {
        "space": work.space_id,
        "conversation": conversation,
        "at": new.at,
        "unread": int(incoming),
        "incoming": incoming,
        "ended": ended,
        "head": seal_head(head, conversation=conversation, keys=keys),
        "sent": None if incoming else new.at,
        "apart": new.apart,
    }
    row = await work.row(_OPEN if fresh else _GO_ON, conversing)
    for number, kept in enumerate(new.kept, start=1):
        await work.execute(_ATTACHMENT, _attachment(work, new.message, number, kept, keys))
    return StoredIn(conversation, *(row or (False, False)))


async def know_contact(work: Work, who: Address, *, ended: bool, where: StoredIn, keys: SpaceKeys) -> None:
    """Remember that `who` wrote: the person may write to them until they end the exchange.

    where: when those who act for the person do not know that conversation, nothing these see changes.
    """
    params = {
        "space": work.space_id,
        "digest": contact_digest(who.address, keys=keys),
        "at": work.at,
        "ended": work.at if ended else None,
        "contact": seal_contact(who, keys=keys),
        "shown": None if where.apart else work.at,
        "unseen": where.apart or where.minors_own,
    }
    await work.execute(_CONTACT, params)


async def _head(work: Work, new: NewMessage, conversation: UUID, keys: SpaceKeys) -> tuple[Head, bool]:
    """Return what the inbox will show, and whether the conversation is a new one."""
    row = None
    if new.conversation is not None:
        row = await work.row(_HEAD, {"space": work.space_id, "conversation": conversation})
    before = open_head(row[0], conversation=conversation, keys=keys) if row else None
    domain = current().limits.mail.domain
    # a document of the record is not told of here: who reads the line may not know of it
    files = any(one.document is None for one in new.kept)
    return head_of(new.letter, attachments=files, domain=domain, before=before), row is None


def _attachment(work: Work, message: UUID, number: int, kept: Kept, keys: SpaceKeys) -> dict[str, object]:
    return {
        "space": work.space_id,
        "message": message,
        "number": number,
        "size": kept.size,
        "blob": kept.blob,
        "document": kept.document,
        "description": seal_description(kept.description, message=message, number=number, keys=keys),
    }
