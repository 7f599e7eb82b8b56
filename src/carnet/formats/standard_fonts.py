"""Words as the fonts every PDF reader brings can write them: Windows-1252, no font embedded (ISO 32000-1 annex D)."""

import unicodedata
from typing import Final

ENCODING: Final = "windows-1252"
_STROKED: Final = str.maketrans("ĐđĦħıŁłŦŧ", "DdHhiLlTt")
"""Letters whose stroke is no sign that Unicode takes apart."""


def plain(text: str) -> str:
    """Return `text` as the standard fonts can write it (Windows-1252): other letters without their signs."""
    letters = unicodedata.normalize("NFC", text).translate(_STROKED)
    return "".join(one if _writable(one) else _bare(one) for one in letters)


def _writable(sign: str) -> bool:
    return bool(sign.encode(ENCODING, "ignore"))


def _bare(sign: str) -> str:
    return unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode() or "?"
