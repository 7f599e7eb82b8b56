"""One transaction on the space somebody is in, their own or that of whom they act for, opened only when the decision
allows the need.
"""

import contextlib
from collections.abc import AsyncIterator
from datetime import datetime

from carnet.access.api import Need, look_in
from carnet.identity.api import SignedIn
from carnet.infra.db import Work, work
from carnet.kernel.decisions import Reason, problem_of
from carnet.kernel.errors import Refused
from carnet.kernel.ids import SpaceId


def space_of(signed_in: SignedIn) -> SpaceId:
    """Return the space the session is in; Refused for an actor who has none."""
    space = signed_in.actor.space or signed_in.actor.acts_for
    if space is None:
        raise Refused(problem_of(Reason.OTHER_SPACE))
    return space


@contextlib.asynccontextmanager
async def own_space(signed_in: SignedIn, *, need: Need, at: datetime) -> AsyncIterator[Work]:
    """Open the transaction; Refused when the space is closed or the proof of identity too weak."""
    async with work(space=space_of(signed_in), at=at) as opened:
        (await look_in(opened, actor=signed_in.actor)).decide(need).raise_if_refused()
        yield opened
