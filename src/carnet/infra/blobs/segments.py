"""The sealed form of a blob: Tink's streaming AEAD, AES256-GCM-HKDF with SHA-256, in segments of 64 KiB.

Published at developers.google.com/tink/streaming-aead/aes_gcm_hkdf_streaming and made here segment by segment over
`cryptography`, because Tink for Python can only read a stream from its start; tests prove that real Tink opens what
this seals and the reverse. Shape: one header (its length, a 32-byte salt, a 7-byte nonce prefix), then segments of
ciphertext and 16-byte tag. Each segment's nonce holds its number and whether it is the last, so that cutting,
reordering and lengthening show. It knows nothing of files, stores or spaces.
"""

import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from carnet.infra.blobs.errors import damaged

SEGMENT = 64 * 1024
SALT = 32
NONCE_PREFIX = 7
HEADER = 1 + SALT + NONCE_PREFIX
TAG = 16
_FIRST = SEGMENT - HEADER - TAG
_NEXT = SEGMENT - TAG


def sealed_size(size: int) -> int:
    """Return how many bytes `size` bytes of content take once sealed."""
    return HEADER + size + TAG * (1 + _full_segments_before(size))


def content_size(sealed: int) -> int:
    """Return how many bytes of content `sealed` bytes hold; raises BlobDamaged when no content has that length."""
    segments = -(-sealed // SEGMENT)
    size = sealed - HEADER - TAG * segments
    if size < 0 or sealed_size(size) != sealed:
        raise damaged()
    return size


def segment_of(position: int) -> int:
    """Return the number of the segment that holds the content byte at `position`."""
    return 0 if position < _FIRST else 1 + (position - _FIRST) // _NEXT


def content_start(segment: int) -> int:
    """Return the position in the content of a segment's first byte."""
    return 0 if segment == 0 else _FIRST + (segment - 1) * _NEXT


def seal_whole(content: bytes, *, secret: bytes, associated_data: bytes) -> bytearray:
    """Seal content that is in memory already, with no copy but the result."""
    sealer = _Cipher.fresh(secret, associated_data)
    sealed = bytearray(sealed_size(len(content)))
    source, target = memoryview(content), memoryview(sealed)
    target[:HEADER] = sealer.header
    read, written, last = 0, HEADER, segment_of(max(len(content) - 1, 0))
    for number in range(last + 1):
        piece = source[read : read + _capacity(number)]
        stop = written + len(piece) + TAG
        sealer.aead.encrypt_into(sealer.nonce(number, last=number == last), piece, None, target[written:stop])
        read, written = read + len(piece), stop
    return sealed


class SegmentSealer:
    """Seals content that arrives in pieces of any length; holds at most one segment and one piece."""

    def __init__(self, *, secret: bytes, associated_data: bytes) -> None:
        """Take a 32-byte secret and what the content is bound to."""
        self._cipher = _Cipher.fresh(secret, associated_data)
        self._pending = bytearray()
        self._number = 0
        self._ready = bytearray(self._cipher.header)

    def update(self, piece: bytes) -> bytes:
        """Take more content; return the sealed bytes that are final."""
        self._pending += piece
        while len(self._pending) > _capacity(self._number):
            self._seal(_capacity(self._number), last=False)
        return self._flush()

    def finish(self) -> bytes:
        """Return the last sealed bytes; without them nothing opens."""
        self._seal(len(self._pending), last=True)
        return self._flush()

    def _seal(self, length: int, *, last: bool) -> None:
        piece = bytes(self._pending[:length])
        del self._pending[:length]
        self._ready += self._cipher.aead.encrypt(self._cipher.nonce(self._number, last=last), piece, None)
        self._number += 1

    def _flush(self) -> bytes:
        ready, self._ready = bytes(self._ready), bytearray()
        return ready


class SegmentOpener:
    """Opens any run of segments of one blob, given its header and its whole sealed length."""

    def __init__(self, *, secrets: Sequence[bytes], associated_data: bytes, header: bytes, sealed: int) -> None:
        """Take the secrets that may have sealed it, newest first. Raises BlobDamaged on an impossible header."""
        if len(header) != HEADER or header[0] != HEADER:
            raise damaged()
        content_size(sealed)
        self._last = -(-sealed // SEGMENT) - 1
        self._ciphers = [_Cipher.from_header(secret, associated_data, bytes(header)) for secret in secrets]

    def open(self, first: int, sealed: bytes | memoryview, *, into: bytearray | None = None) -> memoryview:
        """Return the content of consecutive whole segments starting at number `first` (without the header).

        into: memory to write it to, as long as what is sealed; new memory costs as much as opening. Raises BlobDamaged
        when any of them is not exactly what was sealed in that place.
        """
        source = memoryview(sealed)
        pieces = _split(first, len(source))
        content = bytearray(len(source)) if into is None else into
        target, read, written = memoryview(content)[: len(source) - TAG * len(pieces)], 0, 0
        for number, length in enumerate(pieces, start=first):
            stop = written + length - TAG
            self._open_into(number, source[read : read + length], target[written:stop])
            read, written = read + length, stop
        return target

    def _open_into(self, number: int, piece: memoryview, target: memoryview) -> None:
        for cipher in self._ciphers:
            try:
                cipher.aead.decrypt_into(cipher.nonce(number, last=number == self._last), piece, None, target)
            except InvalidTag:
                continue
            self._ciphers = [cipher]
            return
        raise damaged()


class _Cipher:
    """One blob's own key, derived from its salt and from what it is bound to."""

    def __init__(self, secret: bytes, associated_data: bytes, salt: bytes, prefix: bytes) -> None:
        derived = HKDF(algorithm=SHA256(), length=len(secret), salt=salt, info=associated_data).derive(secret)
        self.aead = AESGCM(derived)
        self.header = bytes((HEADER,)) + salt + prefix
        self._prefix = prefix

    @classmethod
    def fresh(cls, secret: bytes, associated_data: bytes) -> "_Cipher":
        """Draw a new salt and nonce prefix, straight from the system: no test may make them repeat."""
        return cls(secret, associated_data, os.urandom(SALT), os.urandom(NONCE_PREFIX))

    @classmethod
    def from_header(cls, secret: bytes, associated_data: bytes, header: bytes) -> "_Cipher":
        return cls(secret, associated_data, header[1 : 1 + SALT], header[1 + SALT :])

    def nonce(self, number: int, *, last: bool) -> bytes:
        return self._prefix + number.to_bytes(4, "big") + (b"\x01" if last else b"\x00")


def _capacity(number: int) -> int:
    return _FIRST if number == 0 else _NEXT


def _full_segments_before(size: int) -> int:
    return segment_of(max(size - 1, 0))


def _split(first: int, length: int) -> list[int]:
    """Return the sealed lengths of the segments in a run of `length` bytes that starts with segment `first`."""
    pieces: list[int] = []
    while length:
        piece = min(length, _capacity(len(pieces) + first) + TAG)
        if piece < TAG:
            raise damaged()
        pieces.append(piece)
        length -= piece
    return pieces
