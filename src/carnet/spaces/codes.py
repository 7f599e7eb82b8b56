"""Provisional codes under the house key: made, and found again.

A code is computed from the person's digest and how many they had: a letter printed again says the same code, and stored
is only another digest of it. Ignored here: how long a code lives, and how often it may be missed.
"""

from carnet.infra.vault import HouseKey
from carnet.spaces.rules.codes import ALPHABET, BITS, LENGTH

DIGEST_BYTES = 20


def provisional_code(house: HouseKey, digest: bytes, *, issue: int) -> str:
    """Return the `issue`-th code (from 1) of the person with this INS digest, without separators."""
    number = int.from_bytes(house.digest(digest.hex(), str(issue), purpose="provisional-code"))
    return "".join(ALPHABET[number >> BITS * place & 31] for place in range(LENGTH))


def code_digest(house: HouseKey, code: str) -> bytes:
    """Return what finds a code in the database."""
    return house.digest(code, purpose="provisional-code-index")[:DIGEST_BYTES]
