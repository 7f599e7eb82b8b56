"""A professional opens a patient's file: when they were there before is what makes something new to them.

Not a trace: the list they open has its own, durable before it is shown.
"""

from datetime import datetime, timedelta
from typing import Final

from carnet.infra.db import rows_in_one_trip
from carnet.infra.db.work import Statement
from carnet.kernel.actors import Actor
from carnet.kernel.ids import SpaceId

APART: Final = timedelta(hours=4)
"""Looks closer together than this are one visit: what was new in the morning stays new until the afternoon."""

_NOTE = """
INSERT INTO professional_visit AS v (space_id, rpps, last_seen_at) VALUES (%(space)s, %(rpps)s, %(at)s)
ON CONFLICT (space_id, rpps) DO UPDATE SET
  previous_at = CASE WHEN v.last_seen_at < %(apart)s THEN v.last_seen_at ELSE v.previous_at END,
  last_seen_at = greatest(v.last_seen_at, excluded.last_seen_at)
RETURNING previous_at
"""


async def note_visit(*, actor: Actor, space: SpaceId, at: datetime) -> datetime | None:
    """Note that `actor`, a professional, looks now; return when their visit before this one ended, None for a first.

    For whoever was already found to be authorised: nothing is decided here.
    """
    params = {"space": space, "rpps": actor.rpps, "at": at, "apart": at - APART}
    row = (await rows_in_one_trip([Statement(_NOTE, params)], space=space))[0][0]
    previous: datetime | None = row[0]
    return previous
