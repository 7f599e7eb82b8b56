"""The keys of one space: sealing its fields and blobs, and finding equal values in it without opening them.

One secret per space, a Tink HKDF-PRF keyset. From it come, by HKDF-SHA256 with a label each (RFC 5869; the same
computation as Tink's PRF-based key derivation), the keys for fields (Tink's AEAD frames, AES-256-GCM), for blobs
(Tink's streaming AEAD, see `infra.blobs`) and for digests (HMAC-SHA256). It stores nothing and asks nobody for rights.
"""

import hmac
from collections.abc import Iterable
from functools import cached_property

from tink import prf

from carnet.infra.vault.encoding import Name, encode_last_part, encode_parts, encode_parts_but_last
from carnet.infra.vault.errors import unopenable
from carnet.infra.vault.frames import FrameCipher
from carnet.infra.vault.kek import KeyEncryptionKey
from carnet.infra.vault.tink_keysets import add_key, hkdf_secrets, new_keyset, parse_keyset, promote

FORMAT = b"carnet/vault/1"
_TEMPLATE = prf.prf_key_templates.HKDF_SHA256
_NO_SALT = bytes(32)


def new_space_keyset() -> bytes:
    """Return a fresh secret for one space, in clear: seal it at once with `seal_keyset`."""
    return bytes(new_keyset(_TEMPLATE).SerializeToString())


def rotated_space_keyset(keyset: bytes) -> bytes:
    """Return `keyset` (in clear) with a new primary key; what older keys sealed still opens."""
    parsed = parse_keyset(keyset)
    promote(parsed, add_key(parsed, _TEMPLATE))
    return bytes(parsed.SerializeToString())


def keyset_context(*, space_id: Name, version: int) -> bytes:
    """Return what binds a wrapped keyset to its row: the space and the version of its keyset."""
    return encode_parts(FORMAT, "keyset", space_id, str(version))


def seal_keyset(keyset: bytes, *, kek: KeyEncryptionKey, space_id: Name, version: int) -> bytes:
    """Return `keyset` wrapped by `kek` for one space and version: what the key row holds."""
    return kek.wrap(keyset, context=keyset_context(space_id=space_id, version=version))


def open_keyset(wrapped: bytes, *, kek: KeyEncryptionKey, space_id: Name, version: int) -> "SpaceKeys":
    """Open a wrapped keyset; raises Unopenable (altered, other space or version, key gone) or Unavailable."""
    keyset = kek.unwrap(wrapped, context=keyset_context(space_id=space_id, version=version))
    return SpaceKeys(keyset, space_id=space_id)


class SpaceKeys:
    """The opened keys of one space. Keep it no longer than the work at hand; its `repr` shows no secret."""

    def __init__(self, keyset: bytes, *, space_id: Name) -> None:
        """Take a keyset in clear; raises Unopenable when it is not one."""
        self.space_id = str(space_id)
        self._columns: dict[tuple[str, str], bytes] = {}
        try:
            parsed = parse_keyset(keyset)
            self._secrets = hkdf_secrets(parsed)
            self._primary = int(parsed.primary_key_id)
        except ValueError:
            raise unopenable() from None

    def __repr__(self) -> str:
        return f"<SpaceKeys of {self.space_id}>"

    def seal(self, *, table: str, column: str, row: Name, plaintext: bytes) -> bytes:
        """Return `plaintext` sealed for one place only; 33 bytes longer, different each time."""
        return self._fields.seal(plaintext, self._place(table, column, row))

    def open(self, *, table: str, column: str, row: Name, sealed: bytes) -> bytes:
        """Return what was sealed for this place; raises Unopenable for any other place, space or change."""
        return self._fields.open(sealed, self._place(table, column, row))

    def open_column(self, *, table: str, column: str, rows: Iterable[tuple[Name, bytes]]) -> list[bytes]:
        """Return what was sealed in one column of several rows (row, sealed), in their order; raises Unopenable."""
        place, open_frame = self._column_place(table, column), self._fields.open
        return [open_frame(sealed, place + encode_last_part(row)) for row, sealed in rows]

    def digest(self, data: bytes, *, purpose: str) -> bytes:
        """Return 32 bytes equal for equal `data` and `purpose` in this space, and telling nothing without its key.

        The oldest key of the keyset makes it, so that rotation does not lose what was stored.
        """
        return hmac.digest(self._digest_key, encode_parts(FORMAT, purpose, data), "sha256")

    @cached_property
    def blob_keys(self) -> tuple[bytes, ...]:
        """The 32-byte streaming secrets of this space: the first seals, all are tried to open."""
        newest_first = sorted(self._secrets, key=lambda key_id: key_id != self._primary)
        return tuple(self._derive(key_id, b"blob") for key_id in newest_first)

    @cached_property
    def _digest_key(self) -> bytes:
        return self._derive(next(iter(self._secrets)), b"digest")

    @cached_property
    def _fields(self) -> FrameCipher:
        keys = {key_id: self._derive(key_id, b"field") for key_id in self._secrets}
        return FrameCipher(keys, primary=self._primary)

    def _derive(self, key_id: int, use: bytes) -> bytes:
        """HKDF-SHA256 without salt, one block long (RFC 5869 §2.2 and §2.3), its label the PAE of format and use."""
        extracted = hmac.digest(_NO_SALT, self._secrets[key_id], "sha256")
        return hmac.digest(extracted, encode_parts(FORMAT, use) + b"\x01", "sha256")

    def _place(self, table: str, column: str, row: Name) -> bytes:
        """Return the PAE of format, space, table, column and row; all but the row is encoded once."""
        return self._column_place(table, column) + encode_last_part(row)

    def _column_place(self, table: str, column: str) -> bytes:
        column_parts = self._columns.get((table, column))
        if column_parts is None:
            column_parts = encode_parts_but_last(FORMAT, "field", self.space_id, table, column)
            self._columns[table, column] = column_parts
        return column_parts
