"""Which other versions of this document may this reader know of? The same rule as every list (`VISIBLE`).

Nothing more than which and when: whoever opens one of them goes through the gate and leaves a trace then.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from carnet.access.api import KNOWN_STATUS, KNOWN_VERSION, LINEAGE, READER, VISIBLE, Look, Need, look, reader
from carnet.infra.db.message import Statement
from carnet.kernel.actors import Actor
from carnet.kernel.ids import SpaceId

# ## The versions of the document that `document` is one of, oldest first, as far as this reader may know of them ##
_VERSIONS = f"""
WITH {READER} SELECT d.document_id, {KNOWN_VERSION}, {KNOWN_STATUS}, d.received_at
FROM document d CROSS JOIN reader {LINEAGE}
WHERE d.space_id = %(space)s AND {VISIBLE}
  AND d.logical_id = (SELECT o.logical_id FROM document o
                      WHERE o.space_id = %(space)s AND o.document_id = %(document)s)
ORDER BY d.version
"""


class Version(msgspec.Struct, frozen=True):
    """One version of a document. version: from 1, among those the reader may know of."""

    document_id: UUID
    version: int
    status: str
    received_at: datetime


async def versions_of(*, actor: Actor, space: SpaceId, document: UUID, at: datetime) -> list[Version]:
    """Return the versions `actor` may know of, oldest first; none when they may not know of `document` itself.

    For a page about a document already read with its trace. Raises Refused.
    """
    params = {"space": space, "document": document, "at": at, **reader(actor, at=at).params()}
    seen: Look = await look(actor=actor, space=space, at=at, statements=[Statement(_VERSIONS, params)])
    seen.decide(Need.LIST).raise_if_refused()
    found = [Version(*row) for row in seen.rows[0]]
    return found if any(one.document_id == document for one in found) else []
