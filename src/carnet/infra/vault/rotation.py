"""Rotating the key-encryption key: every wrapped keyset gets a new wrapping, none gets a new secret.

Reading and storing key rows is the caller's SQL. Nothing is remembered between runs: a wrapping tells by itself which
key made it, so a run that was interrupted is simply run again.
"""

from collections.abc import Iterable, Iterator

import msgspec

from carnet.infra.vault.encoding import Name
from carnet.infra.vault.kek import KeyEncryptionKey
from carnet.infra.vault.space_keys import keyset_context


class WrappedKeyset(msgspec.Struct, frozen=True):
    """A key row: whose, which version, and the wrapped bytes."""

    space_id: Name
    version: int
    wrapped: bytes


def rewrap_keysets(rows: Iterable[WrappedKeyset], *, kek: KeyEncryptionKey) -> Iterator[WrappedKeyset]:
    """Yield, for each row not yet wrapped by the newest key version, the row to store in its place.

    Store each before taking the next. A second run that yields nothing is the proof that old key versions may be
    retired. Raises Unopenable on a row that does not open (nothing to store for it) and Unavailable.
    """
    for row in rows:
        if kek.is_current(row.wrapped):
            continue
        context = keyset_context(space_id=row.space_id, version=row.version)
        yield msgspec.structs.replace(row, wrapped=kek.rewrap(row.wrapped, context=context))
