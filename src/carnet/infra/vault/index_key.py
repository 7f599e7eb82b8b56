"""The key that finds a space from an INS without the database knowing the INS.

One key for the whole house, because the digest must be computed before any space is known. It is wrapped by the
key-encryption key but is not derived from it: rotating that one must not change 65 million digests. Normalising the
matricule is the business of `identity`.
"""

from pathlib import Path
from typing import Any

from tink import TinkError, prf

from carnet.infra.disk import Disk
from carnet.infra.vault.encoding import encode_parts
from carnet.infra.vault.errors import unopenable
from carnet.infra.vault.kek import KeyEncryptionKey
from carnet.infra.vault.key_file import create_key_file, read_key_file, replace_key_file
from carnet.infra.vault.tink_keysets import handle_of, new_keyset, parse_keyset

_CONTEXT = encode_parts(b"carnet/vault/1", "index")
_DIGEST_SIZE = 32
_FINGERPRINT_SIZE = 8


class IndexKey:
    """Keyed digests (Tink PRF, HMAC-SHA256) for `ins_index`."""

    def __init__(self, keyset: bytes) -> None:
        """Take the keyset in clear; raises Unopenable when it is not one."""
        try:
            self._prf: Any = handle_of(parse_keyset(keyset)).primitive(prf.PrfSet).primary()
        except (ValueError, TinkError):
            raise unopenable() from None

    @classmethod
    def load(cls, path: Path, *, kek: KeyEncryptionKey) -> "IndexKey":
        """Read the wrapped key file at `path`; raises KeyFileUnusable, Unopenable or Unavailable."""
        return cls(kek.unwrap(read_key_file(path), context=_CONTEXT))

    @classmethod
    def load_or_create(cls, path: Path, *, kek: KeyEncryptionKey, disk: Disk | None = None) -> "IndexKey":
        """Read the key file at `path`, or make one. Only for a house whose `ins_index` is still empty."""
        if not path.exists():
            fresh = new_keyset(prf.prf_key_templates.HMAC_SHA256).SerializeToString()
            create_key_file(path, kek.wrap(fresh, context=_CONTEXT), disk=disk or Disk())
        return cls.load(path, kek=kek)

    def ins_digest(self, *, matricule: str, oid: str) -> bytes:
        """Return the 32 bytes that stand for an INS (normalised matricule and its OID) in `ins_index`."""
        return bytes(self._prf.compute(encode_parts("ins", oid, matricule), _DIGEST_SIZE))

    def fingerprint(self) -> str:
        """Return 16 hex digits that tell this key from another: keep them in the database, compare at start."""
        return bytes(self._prf.compute(encode_parts("fingerprint"), _FINGERPRINT_SIZE)).hex()


def rewrap_index_key(path: Path, *, kek: KeyEncryptionKey, disk: Disk | None = None) -> bool:
    """Wrap the index key file with the newest key-encryption key; return whether that changed it."""
    wrapped = read_key_file(path)
    if kek.is_current(wrapped):
        return False
    replace_key_file(path, kek.rewrap(wrapped, context=_CONTEXT), disk=disk or Disk())
    return True
