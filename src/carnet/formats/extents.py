"""Where an image or a PDF really ends, so that a cut file or a second file hidden behind the first is noticed.

A file that is honest at its front and something else at its back (a polyglot) is how scripts and archives travel
under a picture's name. Deliberately ignored: what stands inside the proper extent.
"""

import re
from typing import Final

from carnet.formats.kinds import ContentKind

_PNG_HEADER: Final = 8
_CHUNK: Final = 12
_LONG_TAIL: Final = 1024
_MARKER: Final = re.compile(rb"\xff(?:[\x01-\xcf\xd8-\xfe])")
_START_OF_SCAN: Final = 0xDA
_END_OF_IMAGE: Final = 0xD9
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD9)})
_SECOND_FILE: Final = re.compile(
    rb"PK\x03\x04|PK\x05\x06|%PDF-|<\s*(?:script|html|svg|!doctype|\?php|iframe)|MZ\x90|\x7fELF|Rar!|7z\xbc\xaf",
    re.IGNORECASE,
)
_ZIP_END: Final = b"PK\x05\x06"


def end_of(data: bytes, kind: ContentKind) -> int | None:
    """Return the offset just after the last byte of a JPEG, PNG or PDF; None when its end is missing.

    For other kinds, whose end is not marked, the length of `data`.
    """
    match kind:
        case ContentKind.JPEG:
            return _end_of_jpeg(data)
        case ContentKind.PNG:
            return _end_of_png(data)
        case ContentKind.PDF:
            last = data.rfind(b"%%EOF")
            return None if last < 0 else last + 5
        case _:
            return len(data)


def hides_second_file(data: bytes, end: int, kind: ContentKind) -> bool:
    """Return whether another file stands behind `end`, or an archive reads this file as its own.

    Cameras append previews and makers' notes to JPEG files: only what could be opened as something else counts there.
    """
    tail = data[end:].strip(b"\x00\r\n\t ")
    if _is_archive_end(data):
        return True
    if not tail:
        return False
    return (kind is not ContentKind.JPEG and len(tail) > _LONG_TAIL) or _SECOND_FILE.search(tail) is not None


def _is_archive_end(data: bytes) -> bool:
    """Return whether a zip reader would accept the file: its end record closes exactly at the end of the file."""
    position = data.rfind(_ZIP_END, max(0, len(data) - 65_557))
    if position < 0 or position + 22 > len(data):
        return False
    comment = int.from_bytes(data[position + 20 : position + 22], "little")
    return position + 22 + comment == len(data)


def _end_of_png(data: bytes) -> int | None:
    position = _PNG_HEADER
    while position + _CHUNK <= len(data):
        length = int.from_bytes(data[position : position + 4], "big")
        name = data[position + 4 : position + 8]
        position += _CHUNK + length
        if name == b"IEND":
            return position if position <= len(data) else None
    return None


def _end_of_jpeg(data: bytes) -> int | None:
    position = 2
    while position + 4 <= len(data):
        found = _MARKER.search(data, position)
        if found is None:
            return None
        marker = data[found.start() + 1]
        if marker == _END_OF_IMAGE:
            return found.end()
        position = found.end()
        if marker in _ALONE:
            continue
        position += int.from_bytes(data[position : position + 2], "big")
    return len(data) if data.endswith(b"\xff\xd9") else None
