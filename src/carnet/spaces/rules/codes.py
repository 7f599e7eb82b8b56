"""The provisional code of the information letter: 12 characters a person can type, which no database holds.

60 bits; no character is mistaken for another. How one is made and found again: `spaces.codes`.
Source: mes.md §2.2 A2 (12 characters, single use, valid 6 weeks, regenerable).
"""

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
LENGTH = 12
BITS = 5
_GROUP = 4


def written(code: str) -> str:
    """Return the code as people read it: three groups of four."""
    return "-".join(code[start : start + _GROUP] for start in range(0, LENGTH, _GROUP))


def read_code(text: str) -> str | None:
    """Return the code somebody typed (case, spaces, dashes free), None when it cannot be one."""
    plain = "".join(text.upper().replace("-", " ").split())
    return plain if len(plain) == LENGTH and set(plain) <= set(ALPHABET) else None
