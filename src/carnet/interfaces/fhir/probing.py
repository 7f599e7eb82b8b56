"""How many people who are not there one professional may ask for before having to wait.

Whoever types numbers in a row finds somebody in the end: every question that ended in nobody (unknown, closed, blocked:
one answer) costs, and so nothing is learnt from what it cost. In the memory of one process, per professional and
software, as the professional's pages do. Deposits of software are left alone (a laboratory cannot know who
closed a space); those of a professional count when they named nobody, or somebody else.
"""

import contextlib
import math
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final

from carnet.identity.api import Ins
from carnet.infra.web.even_time import even_out
from carnet.infra.web.failure_limits import FailureLimits
from carnet.interfaces.fhir.errors import TooMany
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.errors import Invalid, NotFound
from carnet.records.api import ABOUT_WHOM

limits: Final = FailureLimits(burst=30)


def check_patience(actor: Actor, *, at: datetime) -> None:
    """Raise TooMany while a professional has asked for too many people who are not there."""
    wait = limits.wait(_key(actor), at=at) if actor.kind is ActorKind.PROFESSIONAL else None
    if wait is not None:
        raise TooMany(max(math.ceil(wait.total_seconds()), 1))


def nobody_there(actor: Actor, *, at: datetime) -> None:
    """Count one question that ended in nobody."""
    if actor.kind is ActorKind.PROFESSIONAL:
        limits.failed(_key(actor), at=at)


@contextlib.asynccontextmanager
async def counting_deposit(actor: Actor, ins: Ins, *, at: datetime) -> AsyncIterator[None]:
    """Around a deposit for `ins`: raise TooMany before it, count one that was refused for whom it is about."""
    check_patience(actor, at=at)
    try:
        yield
    except (NotFound, Invalid) as refused:
        if any(one.code in ABOUT_WHOM for one in refused.problems):
            nobody_there(actor, at=at)
            await even_out(ins.matricule)
        raise


def _key(actor: Actor) -> str:
    return f"{actor.identifier}\n{actor.client_id or ''}"
