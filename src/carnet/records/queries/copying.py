"""Everything a person, or who represents them, may know of, to be taken away: the trace of each page first.

The same predicate as every list (`VISIBLE`): what is withheld from them is absent here too. Every version they may see
is there, deleted ones are not. Ignored: what the copy looks like.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

import msgspec

from carnet.infra import clock
from carnet.infra.installation import current
from carnet.infra.vault import SpaceKeys
from carnet.journal.api import Act, Trace, record_durably
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Ground, allow
from carnet.kernel.ids import SpaceId
from carnet.records.data import DocumentEntry
from carnet.records.queries.listing import MAX_COUNT, list_documents
from carnet.records.queries.listing_statements import DocumentQuery, Texts

_KEPT = ("current", "superseded")


class CopyPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some documents, oldest first, their texts ready to be opened. total: of all pages, on the first only."""

    space: SpaceId
    entries: list[DocumentEntry]
    keys: SpaceKeys
    total: int | None = None

    async def content(self, entry: DocumentEntry) -> AsyncIterator[bytes]:
        """Yield the bytes of one of the entries. Raises Unavailable, BlobDamaged, BlobMissing."""
        blob = await current().blobs.open(entry.blob_id, keys=self.keys, space_id=self.space, size=entry.size)
        async for piece in blob.read_range(0, entry.size):
            yield piece


async def copy_pages(*, actor: Actor, space: SpaceId, until: datetime) -> AsyncIterator[CopyPage]:
    """Yield what came before `until` and `actor` may know of; each page decided anew, at its own time. Raises Refused.

    Each page leaves one trace that names what is on it (MAKE_EXPORT), durable before it is yielded.
    """
    after: tuple[datetime, UUID] | None = None
    more, first = True, True
    while more:
        at = clock.now()
        query = DocumentQuery(statuses=_KEPT, order="date", count=MAX_COUNT, received_to=until, after=after)
        listing = await list_documents(actor=actor, space=space, query=query, with_total=first, texts=Texts.BOTH, at=at)
        if listing.entries:
            on = tuple(one.document_id for one in listing.entries)
            ground = allow(Ground.OWN_SPACE if actor.kind is ActorKind.PERSON else Ground.REPRESENTED)
            await record_durably(
                Trace(act=Act.MAKE_EXPORT, actor=actor, decision=ground, at=at, space=space, documents=on)
            )
            after = query.place_of(listing.entries[-1])
        yield CopyPage(space=space, entries=listing.entries, keys=listing.keys, total=listing.total)
        more, first = listing.more, False
