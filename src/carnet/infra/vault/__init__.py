"""Keys: one key-encryption key, one keyset per space, and what they seal. See `docs/decisions/0011-vault-format.md`.

A key-encryption key kept by a service is imported from `transit_kek` by who asks for it: its client takes long to load.
"""

from carnet.infra.vault.errors import KeyFileUnusable, Unopenable
from carnet.infra.vault.file_kek import FileKek
from carnet.infra.vault.house_key import HouseKey, rewrap_house_key, rotate_house_key
from carnet.infra.vault.index_key import IndexKey, rewrap_index_key
from carnet.infra.vault.kek import KeyEncryptionKey
from carnet.infra.vault.key_ring import KeyRing
from carnet.infra.vault.rotation import WrappedKeyset, rewrap_keysets
from carnet.infra.vault.space_keys import (
    SpaceKeys,
    new_space_keyset,
    open_keyset,
    rotated_space_keyset,
    seal_keyset,
)

__all__ = [
    "FileKek",
    "HouseKey",
    "IndexKey",
    "KeyEncryptionKey",
    "KeyFileUnusable",
    "KeyRing",
    "SpaceKeys",
    "Unopenable",
    "WrappedKeyset",
    "new_space_keyset",
    "open_keyset",
    "rewrap_house_key",
    "rewrap_index_key",
    "rewrap_keysets",
    "rotate_house_key",
    "rotated_space_keyset",
    "seal_keyset",
]
