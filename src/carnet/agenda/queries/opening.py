"""From rows to entries: the columns every reading asks for, sealing and opening. Decides nothing."""

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

import msgspec

from carnet.agenda.data import Entry, Kind, Status, Words
from carnet.infra.vault import SpaceKeys

COLUMNS: Final = (
    "e.entry_id, e.kind, e.starts_at, e.zone, e.status, e.words_enc, e.by_delegation, e.recorded_at, e.changed_at"
)
_words = msgspec.json.Decoder(Words)


def seal_words(words: Words, *, entry: UUID, keys: SpaceKeys) -> bytes:
    """Return `words` sealed for their row."""
    return keys.seal(table="agenda_entry", column="words_enc", row=entry, plaintext=msgspec.json.encode(words))


def to_entries(rows: Iterable[tuple[Any, ...]], *, keys: SpaceKeys) -> tuple[Entry, ...]:
    """Return the entries of rows of COLUMNS."""
    return tuple(_to_entry(row, keys) for row in rows)


def _to_entry(row: tuple[Any, ...], keys: SpaceKeys) -> Entry:
    entry, kind, starts_at, zone, status, sealed, by, recorded_at, changed_at = row
    plain = keys.open(table="agenda_entry", column="words_enc", row=entry, sealed=bytes(sealed))
    return Entry(
        entry_id=entry,
        kind=Kind(kind),
        starts_at=starts_at,
        zone=zone,
        status=Status(status) if status else None,
        words=_words.decode(plain),
        by=by,
        recorded_at=recorded_at,
        changed_at=changed_at,
    )
