"""What lists was this professional shown in this space, and do they agree with their receipts? For the professional.

A receipt says what was shown and nothing else: that something was not shown is in none of them. A title is told
again only where the document may be read now; its reference, which says nothing, stays.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from carnet.infra.db.message import Rows
from carnet.journal.api import Filter, JournalEntry, entries_statement, to_entries
from carnet.kernel.actors import Actor
from carnet.kernel.ids import SpaceId
from carnet.records.queries.receipts import LISTS, OwnReceipt, agrees
from carnet.records.queries.sealed import open_metadata
from carnet.records.queries.together import list_together

MOST: Final = 20


async def own_receipts(*, actor: Actor, space: SpaceId, at: datetime) -> tuple[OwnReceipt, ...]:
    """Return the last lists `actor` was shown, the latest first; this reading is one more. Raises Refused."""
    asked = Filter(acts=tuple(LISTS), actors=(str(actor.kind),), actor_id=actor.identifier, for_person=False)

    def naming(rows: Sequence[Rows]) -> list[UUID]:
        return [document for one in _lists(rows) for document in one.document_ids]

    found = await list_together(
        actor=actor,
        space=space,
        beside=(entries_statement(space, filter_=asked, limit=MOST),),
        naming=naming,
        at=at,
    )
    titles = {one: open_metadata(entry, keys=found.keys).title for one, entry in found.named.items()}
    return tuple(
        OwnReceipt(
            trace=one,
            documents=tuple(one.document_ids),
            titles={document: titles[document] for document in one.document_ids if document in titles},
            matches=agrees(one, keys=found.keys),
        )
        for one in _lists(found.beside)
    )


def _lists(rows: Sequence[Rows]) -> list[JournalEntry]:
    return [one for one in to_entries(rows[0]) if "shown" in one.details]
