"""What did this person write to this professional? The messages to their own mailboxes, and nothing else of the space.

It rests on having been written to, not on the record: whoever may not read the record still gets their mail (mes.md
§3.8, 12). What the professional wrote is not told back: that it lies here would say that somebody lives here (decision
0122). Nobody there and nobody who wrote are one answer: nothing.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from carnet.access.api import OPEN_STATES, Look, look
from carnet.infra.db import rows_in_one_trip, system_work
from carnet.infra.db.work import Statement
from carnet.infra.installation import current
from carnet.journal.api import Act, Trace, record_durably
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow
from carnet.kernel.ids import SpaceId
from carnet.messaging.data import Attachment, AttachmentKind, LettersToProfessional, LetterToProfessional, Mark
from carnet.messaging.queries.inbox import MAX_COUNT
from carnet.messaging.queries.practice import mailboxes_read_by
from carnet.messaging.queries.sealed import open_description, open_letter, open_recipient

MOST_LOOKED_AT: Final = 2000
# ## To whom the latest messages went at these operators: addresses are sealed, so all of them are looked at. What waits
# for a practice to open is not theirs yet: the person may still take it back. What they keep from somebody since they
# sent it did not go ##
_LEFT: Final = """
SELECT m.message_id, o.number, o.address_enc, m.at
FROM message m JOIN outgoing_mail o USING (space_id, message_id)
WHERE m.space_id = %(space)s AND o.destination = ANY(%(domains)s) AND m.state <> 'draft'
  AND m.letter_enc IS NOT NULL AND o.address_enc IS NOT NULL AND (o.not_before IS NULL OR o.not_before <= %(at)s)
  AND NOT starts_with(coalesce(o.note, ''), 'kept-')
  AND (%(message)s::uuid IS NULL OR m.message_id = %(message)s)
ORDER BY m.at DESC, m.message_id DESC, o.number LIMIT %(most)s
"""
# ## The letters that are this professional's, and what travelled with them ##
_LETTERS: Final = """
SELECT message_id, at, letter_enc FROM message
WHERE space_id = %(space)s AND message_id = ANY(%(own)s) AND letter_enc IS NOT NULL ORDER BY at DESC, message_id DESC
"""
_FILES: Final = """
SELECT message_id, number, size, blob_id, document_id, description_enc FROM message_attachment
WHERE space_id = %(space)s AND message_id = ANY(%(own)s) AND description_enc IS NOT NULL ORDER BY message_id, number
"""


async def letters_to(
    *, actor: Actor, space: SpaceId, after: Mark | None = None, count: int = MAX_COUNT, at: datetime
) -> LettersToProfessional:
    """Return `count` of what was written to `actor`'s own mailboxes, latest first, its trace durable before.

    None at all for nobody, nothing, and whoever may not: nothing is told apart, and nothing is written to the journal
    of a space where nothing was found. Among the latest MOST_LOOKED_AT written to anybody at the same operators.
    """
    seen, own = await _look(actor, space, None, at)
    begun = own if after is None else [one for one in own if (one.at, one.line) < (after.at, after.line)]
    letters = await _opened(seen, [one.line for one in begun[:count]])
    await _trace(actor, space, letters, at)
    more = begun[count - 1] if letters and len(begun) > count else None
    return LettersToProfessional(letters=letters, total=len(own), after=more)


async def letter_to(*, actor: Actor, space: SpaceId, message: UUID, at: datetime) -> LetterToProfessional | None:
    """Return one of them with the bytes of its files; None for nobody's, nothing, and whoever may not."""
    seen, own = await _look(actor, space, message, at)
    letters = await _opened(seen, [one.line for one in own])
    await _trace(actor, space, letters, at)
    return await _with_contents(letters[0], seen) if letters else None


async def _look(actor: Actor, space: SpaceId, message: UUID | None, at: datetime) -> tuple[Look, list[Mark]]:
    """Return the space as this professional stands to it, and which of its messages are theirs, latest first."""
    async with system_work(at=at) as w:
        own = [one.address for one in await mailboxes_read_by(w, actor)]
    domains = sorted({one.rpartition("@")[2] for one in own})
    params = {"space": space, "domains": domains, "message": message, "at": at, "most": MOST_LOOKED_AT}
    seen = await look(actor=actor, space=space, at=at, statements=[Statement(_LEFT, params)])
    return seen, _own(seen, own) if _may_collect(seen) else []


async def _trace(actor: Actor, space: SpaceId, letters: tuple[LetterToProfessional, ...], at: datetime) -> None:
    if letters:
        told: dict[str, object] = {"messages": len(letters)}
        allowed = allow(Ground.DUTY)
        await record_durably(
            Trace(act=Act.COLLECT_MESSAGES, actor=actor, decision=allowed, at=at, space=space, details=told)
        )


def _may_collect(seen: Look) -> bool:
    """Whether a professional gets their mail out of this space: proved strongly, and not launched for another one."""
    actor = seen.actor
    elsewhere = actor.acts_for is not None and actor.acts_for != seen.facts.space
    return actor.rpps is not None and actor.strong and not elsewhere and seen.facts.state in OPEN_STATES


def _own(seen: Look, own: Sequence[str]) -> list[Mark]:
    """Return which messages went to one of these addresses, latest first."""
    keys = seen.opened_keys
    mine = (
        Mark(at, message)
        for message, number, address, at in seen.rows[0]
        if open_recipient(address, message=message, number=number, keys=keys).address in own
    )
    return list(dict.fromkeys(mine))


async def _opened(seen: Look, own: Sequence[UUID]) -> tuple[LetterToProfessional, ...]:
    if not own:
        return ()
    space, params = SpaceId(seen.facts.space), {"space": seen.facts.space, "own": list(own)}
    asked = [Statement(_LETTERS, params), Statement(_FILES, params)]
    letters, files = await rows_in_one_trip(asked, space=space)
    return tuple(
        LetterToProfessional(
            space=space,
            message=message,
            at=at,
            letter=open_letter(letter, message=message, keys=seen.opened_keys),
            attachments=tuple(_attachment(row, seen) for row in files if row[0] == message),
        )
        for message, at, letter in letters
    )


def _attachment(row: tuple[Any, ...], seen: Look) -> Attachment:
    message, number, size, blob, document, sealed = row
    described = open_description(sealed, message=message, number=number, keys=seen.opened_keys)
    return Attachment(number=number, size=size, blob=blob, document=document, description=described)


async def _with_contents(one: LetterToProfessional, seen: Look) -> LetterToProfessional:
    """Add the bytes of files; a document of the record stays a reference, which the record decides about."""
    contents: dict[int, bytes] = {}
    for file in one.attachments:
        if file.document is None and file.blob is not None and file.description.kind is AttachmentKind.FILE:
            opened = await current().blobs.open(
                file.blob, keys=seen.opened_keys, space_id=seen.facts.space, size=file.size
            )
            contents[file.number] = await opened.read()
    return msgspec.structs.replace(one, contents=contents)
