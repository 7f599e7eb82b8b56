"""The only source of chance for ids and secrets: one seam, so that a test can make it repeat itself.

Encryption nonces are deliberately not drawn here: a test must never be able to make one repeat.
"""

import base64
import contextlib
import os
import random
import uuid
from collections.abc import Callable, Iterator

from carnet.infra import clock

_VERSION_7 = 0x7 << 76
_VARIANT_RFC = 0b10 << 62


class _Seat:
    """Holds the source in force for the whole process."""

    source: Callable[[int], bytes] = staticmethod(os.urandom)


def token_bytes(size: int = 32) -> bytes:
    """Return `size` unpredictable bytes."""
    return _Seat.source(size)


def token_urlsafe(size: int = 32) -> str:
    """Return a secret made of `size` unpredictable bytes, in base64url without padding."""
    return base64.urlsafe_b64encode(token_bytes(size)).rstrip(b"=").decode("ascii")


def uuid4() -> uuid.UUID:
    """Return an id that tells nothing: use it wherever a reader could learn something from the order."""
    return uuid.UUID(bytes=token_bytes(16), version=4)


def uuid7() -> uuid.UUID:
    """Return an id that grows with time to the millisecond (RFC 9562 §5.7): index-friendly, for internal rows."""
    milliseconds = int(clock.now().timestamp() * 1000) & 0xFFFF_FFFF_FFFF
    chance = int.from_bytes(token_bytes(10), "big")
    rand_a, rand_b = chance >> 68, chance & 0x3FFF_FFFF_FFFF_FFFF
    return uuid.UUID(int=milliseconds << 80 | _VERSION_7 | rand_a << 64 | _VARIANT_RFC | rand_b)


def install(source: Callable[[int], bytes]) -> Callable[[int], bytes]:
    """Make `source(size) -> bytes` the process's source and return the one it replaces."""
    previous = _Seat.source
    _Seat.source = staticmethod(source)
    return previous


@contextlib.contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Repeat the same ids and secrets for the length of a `with` block. Tests only: nothing here is secret then."""
    previous = install(random.Random(seed).randbytes)  # noqa: S311 — predictability is the purpose
    try:
        yield
    finally:
        install(previous)
