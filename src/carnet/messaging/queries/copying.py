"""Everything written to and by a person that the reader may know of, to be taken away: the trace of a page first.

Conversations in an order nothing new changes, the messages of each in theirs; what was deleted is absent. What comes
after `until` is left to the next copy. Ignored: what the copy looks like, and whether a document of the record that a
message refers to may be shown: the copy asks the record.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from carnet.access.api import Need, look
from carnet.infra import clock
from carnet.infra.db.message import Rows
from carnet.infra.db.work import Statement
from carnet.infra.installation import current
from carnet.infra.telemetry import log
from carnet.infra.vault import SpaceKeys, Unopenable
from carnet.journal.api import Act
from carnet.kernel.actors import Actor
from carnet.kernel.ids import SpaceId
from carnet.messaging.data import (
    Address,
    Attachment,
    Contact,
    ConversationLine,
    Head,
    Letter,
    Message,
    MessageState,
)
from carnet.messaging.queries.inbox import trace
from carnet.messaging.queries.opening import LINE, to_line, to_messages
from carnet.messaging.queries.sealed import open_contact, open_letter
from carnet.messaging.queries.shown import HAS_ENDED, KNOWN, LAST_WROTE, SHOWN, shown_to
from carnet.messaging.rules.permissions import may_read

NOBODY: Final = Address("")
UNREADABLE: Final = Letter(sender=NOBODY, to=(), subject="", text="", message_id="")
"""What stands for a message that does not open; compared by identity."""
NAMELESS: Final = Head(subject="", people=(), excerpt="", attachments=True)
"""What stands for the head of a conversation that does not open; the same."""
LINES: Final = 100
MESSAGES: Final = 50
# ## Conversations that began in time, one after the other ##
_LINES: Final = f"""
SELECT {LINE} FROM conversation c WHERE c.space_id = %(space)s AND c.deleted_at IS NULL AND {SHOWN}
  AND (%(after)s::uuid IS NULL OR c.conversation_id > %(after)s::uuid)
  AND EXISTS (SELECT FROM message m WHERE m.space_id = c.space_id AND m.conversation_id = c.conversation_id
    AND m.letter_enc IS NOT NULL AND m.at <= %(until)s)
ORDER BY c.conversation_id LIMIT %(limit)s
"""
# ## New messages this reader began and did not send: each names a conversation that is not there yet ##
_BEGUN: Final = """
SELECT m.conversation_id, m.message_id, m.at, m.letter_enc FROM message m
WHERE m.space_id = %(space)s AND m.state = 'draft' AND m.letter_enc IS NOT NULL
  AND m.author IS NOT DISTINCT FROM %(delegation)s::uuid
  AND m.at <= %(until)s AND (%(after)s::uuid IS NULL OR m.conversation_id > %(after)s::uuid)
  AND NOT EXISTS (SELECT FROM conversation c WHERE c.space_id = m.space_id AND c.conversation_id = m.conversation_id)
ORDER BY m.conversation_id LIMIT %(limit)s
"""
# ## Some messages of one conversation, oldest first, with this reader's drafts; what lies beside them: same rows ##
_SOME: Final = f"""
SELECT message_id, conversation_id, at, state, read_at, letter_enc, author FROM message
WHERE space_id = %(space)s AND conversation_id = %(conversation)s AND letter_enc IS NOT NULL AND at <= %(until)s
  AND (state <> 'draft' OR author IS NOT DISTINCT FROM %(delegation)s::uuid)
  AND NOT EXISTS (SELECT FROM conversation c
    WHERE c.space_id = %(space)s AND c.conversation_id = %(conversation)s AND NOT {SHOWN})
  AND (%(later)s::timestamptz IS NULL OR (at, message_id) > (%(later)s::timestamptz, %(after)s::uuid))
