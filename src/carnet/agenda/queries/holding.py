"""One entry, as far as who is about to change it may know of it; nobody else changes it meanwhile."""

from typing import Final
from uuid import UUID

from carnet.agenda.data import Entry
from carnet.agenda.queries.opening import COLUMNS, to_entries
from carnet.agenda.queries.shown import SHOWN, shown_to
from carnet.infra.db import Work
from carnet.infra.vault import SpaceKeys
from carnet.kernel.actors import Actor

_ONE: Final = f"""
SELECT {COLUMNS} FROM agenda_entry e WHERE e.space_id = %(space)s AND e.entry_id = %(entry)s AND {SHOWN}
FOR UPDATE OF e
"""


async def hold(w: Work, *, actor: Actor, entry: UUID, keys: SpaceKeys) -> Entry | None:
    """Return the entry; None when this reader knows of no such. After a decision."""
    rows = await w.rows(_ONE, shown_to(actor, space=w.space_id, at=w.at) | {"entry": entry})
    return next(iter(to_entries(rows, keys=keys)), None)
