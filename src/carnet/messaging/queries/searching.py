"""Where did somebody write these words? Subjects, people, bodies and files' names of one space, opened in memory.

What this reader may not know of is left out by the database, before anything is opened: it weighs on no hit, order or
count.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from carnet.access.api import Need, look
from carnet.infra.db.work import Statement
from carnet.infra.vault import SpaceKeys
from carnet.journal.api import Act
from carnet.kernel.actors import Actor
from carnet.kernel.ids import SpaceId
from carnet.messaging.data import ConversationLine, Description
from carnet.messaging.queries.inbox import trace
from carnet.messaging.queries.opening import LINE, to_line
from carnet.messaging.queries.sealed import open_description, open_letter
from carnet.messaging.queries.shown import SHOWN, shown_to
from carnet.messaging.rules.finding import Answer, Looking, Said, said_in
from carnet.messaging.rules.permissions import may_read

MOST_CONVERSATIONS: Final = 1000
MOST_MESSAGES: Final = 3000
MOST_FOUND: Final = 100
# ## The latest conversations this reader knows, but for the bin; and what was said in them, latest first ##
_RECENT: Final = f"""
FROM conversation c WHERE c.space_id = %(space)s AND c.deleted_at IS NULL AND c.place <> 'bin' AND {SHOWN}
ORDER BY c.last_at DESC, c.conversation_id DESC LIMIT {MOST_CONVERSATIONS}
"""
_LINES: Final = f"SELECT {LINE} {_RECENT}"
_LETTERS: Final = f"""
SELECT m.conversation_id, m.message_id, m.letter_enc FROM message m
WHERE m.space_id = %(space)s AND m.letter_enc IS NOT NULL AND m.state <> 'draft'
  AND m.conversation_id = ANY(ARRAY(SELECT c.conversation_id {_RECENT}))
ORDER BY m.at DESC, m.message_id LIMIT {MOST_MESSAGES}
"""


# ## The names of the files beside them; not of documents of the record, which are decided about elsewhere ##
_NAMES: Final = f"""
SELECT a.message_id, a.number, a.description_enc FROM message_attachment a
WHERE a.space_id = %(space)s AND a.description_enc IS NOT NULL AND a.document_id IS NULL AND a.message_id = ANY(ARRAY(
  SELECT m.message_id FROM message m WHERE m.space_id = %(space)s AND m.letter_enc IS NOT NULL AND m.state <> 'draft'
    AND m.conversation_id = ANY(ARRAY(SELECT c.conversation_id {_RECENT}))
  ORDER BY m.at DESC, m.message_id LIMIT {MOST_MESSAGES}))
ORDER BY a.message_id, a.number
"""


class FoundConversation(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation that answers, and how."""

    line: ConversationLine
    answer: Answer


async def search_messages(*, actor: Actor, space: SpaceId, words: str, at: datetime) -> tuple[FoundConversation, ...]:
    """Return the conversations that answer `words`, subjects first, then latest first, at most MOST_FOUND.

    Looks through the latest MOST_CONVERSATIONS. Raises Refused or NotFound; the trace is durable before this returns,
    and the words asked for are written nowhere.
    """
    params = shown_to(actor, space=space, at=at)
    seen = await look(
        actor=actor,
        space=space,
        at=at,
        statements=[Statement(one, params) for one in (_LINES, _LETTERS, _NAMES)],
    )
    await trace(seen, may_read(seen.decide(Need.LIST), held=seen.facts.delegation), Act.LIST_MESSAGES)
    return await asyncio.to_thread(_found, seen.rows, words, seen.opened_keys)


def _found(rows: Sequence[list[tuple[Any, ...]]], words: str, keys: SpaceKeys) -> tuple[FoundConversation, ...]:
    lines, letters, files = rows
    looking = Looking(words)
    if not looking.asks:
        return ()
    named: dict[UUID, list[Description]] = {}
    for message, number, sealed in files:
        described = open_description(sealed, message=message, number=number, keys=keys)
        named.setdefault(message, []).append(described)
    said: dict[UUID, list[Said]] = {}
    for conversation, message, sealed in letters:
        text = open_letter(sealed, message=message, keys=keys).text
        said.setdefault(conversation, []).append(said_in(message, text, named.get(message, ())))
    found = list[FoundConversation]()
    for row in lines:
        line = to_line(row, keys=keys)
        people = (text for one in line.head.people for text in (one.name, one.address))
        answer = looking.answer(subject=line.head.subject, people=people, said=said.get(line.conversation_id, []))
        if answer is not None:
            found.append(FoundConversation(line=line, answer=answer))
    found.sort(key=lambda one: one.answer.rank)  # stable: within one rank, latest first
    return tuple(found[:MOST_FOUND])
