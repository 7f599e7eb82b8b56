"""What did people write to me, latest first? A page of conversations; a search opens every head of this one space."""

from datetime import datetime
from typing import Final

from carnet.access.api import Look, Need, look
from carnet.infra.db.work import Statement
from carnet.journal.api import Act, Trace, record_durably
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Decision
from carnet.kernel.errors import Invalid, Problem
from carnet.kernel.ids import SpaceId
from carnet.messaging.data import ConversationLine, Folder, Inbox
from carnet.messaging.queries.opening import LINE, to_line
from carnet.messaging.rules.finding import holds_words, words_of
from carnet.messaging.rules.permissions import may_read

MAX_COUNT: Final = 100
MOST_SEARCHED: Final = 5000
BAD_PAGE: Final = Problem("page", "Cette page n'existe pas.", "This page does not exist.", "page")
_MINE: Final = {
    Folder.ALL: "",
    Folder.UNREAD: "AND c.unread > 0",
    Folder.DRAFTS: """AND EXISTS (SELECT FROM message r WHERE r.space_id = c.space_id
      AND r.conversation_id = c.conversation_id AND r.state = 'draft' AND r.letter_enc IS NOT NULL)""",
}
# ## One page of conversations ##
_PAGE: Final = {
    folder: f"""
SELECT {LINE} FROM conversation c WHERE c.space_id = %(space)s AND c.deleted_at IS NULL {narrowed}
ORDER BY c.last_at DESC, c.conversation_id LIMIT %(limit)s OFFSET %(offset)s
"""  # noqa: S608 - fixed fragments
    for folder, narrowed in _MINE.items()
}
# ## How many there are in the folder, and how many wait to be read anywhere ##
_COUNT: Final = {
    folder: f"""
SELECT (SELECT count(*) FROM conversation c WHERE c.space_id = %(space)s AND c.deleted_at IS NULL {narrowed}),
  (SELECT count(*) FROM conversation u WHERE u.space_id = %(space)s AND u.deleted_at IS NULL AND u.unread > 0)
"""  # noqa: S608 - fixed fragments
    for folder, narrowed in _MINE.items()
}


async def inbox(
    *,
    actor: Actor,
    space: SpaceId,
    folder: Folder = Folder.ALL,
    search: str = "",
    page: int = 1,
    count: int = 50,
    at: datetime,
) -> Inbox:
    """Return page `page` (from 1) of `count` conversations (1 to 100). search: words all of which must be there.

    Raises Invalid (page), Refused or NotFound; the trace is durable before this returns.
    """
    if page < 1 or not 0 < count <= MAX_COUNT:
        raise Invalid(BAD_PAGE)
    words = words_of(search)
    limit, offset = (MOST_SEARCHED, 0) if words else (count, (page - 1) * count)
    params = {"space": space, "limit": limit, "offset": offset}
    statements = [Statement(_PAGE[folder], params), Statement(_COUNT[folder], {"space": space})]
    seen = await look(actor=actor, space=space, at=at, statements=statements)
    await trace(seen, may_read(seen.decide(Need.LIST)), Act.LIST_MESSAGES)
    lines = tuple(to_line(row, keys=seen.opened_keys) for row in seen.rows[0])
    total, unread = seen.rows[1][0]
    if words:
        found = tuple(one for one in lines if holds_words(_searched(one), words))
        return Inbox(lines=found[(page - 1) * count : page * count], total=len(found), unread=unread)
    return Inbox(lines=lines, total=total, unread=unread)


async def count_unread(*, actor: Actor, space: SpaceId, at: datetime) -> int:
    """Return how many conversations hold something new; 0 for whoever may not read them. Leaves no trace."""
    seen = await look(actor=actor, space=space, at=at, statements=[unread_statement(space)])
    return int(seen.rows[0][0][1]) if may_read(seen.decide(Need.LIST)).allowed else 0


def unread_statement(space: SpaceId) -> Statement:
    """Return the statement of (total, unread), for pages that send several at once, after a decision."""
    return Statement(_COUNT[Folder.ALL], {"space": space})


async def trace(seen: Look, decision: Decision, act: Act) -> None:
    """Write the trace durably, then raise Refused when the answer is no."""
    if seen.facts.state != "NONE":
        await record_durably(Trace(act=act, actor=seen.actor, decision=decision, at=seen.at, space=seen.facts.space))
    decision.raise_if_refused()


def _searched(line: ConversationLine) -> str:
    people = " ".join(f"{one.name} {one.address}" for one in line.head.people)
    return f"{line.head.subject} {people} {line.head.excerpt}"
