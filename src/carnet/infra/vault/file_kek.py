"""The key-encryption key as a file: what a laptop and a single server use when no key service is there.

The file is a Tink keyset in Tink's own JSON (AES-256-GCM keys), so that Tink's tools can read it. Several key versions
live in it: one wraps, all unwrap. Guarding the disk it lies on is the operator's part.
"""

from pathlib import Path
from typing import Any

import msgspec
from tink import TinkError, aead, json_proto_keyset_format

from carnet.infra.disk import Disk
from carnet.infra.vault.errors import key_file_problem, unopenable
from carnet.infra.vault.key_file import create_key_file, read_key_file, replace_key_file
from carnet.infra.vault.tink_keysets import SECRET, add_key, handle_of, new_keyset, parse_keyset, promote
from carnet.infra.vault.tink_keysets import serialize as serialize_keyset

_TEMPLATE = aead.aead_key_templates.AES256_GCM
_PREFIX_SIZE = 5
_TINK_VERSION = 0x01


class _Loaded(msgspec.Struct, frozen=True):
    """One reading of the file; replaced as a whole, never changed."""

    keyset: Any
    sealer: Any
    stamp: tuple[int, int, int]


class FileKek:
    """A key-encryption key read from a 0600 file; notices by itself when the file is replaced."""

    remote = False

    def __init__(self, path: Path, *, disk: Disk | None = None) -> None:
        """Read the key file at `path`; raises KeyFileUnusable when it is missing, exposed or damaged."""
        self._path = path
        self._disk = disk or Disk()
        self._loaded = self._load()

    @classmethod
    def open_or_create(cls, path: Path, *, disk: Disk | None = None) -> "FileKek":
        """Read the key file at `path`, or make one. Only for a house that has sealed nothing yet."""
        if not path.exists():
            create_key_file(path, _to_json(new_keyset(_TEMPLATE)), disk=disk or Disk())
        return cls(path, disk=disk)

    @property
    def key_id(self) -> str:
        return f"file:{self._primary:08x}"

    def close(self) -> None:
        """Nothing is held open: the key is in memory."""

    def wrap(self, plaintext: bytes, *, context: bytes) -> bytes:
        self._refresh()
        return bytes(self._loaded.sealer.encrypt(plaintext, context))

    def unwrap(self, wrapped: bytes, *, context: bytes) -> bytes:
        if _key_id_of(wrapped) not in self._ids:
            self._refresh()
        try:
            return bytes(self._loaded.sealer.decrypt(wrapped, context))
        except TinkError:
            raise unopenable() from None

    def is_current(self, wrapped: bytes) -> bool:
        self._refresh()
        return _key_id_of(wrapped) == self._primary

    def rewrap(self, wrapped: bytes, *, context: bytes) -> bytes:
        return self.wrap(self.unwrap(wrapped, context=context), context=context)

    def add_key(self) -> int:
        """Add a key version to the file, not wrapping yet (copy the file to every server), and return its id."""
        return int(self._edit(lambda keyset: add_key(keyset, _TEMPLATE)))

    def promote(self, key_id: int) -> None:
        """Make the key version `key_id` the one that wraps; then rewrap everything (`vault.rewrap_keysets`)."""
        self._edit(lambda keyset: promote(keyset, key_id))

    def retire(self, key_id: int) -> None:
        """Take the key version `key_id` out of the file for good: what it alone wrapped is lost on purpose."""
        if key_id == self._primary:
            raise ValueError("the key that wraps cannot be retired")
        self._edit(lambda keyset: _remove(keyset, key_id))

    @property
    def _primary(self) -> int:
        return int(self._loaded.keyset.primary_key_id)

    @property
    def _ids(self) -> set[int]:
        return {key.key_id for key in self._loaded.keyset.key}

    def _load(self) -> _Loaded:
        content = read_key_file(self._path)
        try:
            keyset = parse_keyset(serialize_keyset(json_proto_keyset_format.parse(content.decode(), SECRET)))
            sealer = handle_of(keyset).primitive(aead.Aead)
        except (TinkError, ValueError):
            raise key_file_problem(
                "key-file-damaged",
                path=str(self._path),
                fr="ce fichier n'est pas un jeu de clés Tink lisible",
                en="this file is not a readable Tink keyset",
            ) from None
        return _Loaded(keyset=keyset, sealer=sealer, stamp=self._stamp())

    def _stamp(self) -> tuple[int, int, int]:
        facts = self._path.stat()
        return facts.st_mtime_ns, facts.st_ino, facts.st_size

    def _refresh(self) -> None:
        """Read the file again when it was replaced: keys already in use must survive its loss, so absence is borne."""
        try:
            changed = self._stamp() != self._loaded.stamp
        except FileNotFoundError:
            return
        if changed:
            self._loaded = self._load()

    def _edit(self, change: Any) -> Any:
        self._loaded = self._load()
        keyset = parse_keyset(self._loaded.keyset.SerializeToString())
        outcome = change(keyset)
        replace_key_file(self._path, _to_json(keyset), disk=self._disk)
        self._loaded = self._load()
        return outcome


def _to_json(keyset: Any) -> bytes:
    return str(json_proto_keyset_format.serialize(handle_of(keyset), SECRET)).encode()


def _key_id_of(wrapped: bytes) -> int | None:
    if len(wrapped) < _PREFIX_SIZE or wrapped[0] != _TINK_VERSION:
        return None
    return int.from_bytes(wrapped[1:_PREFIX_SIZE], "big")


def _remove(keyset: Any, key_id: int) -> None:
    kept = [key for key in keyset.key if key.key_id != key_id]
    del keyset.key[:]
    keyset.key.extend(kept)
