"""Where the campaign stands: how many wait in each state, how many were told today. Counts only."""

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from carnet.infra.db import Work
from carnet.spaces.rules.delays import zone_of

# ## People told in a département between two times ##
_TODAY = "SELECT coalesce(sum(persons), 0) FROM notice_batch WHERE departement = %s AND at >= %s AND at < %s"
# ## One transaction at a time tells people of a département: what each counted stays true until it wrote ##
_ALONE = "SELECT pg_try_advisory_xact_lock(hashtext('tell'), hashtext(%s))"
# ## Whether the people of a file of letters count as written to ##
_KNOWN = "SELECT EXISTS (SELECT FROM notice_batch WHERE batch_id = %s)"
# ## Whether somebody of a département waits to be told ##
_TO_TELL = """
SELECT EXISTS (SELECT FROM enrolment WHERE state = 'ELIGIBLE' AND departement = %s AND person_enc IS NOT NULL)
"""
# ## How many are where ##
_STATES = "SELECT state, count(*) FROM enrolment GROUP BY state ORDER BY state"


async def informed_today(work: Work, *, departement: str) -> int:
    """Return how many were told in `departement` on the day it is there, by runs whose clocks are ahead as well."""
    local = work.at.astimezone(ZoneInfo(zone_of(departement)))
    midnight: datetime = local.replace(hour=0, minute=0, second=0, microsecond=0)
    row = await work.row(_TODAY, (departement, midnight, midnight + timedelta(days=1)))
    return int(row[0]) if row else 0


async def is_alone(work: Work, *, departement: str) -> bool:
    """Hold a département for this transaction; False when another one is telling people there."""
    row = await work.row(_ALONE, (departement,))
    return row is not None and bool(row[0])


async def is_anybody_to_tell(work: Work, *, departement: str) -> bool:
    """Return whether somebody of `departement` waits to be told."""
    row = await work.row(_TO_TELL, (departement,))
    return row is not None and bool(row[0])


async def is_batch_known(work: Work, batch_id: UUID) -> bool:
    """Return whether the people of a file of letters count as written to."""
    row = await work.row(_KNOWN, (batch_id,))
    return row is not None and bool(row[0])


async def waiting(work: Work) -> dict[str, int]:
    """Return how many persons are in each state of the campaign. Reads the whole table."""
    return dict(await work.rows(_STATES))
