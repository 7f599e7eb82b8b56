"""What other professionals wrote to this one about a patient: their own mailboxes' mail, and nobody else's.

It is of no space: nothing here looks for the patient, and what is answered is the same whether there is one. The trace
is durable before anything is shown; it is in the security journal, which names no patient (decision 0174).
"""

import asyncio
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from carnet.formats.kinds import MEDIA_TYPES, ContentKind
from carnet.formats.mail import read_mail
from carnet.identity.api import own_mailboxes
from carnet.infra.db import system_work
from carnet.infra.installation import current
from carnet.journal.api import Act, Trace, record_alone
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow
from carnet.kernel.errors import NotFound
from carnet.messaging.data import ColleagueLetter, Description
from carnet.messaging.opening import Opened, opened_files
from carnet.messaging.queries.sealed_by_house import mailbox_digest, open_colleague_letter, open_envelope

MOST: Final = 100
TEXT: Final = 0
"""The number under which the words of a message are one of its files."""
_LETTERS: Final = """
SELECT mail_id, letter_enc FROM colleague_mail
WHERE addressee = ANY(%(own)s) AND letter_enc IS NOT NULL AND (%(mail)s::uuid IS NULL OR mail_id = %(mail)s)
ORDER BY received_at DESC, mail_id DESC LIMIT %(most)s
"""
_SEALED: Final = """
SELECT sealed FROM colleague_mail WHERE mail_id = %(mail)s AND addressee = ANY(%(own)s) AND letter_enc IS NOT NULL
"""


async def colleague_letters(*, actor: Actor, at: datetime) -> tuple[ColleagueLetter, ...]:
    """Return what was written to `actor`'s own mailboxes about patients, latest first, at most MOST."""
    return await _letters(actor, None, at)


async def colleague_letter(*, actor: Actor, mail: UUID, at: datetime) -> ColleagueLetter:
    """Return one of them. Raises NotFound: somebody else's, gone, or none."""
    found = await _letters(actor, mail, at)
    if not found:
        raise NotFound
    return found[0]


async def colleague_files(*, actor: Actor, letter: ColleagueLetter, at: datetime) -> tuple[Opened, ...]:
    """Return the files of a message with their bytes, the trace durable before. Raises NotFound, Unavailable."""
    rows = await _mine(_SEALED, actor, letter.mail, at)
    if not rows:
        raise NotFound
    raw = open_envelope(rows[0][0], mail=letter.mail).raw
    read = await asyncio.to_thread(read_mail, raw)
    files = await asyncio.to_thread(opened_files, read, limits=current().limits.mail)
    told: dict[str, object] = {"files": len(files), "colleague": True}
    await record_alone(
        Trace(act=Act.READ_ATTACHMENT, actor=actor, decision=allow(Ground.DUTY), at=at, space=None, details=told)
    )
    return files


async def colleague_file(*, actor: Actor, letter: ColleagueLetter, number: int, at: datetime) -> Opened:
    """Return one file of a message with its bytes; TEXT: its words as a text. Raises NotFound, Unavailable."""
    if number == TEXT and letter.letter.text.strip():
        described = Description(
            name="message.txt", media_type=MEDIA_TYPES[ContentKind.TEXT], title=letter.letter.subject
        )
        return Opened(description=described, content=letter.letter.text.encode())
    if number not in {one.number for one in letter.files}:
        raise NotFound
    return (await colleague_files(actor=actor, letter=letter, at=at))[number - 1]


async def _letters(actor: Actor, mail: UUID | None, at: datetime) -> tuple[ColleagueLetter, ...]:
    rows = await _mine(_LETTERS, actor, mail, at)
    if rows:
        told: dict[str, object] = {"messages": len(rows), "colleague": True}
        await record_alone(
            Trace(act=Act.COLLECT_MESSAGES, actor=actor, decision=allow(Ground.DUTY), at=at, space=None, details=told)
        )
    return tuple(open_colleague_letter(sealed, mail=mail_id) for mail_id, sealed in rows)


async def _mine(asked: str, actor: Actor, mail: UUID | None, at: datetime) -> list[tuple[Any, ...]]:
    """Return the rows of this professional's own mailboxes; none for a weak proof, or once launched for a patient."""
    if actor.rpps is None or not actor.strong or actor.acts_for is not None:
        return []
    async with system_work(at=at) as w:
        own = [mailbox_digest(one) for one in await own_mailboxes(w, rpps=actor.rpps)]
        return list(await w.rows(asked, {"own": own, "mail": mail, "most": MOST})) if own else []
