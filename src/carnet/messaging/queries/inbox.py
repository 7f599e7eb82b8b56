"""What did people write to me, latest first? One page of one folder: its lines are read and opened, no other.

Each folder has its index; a page begins where the one before ended, so the ten-thousandth conversation costs what the
first does. Counting stops at a number nobody would count to.
"""

from datetime import datetime
from typing import Final

from carnet.access.api import Delegation, Look, Need, look
from carnet.infra.db.work import Rows, Statement
from carnet.journal.api import Act, Trace, record_durably
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Decision
from carnet.kernel.errors import Invalid, Problem
from carnet.kernel.ids import SpaceId
from carnet.messaging.data import ConversationLine, Folder, Inbox, Mark
from carnet.messaging.queries.opening import LINE, to_line
from carnet.messaging.queries.shown import OWN_DRAFTS, SHOWN, shown_to
from carnet.messaging.rules.permissions import may_begin, may_read

News = tuple[int, datetime | None]
MAX_COUNT: Final = 100
MOST_COUNTED: Final = 1000
MOST_UNREAD: Final = 100
BAD_PAGE: Final = Problem("page", "Cette page n'existe pas.", "This page does not exist.", "page")
_WITHIN: Final = {
    Folder.ALL: "c.place = 'inbox'",
    Folder.UNREAD: "c.place <> 'bin' AND c.unread > 0",
    Folder.SENT: "c.place <> 'bin' AND c.sent_at IS NOT NULL",
    Folder.ENDED: "c.place <> 'bin' AND (c.place = 'archive' OR c.ended_at IS NOT NULL)",
    Folder.BIN: "c.place = 'bin'",
}
_FROM: Final = {
    folder: f"FROM conversation c WHERE c.space_id = %(space)s AND c.deleted_at IS NULL AND {within} AND {SHOWN}"
    for folder, within in _WITHIN.items()
}
# ## One page of conversations, from the latest or from a line on ##
_PAGE: Final = {
    (folder, goes_on): f"""
SELECT {LINE} {rows} {"AND (c.last_at, c.conversation_id) < (%(after_at)s, %(after)s)" if goes_on else ""}
ORDER BY c.last_at DESC, c.conversation_id DESC LIMIT %(limit)s
"""
    for folder, rows in _FROM.items()
    for goes_on in (False, True)
}
# ## How many there are in the folder, how many hold something new, how many drafts this reader keeps ##
_COUNT: Final = {
    folder: f"""
SELECT (SELECT count(*) FROM (SELECT 1 {rows} LIMIT {MOST_COUNTED}) AS counted),
  (SELECT count(*) FROM (SELECT 1 {_FROM[Folder.UNREAD]} LIMIT {MOST_UNREAD}) AS fresh),
  (SELECT count(*) FROM (SELECT 1 {OWN_DRAFTS} LIMIT {MOST_UNREAD}) AS begun),
  (SELECT max(c.last_at) {_FROM[Folder.UNREAD]})
"""
    for folder, rows in _FROM.items()
}


async def inbox(
    *,
    actor: Actor,
    space: SpaceId,
    folder: Folder = Folder.ALL,
    after: Mark | None = None,
    count: int = 50,
    at: datetime,
) -> Inbox:
    """Return `count` conversations (1 to 100) of a folder, latest first, from the line that follows `after`.

    Raises Invalid (page), Refused or NotFound; the trace is durable before this returns.
    """
    if not 0 < count <= MAX_COUNT:
        raise Invalid(BAD_PAGE)
    params = shown_to(actor, space=space, at=at)
    begin = {"after_at": after.at, "after": after.line} if after else {}
    statements = [
        Statement(_PAGE[folder, after is not None], params | begin | {"limit": count + 1}),
        Statement(_COUNT[folder], params),
    ]
    seen = await look(actor=actor, space=space, at=at, statements=statements)
    await trace(seen, may_read(seen.decide(Need.LIST), held=seen.facts.delegation), Act.LIST_MESSAGES)
    lines = tuple(to_line(row, keys=seen.opened_keys) for row in seen.rows[0][:count])
    total, unread, drafts, _ = seen.rows[1][0]
    more = len(seen.rows[0]) > count
    return Inbox(
        lines=lines,
        total=total,
        unread=unread,
        drafts=drafts,
        after=_mark(lines[-1]) if more else None,
        may_begin=may_begin(seen.decide(Need.EDIT), held=seen.facts.delegation, at=at).allowed,
    )


async def count_unread(*, actor: Actor, space: SpaceId, at: datetime) -> int:
    """Return how many conversations hold something new; 0 for whoever may not read them. Leaves no trace."""
    news = await look_for_news(actor=actor, space=space, at=at)
    return news[0] if news else 0


async def look_for_news(*, actor: Actor, space: SpaceId, at: datetime) -> News | None:
    """Return how many conversations hold something new and when the latest of them moved: equal answers, no news.

    None for whoever may not read them. Leaves no trace: it says no more than the number on a tab.
    """
    seen = await look(actor=actor, space=space, at=at, statements=[unread_statement(actor, space=space, at=at)])
    return to_news(seen.rows[0], in_space=seen.decide(Need.LIST), held=seen.facts.delegation)


def unread_statement(actor: Actor, *, space: SpaceId, at: datetime) -> Statement:
    """Return the statement whose rows `to_news` reads, for pages that send several at once."""
    return Statement(_COUNT[Folder.UNREAD], shown_to(actor, space=space, at=at))


def to_news(rows: Rows, *, in_space: Decision, held: Delegation | None) -> News | None:
    """Return what `look_for_news` says, out of the rows of `unread_statement`. in_space: the gate's on listing."""
    if not may_read(in_space, held=held).allowed:
        return None
    return rows[0][1], rows[0][3]


async def trace(seen: Look, decision: Decision, act: Act) -> None:
    """Write the trace durably, then raise Refused when the answer is no."""
    if seen.facts.state != "NONE":
        await record_durably(Trace(act=act, actor=seen.actor, decision=decision, at=seen.at, space=seen.facts.space))
    decision.raise_if_refused()


def _mark(line: ConversationLine) -> Mark:
    return Mark(line.last_at, line.conversation_id)
