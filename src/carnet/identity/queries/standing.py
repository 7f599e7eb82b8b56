"""What the health directory and the register of software say right now: still practising there, still allowed."""

import msgspec

from carnet.infra.db import rows_in_one_trip
from carnet.infra.db.message import Statement

# ## A professional, the organisation they name, and whether they work there ##
_STANDING = """
SELECT p.given_name || ' ' || p.family_name, p.status = 'active', o.name,
  EXISTS (SELECT FROM professional_situation t WHERE t.rpps = p.rpps AND t.finess = %(finess)s)
FROM professional p LEFT JOIN care_organisation o ON o.finess = %(finess)s
WHERE p.rpps = %(rpps)s
"""
# ## Whether whoever a token was given to may still act: the software, and the professional behind it ##
_LIVE = """
SELECT (%(client)s::text IS NULL OR EXISTS (
     SELECT FROM care_software s WHERE s.client_id = %(client)s AND s.status = 'active'))
   AND (%(rpps)s::text IS NULL OR EXISTS (
     SELECT FROM professional p JOIN professional_situation t USING (rpps)
     WHERE p.rpps = %(rpps)s AND p.status = 'active' AND t.finess = %(finess)s))
"""


class Standing(msgspec.Struct, frozen=True):
    """A professional as the directory knows them. organisation_name None: the directory has no such organisation."""

    name: str
    active: bool
    organisation_name: str | None
    works_there: bool


async def standing(*, rpps: str, finess: str) -> Standing | None:
    """Return the standing of `rpps` at `finess`, or None when the directory does not know them."""
    rows = (await rows_in_one_trip([Statement(_STANDING, {"rpps": rpps, "finess": finess})], space=None))[0]
    return Standing(*rows[0]) if rows else None


async def is_live(*, client_id: str | None, rpps: str | None, finess: str | None) -> bool:
    """Tell whether a software is active, and the professional acting through it (if any) still practises there."""
    params = {"client": client_id, "rpps": rpps, "finess": finess}
    return bool((await rows_in_one_trip([Statement(_LIVE, params)], space=None))[0][0][0])
