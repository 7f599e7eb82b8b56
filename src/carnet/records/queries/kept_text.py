"""What is kept of the words of one document? For the machinery, which shows it to nobody."""

from typing import Any
from uuid import UUID

import msgspec

from carnet.formats.searching.text_index import KeptText, TextIndex, pack_index, pack_text, unpack_index, unpack_text
from carnet.infra.db import Work
from carnet.infra.vault import SpaceKeys

TABLE = "document_text"

# ## Where the bytes of one document are, and how far its words are ##
_STANDING = """
SELECT d.blob_id, d.size, d.status <> 'deleted', t.state, t.analysis, t.waiting, t.text_enc
FROM document d LEFT JOIN document_text t ON t.space_id = d.space_id AND t.document_id = d.document_id
WHERE d.space_id = %(space)s AND d.document_id = %(document)s
"""


class Standing(msgspec.Struct, frozen=True):
    """Built by position from a row. state, analysis, waiting, text_enc: None before its words were taken out."""

    blob_id: UUID
    size: int
    there: bool
    state: str | None
    analysis: int | None
    waiting: list[int] | None
    text_enc: bytes | None


async def standing_of(work: Work, *, document: UUID) -> Standing | None:
    """Return how far the words of `document` are, None when there is no such document."""
    row: tuple[Any, ...] | None = await work.row(_STANDING, {"space": work.space_id, "document": document})
    return Standing(*row) if row else None


def open_text(sealed: bytes, *, document: UUID, keys: SpaceKeys) -> KeptText:
    """Return the kept words of a document."""
    return unpack_text(keys.open(table=TABLE, column="text_enc", row=document.hex, sealed=sealed))


def open_index(sealed: bytes, *, document: UUID, keys: SpaceKeys) -> TextIndex:
    """Return the kept index of a document."""
    return unpack_index(keys.open(table=TABLE, column="index_enc", row=document.hex, sealed=sealed))


def seal_text(text: KeptText, *, document: UUID, keys: SpaceKeys) -> bytes:
    """Seal the words for their row."""
    return keys.seal(table=TABLE, column="text_enc", row=document.hex, plaintext=pack_text(text))


def seal_index(index: TextIndex, *, document: UUID, keys: SpaceKeys) -> bytes:
    """Seal the index for its row."""
    return keys.seal(table=TABLE, column="index_enc", row=document.hex, plaintext=pack_index(index))
