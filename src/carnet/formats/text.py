"""Plain text and RTF as characters, for preview and search. Formatting, pictures and links of RTF are left behind."""

import codecs
import re
from typing import Final

from striprtf.striprtf import rtf_to_text as _striprtf

from carnet.kernel.errors import Invalid, Problem, TooLarge

_UNSEEN: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_LARGEST_RTF: Final = 1024 * 1024
_LONGEST_HEX: Final = 4000
_HEXADECIMAL: Final = re.compile(rb"[0-9a-fA-F\s]++")  # long runs are pictures and objects: no text in them
_COSTLY: Final = re.compile(rb"HYPERLINK", re.IGNORECASE)
"""striprtf looks for links and fonts with patterns that a hostile file can make take hours. A line feed means nothing
in RTF but stops those patterns; the font table becomes a group to ignore."""


def decode_text(data: bytes) -> str:
    """Return the characters of a text file: by its byte-order mark, else UTF-8, else Windows-1252. Never raises.

    Lines end with a bare line feed; characters that would not be seen but change what is seen are dropped.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raw = data.decode("utf-16", "replace")
    else:
        body = data.removeprefix(codecs.BOM_UTF8)
        try:
            raw = body.decode("utf-8")
        except UnicodeDecodeError:
            raw = body.decode("cp1252", "replace")
    return _UNSEEN.sub("", raw.replace("\r\n", "\n").replace("\r", "\n"))


def rtf_to_text(data: bytes) -> str:
    """Return the text of an RTF file. Raises TooLarge (`rtf-too-large`) or Invalid (`rtf-broken`)."""
    if not data.startswith(b"{\\rtf"):
        raise Invalid(_BROKEN)
    light = _HEXADECIMAL.sub(lambda run: b" " if len(run.group()) > _LONGEST_HEX else run.group(), data)
    light = _COSTLY.sub(lambda word: word.group()[:5] + b"\n" + word.group()[5:], light)
    light = light.replace(b"{\\field", b"\n{\\field").replace(b"\\fonttbl", b"\\*\\xfonttbl")
    if len(light) > _LARGEST_RTF:
        raise TooLarge(
            Problem("rtf-too-large", "Le fichier RTF est trop volumineux.", "The RTF file is too large to be shown.")
        )
    try:
        text = _striprtf(light.decode("latin-1"), encoding="cp1252", errors="replace")
    except (ValueError, LookupError, IndexError, TypeError, AttributeError, OverflowError, RecursionError):
        raise Invalid(_BROKEN) from None
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _UNSEEN.sub("", whole).strip()


def rtf_objects(data: bytes) -> tuple[str, ...]:
    """Name what an RTF file could do when opened by a word processor. Invalid (`rtf-truncated`) without its end."""
    if not data.rstrip(b"\x00\r\n\t ").endswith(b"}"):
        raise Invalid(_TRUNCATED)
    return tuple(sorted({name for pattern, name in _OBJECTS if pattern.search(data)}))


_OBJECTS: Final = (
    (re.compile(rb"\\obj(?:data|update|autlink|emb|ocx|link|html)", re.IGNORECASE), "rtf-object"),
    (re.compile(rb"\b(?:DDEAUTO|DDE|INCLUDEPICTURE|INCLUDETEXT)\b"), "rtf-field"),
    (re.compile(rb"\\\*\s*\\template\b", re.IGNORECASE), "rtf-template"),
)
_TRUNCATED: Final = Problem(
    "rtf-truncated", "Le fichier RTF est incomplet : sa fin manque.", "The RTF file is incomplete: its end is missing."
)
_BROKEN: Final = Problem(
    "rtf-broken", "Le fichier RTF est incomplet ou illisible.", "The RTF file is incomplete or cannot be read."
)
