"""A refusal leaves a trace too: in the space when it is known, else in the security journal, which names no patient."""

import contextlib
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from carnet.identity.api import Ins
from carnet.journal.api import Act, Trace, record_alone, record_durably
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Reason, refuse
from carnet.kernel.errors import Invalid
from carnet.kernel.ids import SpaceId
from carnet.records.actions.nearness import near


async def refuse_unknown(*, actor: Actor, act: Act, ins: Ins | None = None, at: datetime) -> None:
    """Journal that somebody named a person without an open space; the entry holds no identity.

    ins: the number a professional named, of which a mark is kept that no number can be read from (`nearness`).
    """
    details = near(actor, ins, at=at)
    await refuse_without_space(actor=actor, act=act, reason=Reason.SPACE_NOT_OPEN, at=at, details=details)


async def refuse_in_space(
    *, actor: Actor, space: SpaceId, act: Act, reason: Reason, at: datetime, details: dict[str, Any] | None = None
) -> None:
    """Journal durably that something was refused in `space`. `details` hold codes only."""
    await record_durably(
        Trace(act=act, actor=actor, decision=refuse(reason), at=at, space=space, details=details or {})
    )


@contextlib.asynccontextmanager
async def journalled_input(*, actor: Actor, act: Act, at: datetime) -> AsyncIterator[None]:
    """Journal an Invalid raised inside the block, by its problem codes, and let it go on.

    For what a door reads and establishes before any space is known. The entry holds neither value nor identity.
    """
    try:
        yield
    except Invalid as invalid:
        codes = sorted({problem.code for problem in invalid.problems})
        reason, details = Reason.INVALID_INPUT, {"problems": codes}
        await refuse_without_space(actor=actor, act=act, reason=reason, at=at, details=details)
        raise


async def refuse_without_space(
    *, actor: Actor, act: Act, reason: Reason, at: datetime, details: dict[str, Any] | None = None
) -> None:
    """Journal in the security journal that something was refused before any space was known. `details`: codes only."""
    trace = Trace(act=act, actor=actor, decision=refuse(reason), at=at, space=None, details=details or {})
    await record_alone(trace)
