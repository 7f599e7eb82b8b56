"""The key for what belongs to no space: sign-in attempts, web sessions, accounts found by digest.

One key for the whole house, in a 0600 file wrapped by the key-encryption key, beside the index key. No health content
depends on it, but people do: it seals everybody the campaign knows of until their space has keys of its own, makes the
codes of their letters and signs receipts of objections. Losing it loses them, signs everybody out and unlinks accounts.
"""

from pathlib import Path

from carnet.infra.disk import Disk
from carnet.infra.vault.encoding import Name, encode_parts
from carnet.infra.vault.kek import KeyEncryptionKey
from carnet.infra.vault.key_file import create_key_file, read_key_file, replace_key_file
from carnet.infra.vault.space_keys import FORMAT, SpaceKeys, new_space_keyset, rotated_space_keyset

_CONTEXT = encode_parts(FORMAT, "house")
_OWNER = "house"


class HouseKey:
    """Seals small rows of shared tables and digests identifiers, with the constructions of `SpaceKeys`."""

    def __init__(self, keyset: bytes) -> None:
        """Take the keyset in clear; raises Unopenable when it is not one."""
        self._keys = SpaceKeys(keyset, space_id=_OWNER)

    @classmethod
    def load(cls, path: Path, *, kek: KeyEncryptionKey) -> "HouseKey":
        """Read the wrapped key file at `path`; raises KeyFileUnusable, Unopenable or Unavailable."""
        return cls(kek.unwrap(read_key_file(path), context=_CONTEXT))

    @classmethod
    def load_or_create(cls, path: Path, *, kek: KeyEncryptionKey, disk: Disk | None = None) -> "HouseKey":
        """Read the key file at `path`, or make one."""
        if not path.exists():
            create_key_file(path, kek.wrap(new_space_keyset(), context=_CONTEXT), disk=disk or Disk())
        return cls.load(path, kek=kek)

    def seal(self, *, table: str, column: str, row: Name, plaintext: bytes) -> bytes:
        """Return `plaintext` sealed for one place only."""
        return self._keys.seal(table=table, column=column, row=row, plaintext=plaintext)

    def open(self, *, table: str, column: str, row: Name, sealed: bytes) -> bytes:
        """Return what was sealed for this place; raises Unopenable for any other place or change."""
        return self._keys.open(table=table, column=column, row=row, sealed=sealed)

    def digest(self, *parts: str, purpose: str) -> bytes:
        """Return 32 bytes, equal for equal `parts` and `purpose`, telling nothing without the key; kept by rotation."""
        return self._keys.digest(encode_parts(*parts), purpose=purpose)


def rotate_house_key(path: Path, *, kek: KeyEncryptionKey, disk: Disk | None = None) -> None:
    """Add a new sealing key to the file; processes use it once restarted, what older keys sealed still opens."""
    keyset = rotated_space_keyset(kek.unwrap(read_key_file(path), context=_CONTEXT))
    replace_key_file(path, kek.wrap(keyset, context=_CONTEXT), disk=disk or Disk())


def rewrap_house_key(path: Path, *, kek: KeyEncryptionKey, disk: Disk | None = None) -> bool:
    """Wrap the house key file with the newest key-encryption key; return whether that changed it."""
    wrapped = read_key_file(path)
    if kek.is_current(wrapped):
        return False
    replace_key_file(path, kek.rewrap(wrapped, context=_CONTEXT), disk=disk or Disk())
    return True
