"""Several values as one byte string that can only have come from those values.

This is PAE, the pre-authentication encoding of the PASETO specification (§2.2): the number of parts, then each part
with its length, as 64-bit little-endian integers. Joining with a separator would let ("ab", "c") pass for ("a", "bc").
"""

import struct
import uuid

_LENGTH = struct.Struct("<Q")

Name = str | uuid.UUID


def encode_parts(*parts: bytes | Name) -> bytes:
    """Return the PAE of `parts`; text counts as UTF-8 and a UUID as its canonical text."""
    return _LENGTH.pack(len(parts)) + b"".join(map(encode_last_part, parts))


def encode_parts_but_last(*parts: bytes | Name) -> bytes:
    """Return the PAE of `parts` and one more, short of that one: for what repeats but for its end."""
    return _LENGTH.pack(len(parts) + 1) + b"".join(map(encode_last_part, parts))


def encode_last_part(part: bytes | Name) -> bytes:
    """Return `part` as PAE writes it: its length, then itself."""
    raw = part if isinstance(part, bytes) else str(part).encode()
    return _LENGTH.pack(len(raw)) + raw
