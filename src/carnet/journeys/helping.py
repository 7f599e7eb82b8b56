"""Somebody begins to help, or stops, and the person keeps a paper of it: one transaction, both or neither.

Crosses access (the right) and records (the paper, among the documents of the person helped). Source: mes.md §2.2 A11.
Ignored: how the paper reads, which the door of the pages says; ends that nobody chose (the last day, a closing).
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from uuid import UUID

from carnet.access.api import Beside, DelegationLine, answer_invitation, end_delegation
from carnet.identity.api import SignedIn
from carnet.infra.db import Work
from carnet.journeys.acting import actor_space, place_of, whoever
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Ground, allow
from carnet.records.api import attest, note_paper
from carnet.spaces.api import Delegate

Paper = Callable[[DelegationLine, str], tuple[str, bytes]]
"""Makes the title and the pages of an attestation, of the line and the name of the person helped."""


async def answer_invitation_to(
    *, signed_in: SignedIn, delegation: UUID, accepted: bool, paper: Paper, at: datetime
) -> None:
    """Say yes or no to somebody's invitation; the yes of a carer is attested.

    Raises NotFound, Invalid (see `access.answer_invitation`).
    """
    me = await whoever(signed_in)
    _, actor = await place_of(me, signed_in, delegation, at)
    await answer_as(actor=actor, me=me, delegation=delegation, accepted=accepted, paper=paper, at=at)


async def answer_as(
    *, actor: Actor, me: Delegate, delegation: UUID, accepted: bool, paper: Paper, at: datetime
) -> None:
    """Say it as whoever one is invited as. Raises as `answer_invitation_to`."""
    carer = accepted and actor.kind is ActorKind.CARER
    await answer_invitation(
        actor=actor,
        space=actor_space(actor),
        me=me,
        delegation=delegation,
        accepted=accepted,
        beside=await _attested(actor, paper, at) if carer else None,
        at=at,
    )


async def end_help(*, actor: Actor, delegation: UUID, paper: Paper, at: datetime) -> None:
    """The person ends a carer's help; of help that had begun a paper says that it ended. Raises NotFound, Refused."""
    beside = await _attested(actor, paper, at)
    space = actor.space or actor_space(actor)
    await end_delegation(actor=actor, space=space, delegation=delegation, beside=beside, at=at)


async def stop_helping(*, signed_in: SignedIn, delegation: UUID, paper: Paper, at: datetime) -> None:
    """The carer ends it. Raises NotFound."""
    me = await whoever(signed_in)
    _, actor = await place_of(me, signed_in, delegation, at)
    beside = await _attested(actor, paper, at)
    space = actor_space(actor)
    await end_delegation(actor=actor, space=space, delegation=delegation, me=me, beside=beside, at=at)


async def _attested(actor: Actor, paper: Paper, at: datetime) -> Beside:
    return partial(_attest, actor, paper, await note_paper(at=at))


async def _attest(actor: Actor, paper: Paper, blob: UUID, w: Work, line: DelegationLine, helped: str) -> None:
    title, pdf = paper(line, helped)
    ground = Ground.OWN_SPACE if actor.kind is ActorKind.PERSON else Ground.REPRESENTED
    await attest(w, actor=actor, decision=allow(ground), blob=blob, title=title, pdf=pdf)
