"""Tink's AEAD frame, made here: the byte 0x01, the key id on 4 bytes, a 12-byte nonce, AES-256-GCM ciphertext and tag.

Published at developers.google.com/tink/wire-format (TINK output prefix; AES-GCM). Made over `cryptography` because
building Tink's own objects for a space costs several times what opening its fields does (decision 0011); tests prove
that real Tink opens what this seals and the reverse.
"""

import os
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from carnet.infra.vault.errors import unopenable

_TINK = b"\x01"
_PREFIX = 5
_NONCE = 12
_HEAD = _PREFIX + _NONCE


class FrameCipher:
    """Seals with one key and opens with any of several, told apart by their id."""

    def __init__(self, keys: Mapping[int, bytes], *, primary: int) -> None:
        """Take 32-byte keys by id, and which of them seals."""
        self._ciphers = {_TINK + key_id.to_bytes(4, "big"): AESGCM(key) for key_id, key in keys.items()}
        self._prefix = _TINK + primary.to_bytes(4, "big")
        self._sealer = self._ciphers[self._prefix]

    def seal(self, plaintext: bytes, bound_to: bytes) -> bytes:
        """Return a frame, 33 bytes longer than `plaintext`; its nonce comes straight from the system."""
        nonce = os.urandom(_NONCE)
        return self._prefix + nonce + self._sealer.encrypt(nonce, plaintext, bound_to)

    def open(self, frame: bytes, bound_to: bytes) -> bytes:
        """Return what was sealed; raises Unopenable for every other frame."""
        cipher = self._ciphers.get(frame[:_PREFIX])
        if cipher is None:
            raise unopenable()
        try:
            return cipher.decrypt(frame[_PREFIX:_HEAD], frame[_HEAD:], bound_to)
        except (InvalidTag, ValueError):
            raise unopenable() from None
