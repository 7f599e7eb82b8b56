"""A draft of an answer is kept with its conversation: one each, replaced when saved again, gone once sent."""

from datetime import datetime
from typing import Final
from uuid import UUID

from carnet.access.api import Need, look_in
from carnet.infra import randomness
from carnet.infra.db import Work, work
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Reason, refuse
from carnet.kernel.errors import Invalid, NotFound
from carnet.kernel.ids import SpaceId
from carnet.messaging.data import Address, Letter
from carnet.messaging.errors import TOO_LONG
from carnet.messaging.queries.sealed import seal_letter
from carnet.messaging.rules.letters import LONGEST_TEXT
from carnet.messaging.rules.permissions import may_write

_DROP: Final = """
UPDATE message SET letter_enc = NULL
WHERE space_id = %(space)s AND conversation_id = %(conversation)s AND state = 'draft' AND letter_enc IS NOT NULL
"""
_THERE: Final = """
SELECT 1 FROM conversation
WHERE space_id = %(space)s AND conversation_id = %(conversation)s AND deleted_at IS NULL AND ended_at IS NULL FOR UPDATE
"""
_KEEP: Final = """
INSERT INTO message (space_id, message_id, conversation_id, at, state, once, reference, letter_enc)
VALUES (%(space)s, %(message)s, %(conversation)s, %(at)s, 'draft', %(once)s, %(once)s, %(letter)s)
"""


async def save_draft(*, actor: Actor, space: SpaceId, conversation: UUID, text: str, at: datetime) -> None:
    """Keep `text` as the draft of an answer; an empty text forgets it. Raises Invalid, NotFound, Refused."""
    if len(text) > LONGEST_TEXT:
        raise Invalid(TOO_LONG)
    async with work(space=space, at=at) as w:
        seen = await look_in(w, actor=actor)
        decision = may_write(seen.decide(Need.EDIT))
        there = await w.row(_THERE, {"space": space, "conversation": conversation}) if decision.allowed else None
        await record(
            w, Act.SAVE_DRAFT, decision if there or not decision.allowed else refuse(Reason.HIDDEN), actor=actor
        )
        if there:
            await drop_draft(w, conversation)
            if text.strip():
                message = randomness.uuid7()
                letter = Letter(sender=Address(""), to=(), subject="", text=text, message_id="")
                params = {"space": space, "message": message, "conversation": conversation, "at": at}
                sealed = seal_letter(letter, message=message, keys=seen.opened_keys)
                once = seen.opened_keys.digest(message.bytes, purpose="mail-draft")
                await w.execute(_KEEP, params | {"once": once, "letter": sealed})
    decision.raise_if_refused()
    if not there:
        raise NotFound


async def drop_draft(work: Work, conversation: UUID | None) -> None:
    """Forget the draft of a conversation, if there is one; a step of saving another or of sending."""
    if conversation is not None:
        await work.execute(_DROP, {"space": work.space_id, "conversation": conversation})
