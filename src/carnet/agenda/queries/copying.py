"""Every entry the reader may know of, to be taken away, oldest first: the trace of a page before its words.

What is written after `until` is left to the next copy. Ignored: what the copy looks like.
"""

from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from typing import Any, Final

from carnet.access.api import Need, look
from carnet.agenda.data import Entry, Kind, Status, Words
from carnet.agenda.queries.opening import COLUMNS, to_entries
from carnet.agenda.queries.shown import SHOWN, shown_to
from carnet.infra import clock
from carnet.infra.db.work import Statement
from carnet.infra.telemetry import log
from carnet.infra.vault import SpaceKeys, Unopenable
from carnet.journal.api import Act, Trace, record_durably
from carnet.kernel.actors import Actor
from carnet.kernel.ids import SpaceId

UNREADABLE: Final = Words()
"""What stands for words that do not open; compared by identity."""
LINES: Final = 100
_PAGE: Final = f"""
SELECT {COLUMNS} FROM agenda_entry e WHERE e.space_id = %(space)s AND e.recorded_at <= %(until)s AND {SHOWN}
  AND (%(after_at)s::timestamptz IS NULL OR (e.starts_at, e.entry_id) > (%(after_at)s::timestamptz, %(after)s::uuid))
ORDER BY e.starts_at, e.entry_id LIMIT {LINES}
"""


async def copy_agenda(*, actor: Actor, space: SpaceId, until: datetime) -> AsyncIterator[Entry]:
    """Yield the entries; each page is decided anew. Raises Refused."""
    last: Entry | None = None
    while True:
        at = clock.now()
        after = {"after_at": last.starts_at if last else None, "after": last.entry_id if last else None}
        params = shown_to(actor, space=space, at=at) | after | {"until": until}
        seen = await look(actor=actor, space=space, at=at, statements=[Statement(_PAGE, params)])
        decision = seen.decide(Need.READ_AGENDA)
        await record_durably(Trace(act=Act.LIST_AGENDA, actor=actor, decision=decision, at=at, space=space))
        decision.raise_if_refused()
        for last in _legible(seen.rows[0], keys=seen.opened_keys):
            yield last
        if len(seen.rows[0]) < LINES:
            return


def _legible(rows: list[tuple[Any, ...]], *, keys: SpaceKeys) -> Iterator[Entry]:
    for row in rows:
        try:
            yield from to_entries([row], keys=keys)
        except Unopenable:
            log.error("copy-without", entry=str(row[0]), why=Unopenable.__name__)
            entry, kind, starts_at, zone, status, _, by, recorded_at, changed_at = row
            yield Entry(
                entry_id=entry,
                kind=Kind(kind),
                starts_at=starts_at,
                zone=zone,
                status=Status(status) if status else None,
                words=UNREADABLE,
                by=by,
                recorded_at=recorded_at,
                changed_at=changed_at,
            )
