"""Where one's space stands and which days follow: read for its holder alone, whatever the state."""

from datetime import datetime

import msgspec

from carnet.identity.api import SignedIn
from carnet.infra.db import work
from carnet.infra.installation import current
from carnet.interfaces.portal.sources.own_space import space_of
from carnet.spaces.api import Life, archive_day, deletion_day, hold_life


class Days(msgspec.Struct, frozen=True, kw_only=True):
    """What would follow from an act of now."""

    life: Life
    kept_until: datetime
    erased_on: datetime


async def gather_days(*, signed_in: SignedIn, at: datetime) -> Days:
    """Return where the space stands and what would follow."""
    async with work(space=space_of(signed_in), at=at) as w:
        life = await hold_life(w)
    delays = current().limits.life
    return Days(
        life=life,
        kept_until=archive_day(delays=delays, zone=life.zone, at=at),
        erased_on=deletion_day(delays=delays, zone=life.zone, at=at),
    )
