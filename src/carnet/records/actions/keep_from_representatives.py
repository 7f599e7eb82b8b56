"""What a minor asked to be kept from their parents: INVISIBLE_REPRESENTANTS_LEGAUX on every version, for good.

At the minor's request, by the organisation the document came from (L1111-5, L1111-5-1 CSP; mes.md P12). There is no way
back by software: what was kept from a representative is not shown to them later either.
"""

from datetime import datetime
from uuid import UUID

from carnet.access.api import Need
from carnet.infra.db import work
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Reason, refuse
from carnet.kernel.errors import NotFound
from carnet.kernel.ids import SpaceId
from carnet.records.actions.confidentiality import Relabelling, lock_versions
from carnet.records.data import INVISIBLE_REPRESENTANTS
from carnet.records.queries.reading import facts_of


async def keep_from_representatives(*, actor: Actor, space: SpaceId, document: UUID, at: datetime) -> None:
    """Keep every version of a document from representatives and carers; asked again, nothing changes.

    Raises NotFound (absent, another's), Refused (not the current version). Nobody is told: a notice would tell it.
    """
    async with work(space=space, at=at) as w:
        seen, versions = await lock_versions(w, actor=actor, document=document)
        asked = next((entry for entry in versions if entry.document_id == document), None)
        decision = seen.decide(Need.HOLD, facts_of(asked)) if asked else refuse(Reason.HIDDEN)
        on = (document,) if asked else ()
        await record(w, Act.MASK_DOCUMENT, decision, actor=actor, on=on, details={"codes": [INVISIBLE_REPRESENTANTS]})
        if decision.allowed:
            relabelling = Relabelling(w, seen.opened_keys)
            for entry in versions:
                if not entry.invisible_representants:
                    await relabelling.put(entry, invisible_representants=True)
    if decision.reason is Reason.NOT_CURRENT:
        decision.raise_if_refused()
    if not decision.allowed:
        raise NotFound
