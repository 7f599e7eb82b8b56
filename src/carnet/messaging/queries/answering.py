"""What is being answered, and whom may this person write to? Asked inside the transaction that writes."""

from typing import Final
from uuid import UUID

import msgspec

from carnet.infra.db import Work
from carnet.infra.vault import SpaceKeys
from carnet.kernel.actors import Actor
from carnet.kernel.errors import Invalid, NotFound
from carnet.messaging.data import Address, Letter
from carnet.messaging.errors import ENDED
from carnet.messaging.queries.sealed import open_contact, open_head, open_letter
from carnet.messaging.queries.shown import HAS_ENDED, KNOWN, SHOWN, shown_to
from carnet.messaging.queries.visited import to_visited, visited_statement

_CONVERSATION: Final = f"""
SELECT c.head_enc, c.ended_at FROM conversation c
WHERE c.space_id = %(space)s AND c.conversation_id = %(conversation)s AND c.deleted_at IS NULL AND {SHOWN}
FOR UPDATE OF c
"""
_LATEST: Final = """
SELECT message_id, letter_enc FROM message WHERE space_id = %(space)s AND conversation_id = %(conversation)s
  AND state = 'received' AND letter_enc IS NOT NULL ORDER BY at DESC, message_id DESC LIMIT 1
"""
_CONTACTS: Final = f"""
SELECT p.contact_digest, p.contact_enc, {HAS_ENDED}, {KNOWN} FROM mail_contact p
WHERE p.space_id = %(space)s
"""


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """The conversation answered: its subject and its latest message from outside (None: nobody wrote yet)."""

    subject: str
    latest: Letter | None


async def answered(work: Work, conversation: UUID, *, actor: Actor, keys: SpaceKeys) -> Answered:
    """Return what is answered, the conversation held still. Raises NotFound, Invalid (`conversation-ended`)."""
    params = shown_to(actor, space=work.space_id, at=work.at) | {"conversation": conversation}
    row = await work.row(_CONVERSATION, params)
    if row is None:
        raise NotFound
    if row[1] is not None:
        raise Invalid(ENDED)
    head = open_head(row[0], conversation=conversation, keys=keys)
    latest = await work.row(_LATEST, params)
    letter = open_letter(latest[1], message=latest[0], keys=keys) if latest else None
    return Answered(subject=head.subject, latest=letter)


async def open_contacts(work: Work, *, actor: Actor, keys: SpaceKeys) -> dict[str, Address]:
    """Return whom the person may write to, by address: who wrote, and pharmacies they visited; never who ended it.

    Whoever acts for them may write to those only whom they know.
    """
    rows = await work.rows(_CONTACTS, shown_to(actor, space=work.space_id, at=work.at))
    wrote = [(open_contact(sealed, digest=digest, keys=keys), ended, known) for digest, sealed, ended, known in rows]
    asked = visited_statement(actor, space=work.space_id, at=work.at)
    visited = to_visited(await work.rows(asked.sql, asked.params))
    found = {one.address: one for one in visited} | {one.address: one for one, _, known in wrote if known}
    for one, ended, _ in wrote:
        if ended:
            found.pop(one.address, None)
    return found
