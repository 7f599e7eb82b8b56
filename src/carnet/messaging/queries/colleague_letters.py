"""What other professionals wrote to this one about a patient: their own mailboxes' mail, and nobody else's.

It is of no space: nothing here looks for the patient, and what is answered is the same whether there is one. The trace
is durable before anything is shown; it is in the security journal, which names no patient (decision 0174). A search
opens the latest MOST_SEARCHED in memory; the words looked for are written nowhere.
"""

import asyncio
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from carnet.formats.kinds import MEDIA_TYPES, ContentKind
from carnet.formats.mail import read_mail
from carnet.infra.db import system_work
from carnet.infra.installation import current
from carnet.journal.api import Act, Trace, record_alone
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow
from carnet.kernel.errors import Invalid, NotFound
from carnet.messaging.data import ColleagueLetter, ColleagueLetters, Description, Mark
from carnet.messaging.opening import Opened, opened_files
from carnet.messaging.queries.inbox import BAD_PAGE, MAX_COUNT
from carnet.messaging.queries.practice import mailboxes_read_by
from carnet.messaging.queries.sealed_by_house import mailbox_digest, open_colleague_letter, open_envelope
from carnet.messaging.rules.finding import Answer, Looking, said_in

MOST_SEARCHED: Final = 1000
MOST_FOUND: Final = 100
TEXT: Final = 0
"""The number under which the words of a message are one of its files."""
_OWN: Final = "FROM colleague_mail WHERE addressee = ANY(%(own)s) AND letter_enc IS NOT NULL"
# ## One page, from the latest or from a line on ##
_PAGE: Final = {
    goes_on: f"""
SELECT mail_id, letter_enc, received_at {_OWN}
  {"AND (received_at, mail_id) < (%(after_at)s, %(after)s)" if goes_on else ""}
ORDER BY received_at DESC, mail_id DESC LIMIT %(limit)s
"""
    for goes_on in (False, True)
}
_COUNT: Final = f"SELECT count(*) {_OWN}"
_CAME_TO: Final = f"SELECT addressee {_OWN} AND mail_id = %(mail)s"
_ONE: Final = f"SELECT mail_id, letter_enc, received_at {_OWN} AND mail_id = %(mail)s"
_SEALED: Final = """
SELECT sealed FROM colleague_mail WHERE mail_id = %(mail)s AND addressee = ANY(%(own)s) AND letter_enc IS NOT NULL
"""


class FoundLetter(msgspec.Struct, frozen=True, kw_only=True):
    """A message of a colleague that answers, and how."""

    letter: ColleagueLetter
    answer: Answer


async def colleague_letters(
    *, actor: Actor, after: Mark | None = None, count: int = 50, at: datetime
) -> ColleagueLetters:
    """Return `count` (1 to 100) of what was written to `actor`'s own mailboxes about patients, latest first.

    Raises Invalid (page); the trace is durable before this returns.
    """
    if not 0 < count <= MAX_COUNT:
        raise Invalid(BAD_PAGE)
    begin: dict[str, object] = {"after_at": after.at, "after": after.line} if after else {}
    rows = await _mine(_PAGE[after is not None], actor, begin | {"limit": count + 1}, at)
    letters = await _opened(rows[:count], actor, at)
    more = Mark(rows[count - 1][2], rows[count - 1][0]) if len(rows) > count else None
    counted = await _mine(_COUNT, actor, {}, at) if rows else []
    total = counted[0][0] if counted else 0
    return ColleagueLetters(letters=letters, total=total, after=more)


async def search_colleague_letters(*, actor: Actor, words: str, at: datetime) -> tuple[FoundLetter, ...]:
    """Return the messages that answer `words`, subjects and senders first, then latest first, at most MOST_FOUND.

    Looks through the latest MOST_SEARCHED; the trace is durable before this returns.
    """
    letters = await _opened(await _mine(_PAGE[False], actor, {"limit": MOST_SEARCHED}, at), actor, at)
    return await asyncio.to_thread(_found, letters, words)


def _found(letters: tuple[ColleagueLetter, ...], words: str) -> tuple[FoundLetter, ...]:
    looking, found = Looking(words), list[FoundLetter]()
    for one in letters if looking.asks else ():
        sender, files = one.letter.sender, [file.description for file in one.files]
        people, said = (sender.name, sender.address, one.about), [said_in(one.mail, one.letter.text, files)]
        if answer := looking.answer(subject=one.letter.subject, people=people, said=said):
            found.append(FoundLetter(letter=one, answer=answer))
    found.sort(key=lambda one: one.answer.rank)  # stable: within one rank, latest first
    return tuple(found[:MOST_FOUND])


async def colleague_letter(*, actor: Actor, mail: UUID, at: datetime) -> ColleagueLetter:
    """Return one of them. Raises NotFound: somebody else's, gone, or none."""
    found = await _opened(await _mine(_ONE, actor, {"mail": mail}, at), actor, at)
    if not found:
        raise NotFound
    return found[0]


async def came_to(*, actor: Actor, mail: UUID, at: datetime) -> str:
    """Return which of the mailboxes `actor` reads a message came to. Raises NotFound."""
    rows = await _mine(_CAME_TO, actor, {"mail": mail}, at)
    async with system_work(at=at) as w:
        held = [one.address for one in await mailboxes_read_by(w, actor)] if rows else []
    found = next((one for one in held if mailbox_digest(one) == bytes(rows[0][0])), None)
    if found is None:
        raise NotFound
    return found


async def colleague_files(*, actor: Actor, letter: ColleagueLetter, at: datetime) -> tuple[Opened, ...]:
    """Return the files of a message with their bytes, the trace durable before. Raises NotFound, Unavailable."""
    rows = await _mine(_SEALED, actor, {"mail": letter.mail}, at)
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


async def _opened(rows: list[tuple[Any, ...]], actor: Actor, at: datetime) -> tuple[ColleagueLetter, ...]:
    if rows:
        told: dict[str, object] = {"messages": len(rows), "colleague": True}
        await record_alone(
            Trace(act=Act.COLLECT_MESSAGES, actor=actor, decision=allow(Ground.DUTY), at=at, space=None, details=told)
        )
    return tuple(open_colleague_letter(sealed, mail=mail_id) for mail_id, sealed, _ in rows)


async def _mine(asked: str, actor: Actor, params: dict[str, object], at: datetime) -> list[tuple[Any, ...]]:
    """Return the rows of this professional's own mailboxes; none for a weak proof, or once launched for a patient."""
    if actor.rpps is None or not actor.strong or actor.acts_for is not None:
        return []
    async with system_work(at=at) as w:
        own = [mailbox_digest(one.address) for one in await mailboxes_read_by(w, actor)]
        return list(await w.rows(asked, {"own": own, **params})) if own else []
