"""What is in this agenda? What is to come, and one page of what is past; one entry, for its form.

An appointment counts as to come until an hour after it began, a reminder until its day is over.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from carnet.access.api import Need, look
from carnet.agenda.data import Agenda, Entry
from carnet.agenda.queries.opening import COLUMNS, to_entries
from carnet.agenda.queries.shown import SHOWN, shown_to
from carnet.infra.db.message import Rows, Statement
from carnet.infra.vault import SpaceKeys
from carnet.journal.api import Act, Trace, record_durably
from carnet.kernel.actors import Actor
from carnet.kernel.errors import Invalid, NotFound, Problem
from carnet.kernel.ids import SpaceId
from carnet.spaces.api import to_zone, zone_statement

PAGE: Final = 25
MOST_COMING: Final = 500
BAD_PAGE: Final = Problem("page", "Cette page n'existe pas.", "This page does not exist.", "page")
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_OVER: Final = (
    "(e.starts_at <= CASE e.kind WHEN 'reminder' THEN %(yesterday)s::timestamptz ELSE %(just_now)s::timestamptz END)"
)
_MINE: Final = f"FROM agenda_entry e WHERE e.space_id = %(space)s AND {SHOWN}"
# ## What is to come, soonest first ##
_COMING: Final = f"SELECT {COLUMNS} {_MINE} AND NOT {_OVER} ORDER BY e.starts_at, e.entry_id LIMIT {MOST_COMING}"
# ## One page of what is past, latest first ##
_PAST: Final = (
    f"SELECT {COLUMNS} {_MINE} AND {_OVER} ORDER BY e.starts_at DESC, e.entry_id OFFSET %(skip)s::int LIMIT {PAGE}"
)
_COUNT: Final = f"SELECT count(*) {_MINE} AND {_OVER}"
# ## The next appointment ##
_NEXT: Final = f"""
SELECT {COLUMNS} {_MINE} AND e.starts_at > %(at)s AND e.status = 'booked' ORDER BY e.starts_at, e.entry_id LIMIT 1
"""
_ONE: Final = f"SELECT {COLUMNS} {_MINE} AND e.entry_id = %(entry)s"


async def read_agenda(*, actor: Actor, space: SpaceId, page: int = 1, at: datetime) -> Agenda:
    """Return what is to come and the `page`-th page (from 1) of what is past; the trace is durable before this returns.

    Raises Invalid (page), Refused, NotFound.
    """
    if page < 1:
        raise Invalid(BAD_PAGE)
    params = shown_to(actor, space=space, at=at) | {
        "yesterday": at - _DAY,
        "just_now": at - _HOUR,
        "skip": (page - 1) * PAGE,
    }
    statements = [*(Statement(sql, params) for sql in (_COMING, _PAST, _COUNT)), zone_statement(space)]
    seen = await look(actor=actor, space=space, at=at, statements=statements)
    decision = seen.decide(Need.READ_AGENDA)
    if seen.facts.state != "NONE":
        await record_durably(Trace(act=Act.LIST_AGENDA, actor=actor, decision=decision, at=at, space=space))
    decision.raise_if_refused()
    coming, past = (to_entries(rows, keys=seen.opened_keys) for rows in seen.rows[:2])
    return Agenda(
        coming=coming,
        past=past,
        past_total=seen.rows[2][0][0],
        may_write=seen.decide(Need.WRITE_AGENDA).allowed,
        zone=to_zone(seen.rows[3], keys=seen.opened_keys, space=space),
    )


def next_statement(actor: Actor, *, space: SpaceId, at: datetime) -> Statement:
    """Return the statement whose rows `to_next` reads, for a page of the person's own that sends several at once."""
    return Statement(_NEXT, shown_to(actor, space=space, at=at))


def to_next(rows: Rows, *, keys: SpaceKeys) -> Entry | None:
    """Return the next appointment that is not cancelled, out of the rows of `next_statement`. After a decision."""
    return next(iter(to_entries(rows, keys=keys)), None)


async def read_entry(*, actor: Actor, space: SpaceId, entry: UUID, at: datetime) -> Entry:
    """Return one entry, for who is about to change it; its trace is durable. Raises Refused, NotFound."""
    params = shown_to(actor, space=space, at=at) | {"entry": entry}
    seen = await look(actor=actor, space=space, at=at, statements=[Statement(_ONE, params)])
    decision = seen.decide(Need.WRITE_AGENDA)
    if seen.facts.state != "NONE":
        await record_durably(Trace(act=Act.LIST_AGENDA, actor=actor, decision=decision, at=at, space=space))
    decision.raise_if_refused()
    found = to_entries(seen.rows[0], keys=seen.opened_keys)
    if not found:
        raise NotFound
    return found[0]
