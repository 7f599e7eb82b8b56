"""Finding the space of an INS, ready to be used.

A space the campaign opened may still be asleep; whoever finds it needs it, so it gets its keys here (decision 0015).
"""

from typing import Any

from carnet.identity.api import Ins
from carnet.infra import clock
from carnet.infra.db import rows_in_one_trip
from carnet.kernel.ids import SpaceId
from carnet.spaces.actions.awake import awaken
from carnet.spaces.queries.find import digest_statement, find_statement


async def find_space(ins: Ins) -> SpaceId | None:
    """Return the space of `ins`, or None. Says nothing about whether it is open: the decision does."""
    return await found_space((await rows_in_one_trip([find_statement(ins)], space=None))[0])


async def find_by_digest(digest: bytes) -> SpaceId | None:
    """Return the space of the INS behind a digest, awake, or None."""
    return await found_space((await rows_in_one_trip([digest_statement(digest)], space=None))[0])


async def found_space(rows: list[tuple[Any, ...]]) -> SpaceId | None:
    """Return the space in the rows of `find_statement`, awake; None when there is none."""
    if not rows:
        return None
    space, asleep, digest = rows[0]
    if asleep:
        await awaken(space=SpaceId(space), digest=bytes(digest), at=clock.now())
    return SpaceId(space)
