"""What somebody began to write is kept: one answer a conversation, any number of new messages; gone once sent.

A draft is its author's alone: the person does not find what a carer began, nor the other way round. A new message has
no conversation yet; its row names one that opens when it is sent.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from carnet.access.api import Need, look_in
from carnet.infra import randomness
from carnet.infra.db import Work, work
from carnet.infra.vault import SpaceKeys
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Reason, refuse
from carnet.kernel.errors import Invalid, NotFound
from carnet.kernel.ids import SpaceId
from carnet.messaging.data import Address, Letter
from carnet.messaging.errors import SUBJECT_LONG, TOO_LONG
from carnet.messaging.queries.sealed import seal_letter
from carnet.messaging.queries.shown import SHOWN, shown_to
from carnet.messaging.rules.letters import LONGEST_SUBJECT, LONGEST_TEXT
from carnet.messaging.rules.permissions import may_begin, may_write

_LONGEST_ADDRESS: Final = 254
_OWN: Final = """
space_id = %(space)s AND state = 'draft' AND letter_enc IS NOT NULL
AND author IS NOT DISTINCT FROM %(delegation)s::uuid
"""
_DROP_ANSWER: Final = f"""
UPDATE message SET letter_enc = NULL WHERE {_OWN} AND conversation_id = %(conversation)s
"""
_DROP_ONE: Final = f"UPDATE message SET letter_enc = NULL WHERE {_OWN} AND message_id = %(draft)s"
_THERE: Final = f"""
SELECT 1 FROM conversation c WHERE c.space_id = %(space)s AND c.conversation_id = %(conversation)s
  AND c.deleted_at IS NULL AND c.ended_at IS NULL AND {SHOWN} FOR UPDATE OF c
"""
_BEGUN: Final = f"""
SELECT message_id FROM message WHERE {_OWN} AND CASE WHEN %(conversation)s::uuid IS NULL
  THEN message_id = %(draft)s::uuid ELSE conversation_id = %(conversation)s::uuid END LIMIT 1 FOR UPDATE
"""
_KEEP_AGAIN: Final = """
UPDATE message SET letter_enc = %(letter)s, at = %(at)s WHERE space_id = %(space)s AND message_id = %(message)s
"""
_KEEP: Final = """
INSERT INTO message (space_id, message_id, conversation_id, at, state, once, reference, letter_enc, author)
VALUES (%(space)s, %(message)s, %(conversation)s, %(at)s, 'draft', %(once)s, %(once)s, %(letter)s, %(delegation)s)
"""


async def save_draft(
    *,
    actor: Actor,
    space: SpaceId,
    conversation: UUID | None,
    text: str,
    subject: str = "",
    to: str = "",
    draft: UUID | None = None,
    at: datetime,
) -> UUID | None:
    """Keep what was written so far and return the draft; with nothing in it, forget it and return None.

    conversation: what it answers, None for a new message, whose former `draft` it then replaces. to: an address, as
    chosen. Raises Invalid, NotFound, Refused.
    """
    problems = [
        problem
        for wrong, problem in (
            (len(text) > LONGEST_TEXT, TOO_LONG),
            (len(subject) > LONGEST_SUBJECT or len(to) > _LONGEST_ADDRESS, SUBJECT_LONG),
        )
        if wrong
    ]
    if problems:
        raise Invalid(*problems)
    params = shown_to(actor, space=space, at=at) | {"conversation": conversation}
    async with work(space=space, at=at) as w:
        seen = await look_in(w, actor=actor)
        in_space, held = seen.decide(Need.EDIT), seen.facts.delegation
        decision = may_begin(in_space, held=held, at=at) if conversation is None else may_write(in_space, held=held)
        there = decision.allowed and (conversation is None or await w.row(_THERE, params) is not None)
        told = decision if there or not decision.allowed else refuse(Reason.HIDDEN)
        await record(w, Act.SAVE_DRAFT, told, actor=actor)
        kept = None
        if there:
            letter = Letter(sender=Address(""), to=_to(to), subject=subject.strip(), text=text, message_id="")
            if text.strip() or letter.subject or (letter.to and conversation is None):
                kept = await _keep(w, letter, params | {"draft": draft}, keys=seen.opened_keys)
            else:
                await drop_draft(w, actor=actor, conversation=conversation, draft=draft)
    decision.raise_if_refused()
    if not there:
        raise NotFound
    return kept


async def delete_draft(*, actor: Actor, space: SpaceId, draft: UUID, at: datetime) -> None:
    """Forget a draft; it being gone already is as good. Raises Refused."""
    async with work(space=space, at=at) as w:
        seen = await look_in(w, actor=actor)
        decision = may_write(seen.decide(Need.EDIT), held=seen.facts.delegation)
        await record(w, Act.SAVE_DRAFT, decision, actor=actor)
        if decision.allowed:
            await drop_draft(w, actor=actor, draft=draft)
    decision.raise_if_refused()


async def drop_draft(work: Work, *, actor: Actor, conversation: UUID | None = None, draft: UUID | None = None) -> None:
    """Forget the actor's draft of an answer, or of a new message; a step of sending, or of keeping nothing."""
    params = shown_to(actor, space=work.space_id, at=work.at) | {"conversation": conversation, "draft": draft}
    if conversation is not None:
        await work.execute(_DROP_ANSWER, params)
    if draft is not None:
        await work.execute(_DROP_ONE, params)


async def _keep(w: Work, letter: Letter, params: dict[str, object], *, keys: SpaceKeys) -> UUID:
    begun = await w.row(_BEGUN, params)
    message = begun[0] if begun else randomness.uuid7()
    row = params | {
        "message": message,
        "conversation": params["conversation"] or randomness.uuid7(),
        "once": keys.digest(message.bytes, purpose="mail-draft"),
        "letter": seal_letter(letter, message=message, keys=keys),
    }
    await w.execute(_KEEP_AGAIN if begun else _KEEP, row)
    return message


def _to(address: str) -> tuple[Address, ...]:
    return (Address(address.strip().lower()),) if address.strip() else ()