ORDER BY at, message_id LIMIT %(limit)s
"""
_FILES: Final = f"""
SELECT a.message_id, a.number, a.size, a.blob_id, a.document_id, a.saved_as, a.description_enc
FROM message_attachment a JOIN ({_SOME}) m USING (message_id)
WHERE a.space_id = %(space)s AND a.description_enc IS NOT NULL ORDER BY a.message_id, a.number
"""
_WAYS: Final = f"""
SELECT o.message_id, o.number, o.state, o.note, o.tries, o.changed_at, o.not_before, o.address_enc
FROM outgoing_mail o JOIN ({_SOME}) m USING (message_id)
WHERE o.space_id = %(space)s AND o.address_enc IS NOT NULL ORDER BY o.message_id, o.number
"""
# ## Everybody who wrote to this person ##
_CONTACTS: Final = f"""
SELECT p.contact_digest, p.contact_enc, {LAST_WROTE} AS last_at, {HAS_ENDED} FROM mail_contact p
WHERE p.space_id = %(space)s AND {KNOWN} ORDER BY last_at DESC, contact_digest
"""


class CopiedConversation(msgspec.Struct, frozen=True, kw_only=True):
    """One conversation of a page whose trace is durable; its messages come when they are asked for."""

    line: ConversationLine
    actor: Actor
    space: SpaceId
    until: datetime

    async def messages(self) -> AsyncIterator[tuple[Message, SpaceKeys]]:
        """Yield the messages, oldest first, each with the keys of its files; decided anew every few. Raises Refused."""
        at: datetime | None = None
        after: UUID | None = None
        while True:
            page, keys = await self._page(at, after)
            for one in page:
                yield one, keys
            if len(page) < MESSAGES:
                return
            at, after = page[-1].at, page[-1].message_id

    async def _page(self, at: datetime | None, after: UUID | None) -> tuple[tuple[Message, ...], SpaceKeys]:
        asked = {
            **shown_to(self.actor, space=self.space, at=clock.now()),
            "conversation": self.line.conversation_id,
            "until": self.until,
            "later": at,
            "after": after,
            "limit": MESSAGES,
        }
        statements = [Statement(sql, asked) for sql in (_SOME, _FILES, _WAYS)]
        seen = await look(actor=self.actor, space=self.space, at=clock.now(), statements=statements)
        may_read(seen.decide(Need.LIST), held=seen.facts.delegation).raise_if_refused()
        return tuple(_legible(*seen.rows, keys=seen.opened_keys)), seen.opened_keys

    async def content(self, attachment: Attachment, *, keys: SpaceKeys) -> AsyncIterator[bytes]:
        """Yield the bytes of a file of one of the messages. Raises Unavailable, BlobDamaged, BlobMissing."""
        if attachment.blob is not None:
            opened = await current().blobs.open(attachment.blob, keys=keys, space_id=self.space, size=attachment.size)
            async for piece in opened.read_range(0, attachment.size):
                yield piece


async def copy_conversations(*, actor: Actor, space: SpaceId, until: datetime) -> AsyncIterator[CopiedConversation]:
    """Yield every conversation with a message, or a draft, of before `until`; then each new message only begun, as a
    conversation of its own. Raises Refused.

    Each page of them leaves one trace (MAKE_EXPORT), durable before the first is yielded.
    """
    for sql, read in ((_LINES, to_line), (_BEGUN, _begun)):
        after: UUID | None = None
        while True:
            at = clock.now()
            asked = shown_to(actor, space=space, at=at) | {"until": until, "after": after, "limit": LINES}
            seen = await look(actor=actor, space=space, at=at, statements=[Statement(sql, asked)])
            await trace(seen, may_read(seen.decide(Need.LIST), held=seen.facts.delegation), Act.MAKE_EXPORT)
            lines = [_named(row, read, keys=seen.opened_keys) for row in seen.rows[0]]
            for line in lines:
                yield CopiedConversation(line=line, actor=actor, space=space, until=until)
            if len(lines) < LINES:
                break
            after = lines[-1].conversation_id


def _legible(rows: Rows, files: Rows, ways: Rows, *, keys: SpaceKeys) -> Iterator[Message]:
    """Yield the messages; one that does not open, or what lies beside it, stands as UNREADABLE: the rest goes on."""
    for row in rows:
        beside = ([one for one in some if one[0] == row[0]] for some in (files, ways))
        try:
            yield from to_messages([row], *beside, keys=keys)
        except Unopenable:
            message, conversation, at, state, read_at, _, author = row
            log.error("copy-without", message=str(message), why=Unopenable.__name__)
            yield Message(
                message_id=message,
                conversation_id=conversation,
                at=at,
                state=MessageState(state),
                read_at=read_at,
                letter=UNREADABLE,
                author=author,
            )


def _named(row: tuple[Any, ...], read: Callable[..., ConversationLine], *, keys: SpaceKeys) -> ConversationLine:
    """Return the line of a conversation; one whose head does not open has no name, and its messages come all the same.

    A conversation of which only a draft is there has its draft's time and no head of its own.
    """
    try:
        return read(row, keys=keys)
    except Unopenable:
        log.error("copy-without", conversation=str(row[0]), why=Unopenable.__name__)
        at = next(one for one in row if isinstance(one, datetime))
        return ConversationLine(
            conversation_id=row[0], head=NAMELESS, last_at=at, messages=1, unread=0, ended=False, draft=False
        )


def _begun(row: tuple[Any, ...], *, keys: SpaceKeys) -> ConversationLine:
    conversation, message, at, sealed = row
    letter = open_letter(sealed, message=message, keys=keys)
    head = Head(subject=letter.subject, people=letter.to, excerpt="", mine=True)
    return ConversationLine(
        conversation_id=conversation, head=head, last_at=at, messages=1, unread=0, ended=False, draft=True
    )


async def copy_contacts(*, actor: Actor, space: SpaceId) -> tuple[Contact, ...]:
    """Return everybody who wrote to the person, latest first. Raises Refused."""
    asked = Statement(_CONTACTS, shown_to(actor, space=space, at=clock.now()))
    seen = await look(actor=actor, space=space, at=clock.now(), statements=[asked])
    await trace(seen, may_read(seen.decide(Need.LIST), held=seen.facts.delegation), Act.MAKE_EXPORT)
    keys = seen.opened_keys
    return tuple(
        Contact(address=_address(sealed, digest, keys), last_at=last_at, ended=ended)
        for digest, sealed, last_at, ended in seen.rows[0]
    )


def _address(sealed: bytes, digest: bytes, keys: SpaceKeys) -> Address:
    """Return who wrote; nobody's address when it does not open."""
    try:
        return open_contact(sealed, digest=digest, keys=keys)
    except Unopenable:
        log.error("copy-without", contact="one of theirs", why=Unopenable.__name__)
        return NOBODY
