"""The token must carry the scope of the interaction before anything is looked up; a missing one leaves a trace."""

from datetime import datetime
from typing import Any

from litestar import Request

from carnet.identity.api import scope_allows
from carnet.journal.api import Act
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Reason, problem_of
from carnet.kernel.errors import Refused
from carnet.records.api import refuse_without_space


async def actor_with_scope(
    request: Request[Any, Any, Any], *, resource: str, letter: str, act: Act, at: datetime
) -> Actor:
    """Return the actor of the request. Raises Refused when no scope covers `letter` (c, r, u, d, s) on `resource`."""
    actor: Actor = request.scope["state"]["actor"]
    if not scope_allows(actor.scopes, resource=resource, letter=letter):
        await refuse_without_space(actor=actor, act=act, reason=Reason.SCOPE, at=at)
        raise Refused(problem_of(Reason.SCOPE))
    return actor
