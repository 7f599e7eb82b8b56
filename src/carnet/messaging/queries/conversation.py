"""What was said in one conversation? Its trace is durable before the first word leaves."""

from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from carnet.access.api import Look, Need, look
from carnet.infra.blobs import BlobReader
from carnet.infra.db import system_work
from carnet.infra.db.work import Statement
from carnet.infra.installation import current
from carnet.journal.api import Act
from carnet.kernel.actors import Actor
from carnet.kernel.errors import NotFound
from carnet.kernel.ids import SpaceId
from carnet.messaging.data import Attachment, Contact, Conversation, Letter, Message, MessageState, Place
from carnet.messaging.queries.inbox import trace
from carnet.messaging.queries.opening import ATTACHMENTS, DELIVERIES, LINE, MESSAGES, to_line, to_messages
from carnet.messaging.queries.practice import rules_of
from carnet.messaging.queries.sealed import contact_digest, open_contact, open_description, open_letter
from carnet.messaging.queries.shown import HAS_ENDED, KNOWN, LAST_WROTE, SHOWN, shown_to
from carnet.messaging.queries.visited import to_visited, visited_statement
from carnet.messaging.rules.permissions import may_read, may_write

# ## One conversation ##
_LINE: Final = f"""
SELECT {LINE} FROM conversation c
WHERE c.space_id = %(space)s AND c.conversation_id = %(conversation)s AND c.deleted_at IS NULL AND {SHOWN}
"""
# ## One attachment with the letter it came with ##
_ATTACHED: Final = f"""
SELECT a.number, a.size, a.blob_id, a.document_id, a.saved_as, a.description_enc, m.letter_enc, m.state
FROM message_attachment a JOIN message m USING (space_id, message_id)
  JOIN conversation c USING (space_id, conversation_id)
WHERE a.space_id = %(space)s AND a.message_id = %(message)s AND a.number = %(number)s
  AND a.description_enc IS NOT NULL AND m.letter_enc IS NOT NULL AND {SHOWN}
"""
# ## Who wrote to this person, latest first ##
_CONTACTS: Final = f"""
SELECT p.contact_digest, p.contact_enc, {LAST_WROTE}, {HAS_ENDED} FROM mail_contact p
WHERE p.space_id = %(space)s AND {KNOWN} ORDER BY 3 DESC, 1 LIMIT 500
"""


class OpenedAttachment(msgspec.Struct, frozen=True, kw_only=True):
    """An attachment this reader may see, its trace durable. content is None for a document of the record: whoever
    shows it asks the record, which decides anew. letter: the message it came with; mine: whether it was sent from here.
    """

    attachment: Attachment
    letter: Letter
    mine: bool
    content: BlobReader | None


async def read_conversation(*, actor: Actor, space: SpaceId, conversation: UUID, at: datetime) -> Conversation:
    """Return one conversation with its messages. Raises NotFound, Refused."""
    params = shown_to(actor, space=space, at=at) | {"conversation": conversation}
    statements = [Statement(sql, params) for sql in (_LINE, MESSAGES, ATTACHMENTS, DELIVERIES)]
    seen = await look(actor=actor, space=space, at=at, statements=statements)
    await trace(seen, may_read(seen.decide(Need.LIST), held=seen.facts.delegation), Act.READ_MESSAGE)
    lines, messages, attachments, deliveries = seen.rows
    if not lines:
        raise NotFound
    line = to_line(lines[0], keys=seen.opened_keys)
    opened = to_messages(messages, attachments, deliveries, keys=seen.opened_keys)
    writes = may_write(seen.decide(Need.EDIT), held=seen.facts.delegation).allowed
    answerable = not line.ended and line.place is not Place.BIN and _somebody_wrote(opened)
    return Conversation(line=line, messages=opened, may_answer=writes and answerable, may_write=writes)


async def read_attachment(
    *, actor: Actor, space: SpaceId, message: UUID, number: int, at: datetime
) -> OpenedAttachment:
    """Return one attachment, ready to be read. Raises NotFound, Refused, Unavailable."""
    params = shown_to(actor, space=space, at=at) | {"message": message, "number": number}
    seen = await look(actor=actor, space=space, at=at, statements=[Statement(_ATTACHED, params)])
    decision = may_read(seen.decide(Need.LIST), held=seen.facts.delegation)
    opened = await _opened(seen, space, message) if decision.allowed and seen.rows[0] else None
    await trace(seen, decision, Act.READ_ATTACHMENT)
    if opened is None:
        raise NotFound
    return opened


async def contacts(*, actor: Actor, space: SpaceId, at: datetime) -> tuple[Contact, ...]:
    """Return whom the person may write to, and who ended the exchange, latest first; then pharmacies they visited.

    Whoever acts for them is told of those only who wrote in a conversation they know. Raises Refused.
    """
    asked = Statement(_CONTACTS, shown_to(actor, space=space, at=at))
    visiting = visited_statement(actor, space=space, at=at)
    seen = await look(actor=actor, space=space, at=at, statements=[asked, visiting])
    await trace(seen, may_read(seen.decide(Need.LIST), held=seen.facts.delegation), Act.LIST_MESSAGES)
    keys = seen.opened_keys
    found: dict[str, Contact] = {}
    for digest, sealed, last_at, ended in seen.rows[0]:
        one = open_contact(sealed, digest=digest, keys=keys)
        found[one.address] = Contact(address=one, last_at=last_at, ended=ended, key=bytes(digest).hex())
    for one in to_visited(seen.rows[1]):
        key = contact_digest(one.address, keys=keys).hex()
        found.setdefault(one.address, Contact(address=one, last_at=None, ended=False, key=key))
    async with system_work(at=at) as w:
        known = await rules_of(w, found)
    return tuple(
        msgspec.structs.replace(one, rules=known[address].rules) if address in known else one
        for address, one in found.items()
    )


async def practice_answered(
    *, actor: Actor, space: SpaceId, conversation: Conversation, at: datetime
) -> Contact | None:
    """Return whom an answer in a conversation already read goes to, when they said what they accept."""
    latest = next((one for one in reversed(conversation.messages) if not one.mine), None)
    if latest is None or not conversation.may_answer:
        return None
    who = latest.letter.sender
    async with system_work(at=at) as w:
        known = await rules_of(w, [who.address])
    if who.address not in known:
        return None
    seen = await look(actor=actor, space=space, at=at)
    key = contact_digest(who.address, keys=seen.opened_keys).hex()
    return Contact(address=who, last_at=latest.at, ended=False, key=key, rules=known[who.address].rules)


async def _opened(seen: Look, space: SpaceId, message: UUID) -> OpenedAttachment:
    number, size, blob, document, saved, sealed, letter, state = seen.rows[0][0]
    keys = seen.opened_keys
    described = open_description(sealed, message=message, number=number, keys=keys)
    content = None
    if document is None and blob is not None:
        content = await current().blobs.open(blob, keys=keys, space_id=space, size=size)
    return OpenedAttachment(
        attachment=Attachment(
            number=number, size=size, blob=blob, document=document, saved_as=saved, description=described
        ),
        letter=open_letter(letter, message=message, keys=keys),
        mine=MessageState(state) is not MessageState.RECEIVED,
        content=content,
    )


def _somebody_wrote(messages: tuple[Message, ...]) -> bool:
    return any(not one.mine for one in messages)
