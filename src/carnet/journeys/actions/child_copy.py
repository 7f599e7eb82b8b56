"""Who represents a child takes a copy of what they may see in the child's space: made while it is sent, kept nowhere.

Nothing of it is left behind that could outlive their right, or hold what the child keeps from them tomorrow. Every
document, and every part, is decided anew right before its first byte: at the age, the end of a measure, a revocation,
it ends where it is. Source: mes.md §2.2 A15 (attached profiles); decision 0207. Ignored: going on where an interrupted
download stopped, there is nothing to go on with; how fresh the proof must be (the door asks for it).
"""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

from carnet.access.api import Need, look_in
from carnet.design.language import Language
from carnet.infra.db import work
from carnet.journal.api import Act, record
from carnet.journeys.copy_archive import Copy, JournalOf, archive
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Reason, refuse
from carnet.kernel.ids import SpaceId


async def take_childs_copy(
    *,
    actor: Actor,
    space: SpaceId,
    account: UUID,
    languages: tuple[Language, ...],
    journal: JournalOf,
    at: datetime,
) -> AsyncIterator[bytes]:
    """Return the archive, to be sent as it is made; that it was taken is in the child's journal before.

    actor: who represents the child. languages: theirs first. Raises Refused.
    """
    async with work(space=space, at=at) as w:
        decision = (await look_in(w, actor=actor)).decide(Need.MANAGE_ACCESS)
        if decision.allowed and actor.kind is not ActorKind.REPRESENTATIVE:
            decision = refuse(Reason.NOT_A_READER)
        await record(w, Act.DOWNLOAD_EXPORT, decision, actor=actor)
    decision.raise_if_refused()
    copy = Copy(actor=actor, space=space, account=account, languages=languages, journal=journal, at=at)
    return archive(copy, progress=_untold)


async def _untold(_: int, __: int) -> None:
    """Whoever waits sees the file arrive."""
