"""Is this file a document of the record already, and which of these documents may this reader know of?

By uniqueId, or by the bytes; only what the reader may know of answers, so nothing is told that a list would not tell.
Leaves no trace of its own: it is asked for a page whose reading has one.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from carnet.access.api import READER, VISIBLE, Need, look, reader
from carnet.infra.db import rows_in_one_trip
from carnet.infra.db.work import Statement
from carnet.kernel.actors import Actor
from carnet.kernel.ids import SpaceId
from carnet.records.queries.sealed import unique_id_digest

# ## Documents by id, by uniqueId, by their bytes; each with what it was found by ##
_KNOWN: Final = f"""
WITH {READER} SELECT d.document_id, d.unique_id_digest, d.content_digest, d.status = 'current'
FROM document d, reader
WHERE d.space_id = %(space)s AND d.status <> 'deleted' AND {VISIBLE}
  AND (d.document_id = ANY(%(ids)s::uuid[]) OR d.unique_id_digest = ANY(%(unique)s::bytea[])
    OR d.content_digest = ANY(%(contents)s::bytea[]))
ORDER BY d.status = 'current' DESC, d.received_at
"""


class File(msgspec.Struct, frozen=True):
    """A file asked for: sha256 of its bytes (hexadecimal), uniqueId it bears ("" when it bears none)."""

    sha256: str
    unique_id: str = ""


class KnownDocuments(msgspec.Struct, frozen=True, kw_only=True):
    """The answer. same: for each file, the document it is already; visible: which of the documents asked for are."""

    same: tuple[UUID | None, ...]
    visible: frozenset[UUID]


async def known_documents(
    *, actor: Actor, space: SpaceId, files: Sequence[File] = (), documents: Sequence[UUID] = (), at: datetime
) -> KnownDocuments:
    """Return what this reader may know of it; nothing for whoever may not list the space."""
    seen = await look(actor=actor, space=space, at=at)
    if not (files or documents) or not seen.decide(Need.LIST).allowed:
        return KnownDocuments(same=tuple(None for _ in files), visible=frozenset())
    keys = seen.opened_keys
    unique = [unique_id_digest(space, one.unique_id) if one.unique_id else None for one in files]
    contents = [
        keys.digest(bytes.fromhex(one.sha256), purpose="document-content") if one.sha256 else None for one in files
    ]
    params = reader(actor, at=at).params() | {
        "space": space,
        "at": at,
        "ids": list(documents),
        "unique": [one for one in unique if one],
        "contents": [one for one in contents if one],
    }
    rows = (await rows_in_one_trip([Statement(_KNOWN, params)], space=space))[0]
    found = {bytes(content): document for document, _, content, current in reversed(rows) if current}
    found |= {bytes(identifier): document for document, identifier, _, current in reversed(rows) if current}
    same = (found.get(by or b"") or found.get(of or b"") for by, of in zip(unique, contents, strict=True))
    return KnownDocuments(same=tuple(same), visible=frozenset(row[0] for row in rows))
