"""Is a document of an earlier record in this space already: under its number, or with the same bytes?

Whoever asks writes and never reads: the answer leaves a document out, and is told to nobody as a document.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec

from carnet.infra.db import rows_in_one_trip
from carnet.infra.db.work import Statement
from carnet.infra.vault import SpaceKeys
from carnet.kernel.ids import SpaceId
from carnet.records.data import NewDocument
from carnet.records.queries.sealed import unique_id_digest

# ## Documents under these uniqueIds or with these bytes, gone ones too: what was taken away does not come back ##
_THERE: Final = """
SELECT unique_id_digest, content_digest, document_id FROM document
WHERE space_id = %(space)s
  AND (unique_id_digest = ANY(%(unique)s::bytea[]) OR content_digest = ANY(%(contents)s::bytea[]))
ORDER BY document_id
"""


class There(msgspec.Struct, frozen=True, kw_only=True):
    """What is here of one document: under its number, with these bytes or others; with these bytes under any number."""

    number: UUID | None = None
    content: UUID | None = None
    other_bytes: bool = False


async def carried_before(space: SpaceId, documents: Sequence[NewDocument], *, keys: SpaceKeys) -> list[There]:
    """Return what is here of each of `documents`."""
    asked = [
        (
            unique_id_digest(space, one.metadata.unique_id),
            keys.digest(bytes.fromhex(one.metadata.sha256), purpose="document-content"),
        )
        for one in documents
    ]
    params = {"space": space, "unique": [one for one, _ in asked], "contents": [one for _, one in asked]}
    (rows,) = await rows_in_one_trip([Statement(_THERE, params)], space=space)
    found = {(bytes(number), bytes(content)): document for number, content, document in rows}
    numbers = {number for number, _ in found}
    contents = {content: document for (_, content), document in found.items()}
    return [
        There(
            number=found.get((number, content)),
            content=contents.get(content),
            other_bytes=number in numbers and (number, content) not in found,
        )
        for number, content in asked
    ]
