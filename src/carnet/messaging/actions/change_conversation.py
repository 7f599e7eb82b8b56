"""What a person does with a conversation: opens it, puts it away, keeps it to themselves, or deletes it for good.

Deleting is definitive and for them alone (mes.md §3.8, 8): words, names and files are gone; that there was a message
stays as digests, so that a peer sending it again does not bring it back.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from carnet.access.api import Need, look_in
from carnet.infra.db import work
from carnet.infra.jobs.outbox import publish
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Reason, refuse
from carnet.kernel.errors import Invalid, NotFound
from carnet.kernel.ids import SpaceId
from carnet.messaging.actions.forget_messages import forget_messages, take_back
from carnet.messaging.actions.hide_contacts import hide_contacts
from carnet.messaging.data import Place
from carnet.messaging.errors import STILL_HERE
from carnet.messaging.events import ReceiptDue
from carnet.messaging.queries.sealed import open_letter
from carnet.messaging.queries.shown import SHOWN, shown_to
from carnet.messaging.rules.permissions import may_delete, may_write

_READ: Final = f"""
UPDATE message SET read_at = %(at)s WHERE space_id = %(space)s AND conversation_id = %(conversation)s
  AND state = 'received' AND read_at IS NULL AND letter_enc IS NOT NULL AND message_id = ANY(%(messages)s)
  AND EXISTS (SELECT FROM conversation c
    WHERE c.space_id = %(space)s AND c.conversation_id = %(conversation)s AND {SHOWN})
RETURNING message_id, letter_enc
"""
_FEWER_UNREAD: Final = """
UPDATE conversation SET unread = greatest(unread - %(opened)s, 0)
WHERE space_id = %(space)s AND conversation_id = %(conversation)s AND unread > 0
"""
_DELETE: Final = f"""
UPDATE conversation c SET deleted_at = %(at)s, head_enc = NULL, unread = 0
WHERE c.space_id = %(space)s AND c.conversation_id = %(conversation)s AND c.deleted_at IS NULL AND {SHOWN}
"""
_PLACE: Final = f"""
UPDATE conversation c SET place = %(place)s,
  binned_at = CASE WHEN %(place)s = 'bin' THEN coalesce(c.binned_at, %(binned)s) END
WHERE c.space_id = %(space)s AND c.conversation_id = %(conversation)s AND c.deleted_at IS NULL AND {SHOWN}
"""
_APART: Final = """
UPDATE conversation SET apart = true
WHERE space_id = %(space)s AND conversation_id = %(conversation)s AND deleted_at IS NULL
"""


async def mark_opened(
    *, actor: Actor, space: SpaceId, conversation: UUID, messages: Sequence[UUID], at: datetime
) -> None:
    """The person has these messages of a conversation before them: they are new no more; senders who asked are told.

    What arrived after the reading stays new. A carer's reading leaves it new for the person; whoever represents them
    reads for them. The reading it follows has its trace.
    """
    if actor.kind is ActorKind.CARER:
        return
    params = shown_to(actor, space=space, at=at) | {"conversation": conversation, "messages": list(messages)}
    async with work(space=space, at=at) as w:
        seen = await look_in(w, actor=actor)
        if not may_write(seen.decide(Need.EDIT), held=seen.facts.delegation).allowed:
            return
        opened = await w.rows(_READ, params)
        for message, sealed in opened:
            if open_letter(sealed, message=message, keys=seen.opened_keys).wants_receipt:
                await publish(w, ReceiptDue(space=space, message=message))
        await w.execute(_FEWER_UNREAD, params | {"opened": len(opened)})


async def delete_conversation(
    *, actor: Actor, space: SpaceId, conversation: UUID, take_back_waiting: bool = False, at: datetime
) -> int:
    """Delete a conversation with its files, for good; return how many of its messages never left.

    take_back_waiting: who deletes knows that what has not left yet goes to nobody. Raises NotFound, Refused, Invalid
    (`message-still-here`: something waits, and that was not said).
    """
    params = shown_to(actor, space=space, at=at) | {"conversation": conversation}
    async with work(space=space, at=at) as w:
        seen = await look_in(w, actor=actor)
        decision = may_delete(seen.decide(Need.EDIT), held=seen.facts.delegation)
        found = bool(await w.execute(_DELETE, params)) if decision.allowed else False
        waiting = await take_back(w, conversation, keys=seen.opened_keys) if found else 0
        if waiting and not take_back_waiting:
            raise Invalid(STILL_HERE)  # nothing of this transaction stays
        if found:
            await forget_messages(w, conversation)
        told = decision if found or not decision.allowed else refuse(Reason.HIDDEN)
        details: dict[str, object] = {"taken_back": waiting} if waiting else {}
        await record(w, Act.DELETE_CONVERSATION, told, actor=actor, details=details)
    decision.raise_if_refused()
    if not found:
        raise NotFound
    return waiting


async def place_conversation(*, actor: Actor, space: SpaceId, conversation: UUID, place: Place, at: datetime) -> None:
    """Put a conversation away, into the bin, or back. Raises NotFound, Refused.

    The bin empties itself; not of what a carer put there, who deletes nothing for good. Put there again by a carer, it
    keeps the day its person put it there.
    """
    empties = place is Place.BIN and actor.kind is not ActorKind.CARER
    params = shown_to(actor, space=space, at=at) | {
        "conversation": conversation,
        "place": place.value,
        "binned": at if empties else None,
    }
    async with work(space=space, at=at) as w:
        seen = await look_in(w, actor=actor)
        decision = may_write(seen.decide(Need.EDIT), held=seen.facts.delegation)
        found = bool(await w.execute(_PLACE, params)) if decision.allowed else False
        told = decision if found or not decision.allowed else refuse(Reason.HIDDEN)
        await record(w, Act.PLACE_CONVERSATION, told, actor=actor, details={"place": place.value})
    decision.raise_if_refused()
    if not found:
        raise NotFound


async def keep_conversation_apart(*, actor: Actor, space: SpaceId, conversation: UUID, at: datetime) -> None:
    """Keep a conversation from everybody who acts for the person, for good: whoever could undo it could be asked to.

    Only the person themselves. Raises NotFound, Refused.
    """
    params = {"space": space, "conversation": conversation}
    async with work(space=space, at=at) as w:
        seen = await look_in(w, actor=actor, changing=True)  # no message arrives meanwhile
        decision = seen.decide(Need.EDIT)
        if decision.allowed and actor.kind is not ActorKind.PERSON:
            decision = refuse(Reason.BEYOND_DELEGATION)
        found = bool(await w.execute(_APART, params)) if decision.allowed else False
        if found:
            await hide_contacts(w, conversation, keys=seen.opened_keys)
        told = decision if found or not decision.allowed else refuse(Reason.HIDDEN)
        await record(w, Act.PLACE_CONVERSATION, told, actor=actor, details={"place": "apart"})
    decision.raise_if_refused()
    if not found:
        raise NotFound
