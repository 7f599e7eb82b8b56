"""The insurer's file names a child's representatives: when one of them comes, the delegation is written in the space.

Minors only, and until their majority by the calendar in Paris: an adult's representative is recorded by the desk, with
proof. Whoever was a representative here before, by whatever way, is not attached again: what a judge, the desk or the
other side ended, no later file brings back. Source: mes.md §2.2; art. 371-1, 388 code civil.
"""

from datetime import datetime
from uuid import UUID

from carnet.access.queries.delegation_list import Delegations, NewDelegation
from carnet.access.rules.decide import OPEN_STATES
from carnet.infra.db import work
from carnet.infra.installation import current
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Ground, allow
from carnet.kernel.ids import SpaceId
from carnet.spaces.api import Delegate, autonomy, view_in

INSURER = Actor(kind=ActorKind.SYSTEM, identifier="insurer-file", name="Carnet", strong=True)


async def attach_representative(
    *, actor: Actor = INSURER, space: SpaceId, delegate: Delegate, at: datetime
) -> UUID | None:
    """Let a representative the insurer names act in a child's space; None: nothing to attach (see above)."""
    async with work(space=space, at=at) as w:
        held = await Delegations.held(w)
        view = await view_in(w)
        born = view.person.traits.birth_date
        if view.state not in OPEN_STATES or born is None:
            return None
        steps = autonomy(born, current().limits.family)
        if steps.majority <= at or await held.was_known(delegate, kind="representative"):
            return None
        new = NewDelegation(
            delegate=delegate,
            kind="representative",
            basis="parental",
            origin="insurer",
            recorded_by=actor.identifier,
            subject=view.person.display_name,
            starts_at=at,
            ends_at=steps.majority,
            discreet_from=steps.discreet_from,
            looks_only_from=steps.looks_only_from,
        )
        made = await held.add(new)
        details = {"delegation": made.hex, "basis": new.basis, "origin": new.origin}
        await record(w, Act.RECORD_DELEGATION, allow(Ground.DUTY), actor=actor, details=details)
    return made
