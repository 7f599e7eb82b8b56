"""Where does this professional work, as the public directory says today?"""

import msgspec

from carnet.infra.db import Work

# ## The organisations of an active professional, by name ##
_PLACES = """
SELECT o.finess, o.name FROM professional p JOIN professional_situation t USING (rpps)
JOIN care_organisation o USING (finess) WHERE p.rpps = %s AND p.status = 'active' ORDER BY o.name, o.finess
"""


class Workplace(msgspec.Struct, frozen=True):
    """An organisation somebody works at."""

    finess: str
    name: str


async def workplaces(work: Work, rpps: str) -> list[Workplace]:
    """Return where `rpps` works; empty when unknown or no longer active."""
    return [Workplace(*row) for row in await work.rows(_PLACES, (rpps,))]
