"""The published numbers, for those who run the house: the table they lie in holds no row of anybody."""

from datetime import date, datetime

from carnet.infra.db import system_work
from carnet.journal.api import Act, record
from carnet.journeys.actions.count_indicators import Figure
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Ground, Reason, allow, refuse

# ## Published numbers since a day ##
_FIGURES = """
SELECT series, period, row_key, column_key, value FROM indicator WHERE period >= %(since)s
ORDER BY period, series, row_key, column_key
"""


async def figures(*, actor: Actor, since: date, at: datetime) -> tuple[Figure, ...]:
    """Return what was published of weeks and months that began on or after `since`. Raises Refused: pilots only."""
    allowed = actor.strong and actor.kind in {ActorKind.PILOT, ActorKind.OPERATOR}
    decision = allow(Ground.DUTY) if allowed else refuse(Reason.NOT_A_READER)
    async with system_work(at=at) as w:
        await record(w, Act.VIEW_INDICATORS, decision, actor=actor)
        rows = await w.rows(_FIGURES, {"since": since}) if decision.allowed else []
    decision.raise_if_refused()
    return tuple(Figure(*row) for row in rows)
