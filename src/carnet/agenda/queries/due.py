"""Is this entry still to be told of today? Asked right before telling: it may have been moved, cancelled, deleted."""

from datetime import datetime
from typing import Final
from uuid import UUID

from carnet.agenda.data import Kind
from carnet.agenda.rules.due import is_due
from carnet.infra.db import Work

_STILL: Final = """
SELECT kind FROM agenda_entry
WHERE space_id = %(space)s AND entry_id = %(entry)s AND due_at = %(due_at)s AND told_at IS NULL
  AND status IS DISTINCT FROM 'cancelled'
"""
_TOLD: Final = """
UPDATE agenda_entry SET told_at = %(at)s
WHERE space_id = %(space)s AND entry_id = %(entry)s AND due_at = %(due_at)s AND told_at IS NULL
"""


async def still_due(w: Work, *, entry: UUID, due_at: datetime) -> Kind | None:
    """Return what is to be told of; None when nothing is any more. Reads no word of it."""
    row = await w.row(_STILL, {"space": w.space_id, "entry": entry, "due_at": due_at})
    return Kind(row[0]) if row and is_due(due_at, at=w.at) else None


async def note_told(w: Work, *, entry: UUID, due_at: datetime) -> None:
    """Remember that the person was told, or chose not to be: nobody is called for that day again. A step of telling.

    An entry moved meanwhile to another day is left to that day.
    """
    await w.execute(_TOLD, {"space": w.space_id, "entry": entry, "due_at": due_at, "at": w.at})
