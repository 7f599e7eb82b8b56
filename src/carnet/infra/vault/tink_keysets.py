"""The few things Carnet does to Tink keysets that Tink for Python offers no call for.

A keyset is Tink's own protocol buffer (google/tink `tink.proto`): several keys, one of them primary. Python's Tink can
make and use one but not add a key to it; the operations here only move whole keys between keysets.
"""

import secrets
from typing import Any

from tink import (
    BinaryKeysetReader,
    TinkError,
    aead,
    cleartext_keyset_handle,
    new_keyset_handle,
    prf,
    proto_keyset_format,
    secret_key_access,
)
from tink.proto import common_pb2, hkdf_prf_pb2, tink_pb2

aead.register()
prf.register()

SECRET = secret_key_access.TOKEN
_HKDF_PRF_KEY = "type.googleapis.com/google.crypto.tink.HkdfPrfKey"
_USUAL = (0, common_pb2.SHA256, b"", 32)


def new_keyset(template: Any) -> Any:
    """Return a keyset (protocol buffer) holding one fresh key made after a Tink key template."""
    keyset = tink_pb2.Keyset()
    promote(keyset, add_key(keyset, template))
    return keyset


def add_key(keyset: Any, template: Any) -> int:
    """Add a fresh key made after `template`, not yet primary, and return its id."""
    made = tink_pb2.Keyset.FromString(serialize(new_keyset_handle(template)))
    key = made.key[0]
    taken = {known.key_id for known in keyset.key}
    while key.key_id in taken:
        key.key_id = secrets.randbelow(2**31 - 1) + 1
    keyset.key.append(key)
    return int(key.key_id)


def promote(keyset: Any, key_id: int) -> None:
    """Make the key `key_id`, already in the keyset, the one that seals from now on."""
    keyset.primary_key_id = next(key.key_id for key in keyset.key if key.key_id == key_id)


def parse_keyset(serialized: bytes) -> Any:
    """Return the keyset serialised in `serialized`; ValueError when it is none."""
    try:
        keyset = BinaryKeysetReader(serialized).read()
    except TinkError:
        raise ValueError("not a keyset") from None
    if keyset.primary_key_id not in {key.key_id for key in keyset.key}:
        raise ValueError("a keyset without its primary key")
    return keyset


def hkdf_secrets(keyset: Any) -> dict[int, bytes]:
    """Return the secrets of a keyset of HKDF-PRF keys (SHA-256, no salt) by id, oldest first; ValueError otherwise."""
    secrets_by_id = {}
    for key in keyset.key:
        if key.key_data.type_url != _HKDF_PRF_KEY or key.status != tink_pb2.ENABLED:
            raise ValueError("a key that no space is given")
        held = hkdf_prf_pb2.HkdfPrfKey.FromString(key.key_data.value)
        if (held.version, held.params.hash, held.params.salt, len(held.key_value)) != _USUAL:
            raise ValueError("a key that no space is given")
        secrets_by_id[int(key.key_id)] = bytes(held.key_value)
    return secrets_by_id


def handle_of(keyset: Any) -> Any:
    """Return Tink's handle on a keyset, from which primitives are made."""
    return cleartext_keyset_handle.from_keyset(keyset)


def serialize(handle: Any) -> bytes:
    """Return the keyset behind `handle` as bytes, secrets included."""
    return bytes(proto_keyset_format.serialize(handle, SECRET))
