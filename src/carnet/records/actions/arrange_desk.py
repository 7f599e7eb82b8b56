"""The professional arranges their pages: what comes first, whether single keys act."""

from datetime import datetime
from typing import Final

from carnet.infra.db import system_work
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Ground, Reason, allow, refuse
from carnet.records.queries.desk import DeskPreferences

MOST: Final = 8
_KEEP: Final = """
INSERT INTO professional_preference (rpps, first_categories, shortcuts, changed_at)
VALUES (%(rpps)s, %(first)s, %(shortcuts)s, %(at)s)
ON CONFLICT (rpps) DO UPDATE SET first_categories = excluded.first_categories, shortcuts = excluded.shortcuts,
  changed_at = excluded.changed_at
"""


async def arrange_desk(*, actor: Actor, preferences: DeskPreferences, at: datetime) -> None:
    """Keep what `actor`, a professional, prefers. Raises Refused for anybody else."""
    decision = allow(Ground.DUTY) if actor.kind is ActorKind.PROFESSIONAL else refuse(Reason.NOT_A_READER)
    async with system_work(at=at) as w:
        await record(w, Act.CHANGE_SETTINGS, decision, actor=actor)
        if decision.allowed:
            first = list(preferences.first_categories[:MOST])
            params = {"rpps": actor.rpps, "first": first, "shortcuts": preferences.shortcuts, "at": at}
            await w.execute(_KEEP, params)
    decision.raise_if_refused()
