"""Opening again the space of a child one represents, from the page of one's family."""

from datetime import datetime
from uuid import UUID

from carnet.identity.api import SignedIn
from carnet.journeys.acting import actor_space, place_of, whoever
from carnet.journeys.actions.leave_space import reopen_space


async def reopen_for(*, signed_in: SignedIn, delegation: UUID, at: datetime) -> None:
    """Open again the closed space of a child the holder of the session represents. Raises NotFound, Refused, Conflict.

    A small child opens nothing themselves: whoever represents them does, as one of them closed it.
    """
    _, actor = await place_of(await whoever(signed_in), signed_in, delegation, at)
    await reopen_space(actor=actor, space=actor_space(actor), at=at)
