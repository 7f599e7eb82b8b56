"""Opening and sealing the texts of a document row: one place that knows which column is bound to what."""

import hashlib
from collections.abc import Sequence

import msgspec

from carnet.infra.vault import SpaceKeys
from carnet.kernel.ids import SpaceId
from carnet.records.data import Amended, DocumentEntry, DocumentMetadata, ResourceEntry
from carnet.records.rules.document_reference import reference_as_known

_decoder = msgspec.json.Decoder(DocumentMetadata)


def open_resource(entry: DocumentEntry, *, keys: SpaceKeys) -> bytes:
    """Return the stored DocumentReference JSON, as the reader of this row may know it."""
    sealed = _asked_for(entry.resource_enc)
    stored = keys.open(table="document", column="resource_enc", row=entry.document_id.hex, sealed=sealed)
    return stored if entry.amended is None else _as_known(stored, entry)


def open_resources(entries: Sequence[ResourceEntry], *, keys: SpaceKeys) -> list[bytes]:
    """Return the DocumentReferences of a list, in its order: as stored, or as their reader may know them."""
    rows = ((entry.document_id.hex, entry.resource_enc) for entry in entries)
    opened = keys.open_column(table="document", column="resource_enc", rows=rows)
    if all(entry.amended is None for entry in entries):
        return opened
    return [one if entry.amended is None else _as_known(one, entry) for one, entry in zip(opened, entries, strict=True)]


def _as_known(stored: bytes, entry: DocumentEntry | ResourceEntry) -> bytes:
    return reference_as_known(stored, msgspec.convert(entry.amended, Amended))


def open_metadata(entry: DocumentEntry, *, keys: SpaceKeys) -> DocumentMetadata:
    """Return the stored metadata."""
    sealed = _asked_for(entry.summary_enc)
    plain = keys.open(table="document", column="summary_enc", row=entry.document_id.hex, sealed=sealed)
    return _decoder.decode(plain)


def _asked_for(sealed: bytes) -> bytes:
    if not sealed:
        raise RuntimeError("this document was read without that text (Texts)")
    return sealed


def seal_resource(resource: bytes, *, document: str, keys: SpaceKeys) -> bytes:
    """Seal a DocumentReference for the row of `document` (hexadecimal id)."""
    return keys.seal(table="document", column="resource_enc", row=document, plaintext=resource)


def seal_metadata(metadata: DocumentMetadata, *, document: str, keys: SpaceKeys) -> bytes:
    """Seal metadata for the row of `document` (hexadecimal id)."""
    plain = msgspec.json.encode(metadata)
    return keys.seal(table="document", column="summary_enc", row=document, plaintext=plain)


def unique_id_digest(space: SpaceId, unique_id: str) -> bytes:
    """Return what stands for a uniqueId in one space. Not secret: uniqueIds are numbers given by software."""
    return hashlib.sha256(space.bytes + unique_id.encode()).digest()
