"""What Carnet asks of the one key that wraps all others, wherever it lives.

A key-encryption key (KEK) never touches health content: it wraps the keyset of each space and nothing else.
"""

from typing import Protocol


class KeyEncryptionKey(Protocol):
    """Wraps and unwraps small secrets; `context` says what they are and must be the same both times."""

    @property
    def key_id(self) -> str:
        """Which key wraps now (never a secret); changes when the key is rotated."""
        ...

    @property
    def remote(self) -> bool:
        """Whether a call goes over the network and must be kept off the event loop."""
        ...

    def close(self) -> None:
        """Let go of what is held open towards it."""
        ...

    def wrap(self, plaintext: bytes, *, context: bytes) -> bytes:
        """Return `plaintext` sealed; raises Unavailable when the key cannot be reached."""
        ...

    def unwrap(self, wrapped: bytes, *, context: bytes) -> bytes:
        """Return what was wrapped; raises Unopenable (altered, other context, key gone) or Unavailable."""
        ...

    def is_current(self, wrapped: bytes) -> bool:
        """Whether `wrapped` was made by the newest key version; no secret is opened to tell."""
        ...

    def rewrap(self, wrapped: bytes, *, context: bytes) -> bytes:
        """Return the same secret wrapped by the newest key version; raises as `unwrap` does."""
        ...
