"""What a file is, told from its first bytes alone; a name or a declared type is only ever a claim.

Deliberately ignored: whether the file is whole or harmless, which `sniffing.check_content` finds out.
"""

import re
from enum import StrEnum
from typing import Final

from carnet.formats import safe_xml
from carnet.kernel.errors import Invalid


class ContentKind(StrEnum):
    """The kinds of document a space keeps."""

    CDA = "cda"
    PDF = "pdf"
    JPEG = "jpeg"
    PNG = "png"
    TIFF = "tiff"
    TEXT = "text"
    RTF = "rtf"
    UNKNOWN = "unknown"


MEDIA_TYPES: Final = {
    ContentKind.CDA: "text/xml",
    ContentKind.PDF: "application/pdf",
    ContentKind.JPEG: "image/jpeg",
    ContentKind.PNG: "image/png",
    ContentKind.TIFF: "image/tiff",
    ContentKind.TEXT: "text/plain",
    ContentKind.RTF: "application/rtf",
}
"""The media type under which each kind is stored and served (CDA: ITI TF-3, `text/xml`)."""

EXTENSIONS: Final = {
    "application/pdf": "pdf",
    "text/xml": "xml",
    "application/xml": "xml",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/tiff": "tif",
    "text/plain": "txt",
    "text/html": "html",
    "application/rtf": "rtf",
    "text/rtf": "rtf",
}
"""How the name of a file of each media type ends, the dot left out."""

IMAGES: Final = frozenset({ContentKind.JPEG, ContentKind.PNG, ContentKind.TIFF})

_MAGIC: Final = (
    (b"%PDF-", ContentKind.PDF),
    (b"\xff\xd8\xff", ContentKind.JPEG),
    (b"\x89PNG\r\n\x1a\n", ContentKind.PNG),
    (b"II*\x00", ContentKind.TIFF),
    (b"MM\x00*", ContentKind.TIFF),
    (b"{\\rtf", ContentKind.RTF),
)
_FOREIGN: Final = (
    (b"PK\x03\x04", "archive"),
    (b"PK\x05\x06", "archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"Rar!", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"MZ", "program"),
    (b"\x7fELF", "program"),
    (b"\xca\xfe\xba\xbe", "program"),
    (b"#!", "program"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "office"),
    (b"%!PS", "program"),
)
_MARKUP: Final = re.compile(
    r"<(?:!doctype\s+html|html|head|body|script|iframe|h1|div|font|table|a|style|title|b|br|p|img|form|meta|link|base"
    r"|object|embed|video|audio|math|input|button|details|marquee|template|frameset|applet|noscript)(?=[\s>/]|$)",
    re.IGNORECASE,
)
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_OPENING: Final = re.compile(rb"<[A-Za-z_:!?/]")
_HEAD: Final = 4096


def identify(data: bytes) -> ContentKind:
    """Return what `data` is from its bytes; UNKNOWN for anything a space does not keep. Never raises."""
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return kind
    if not data or foreign(data) is not None:
        return ContentKind.UNKNOWN
    if looks_like_xml(data):
        return ContentKind.CDA if _is_cda(data) else ContentKind.UNKNOWN
    return ContentKind.TEXT if _is_text(data) else ContentKind.UNKNOWN


def foreign(data: bytes) -> str | None:
    """Name what `data` is when it is something a space never keeps: archive, program, office, svg, html, xml."""
    for magic, name in _FOREIGN:
        if data.startswith(magic):
            return name
    if data[128:132] == b"DICM":
        return "dicom"
    if data.startswith((b"GIF87a", b"GIF89a")) or (data.startswith((b"BM", b"RIFF")) and not _is_text(data)):
        return "image"
    return _foreign_markup(data)


def looks_like_xml(data: bytes) -> bool:
    """Return whether the first visible characters open a tag, in any encoding an XML parser would try."""
    head = data[:_HEAD].removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
    return _OPENING.match(head.replace(b"\x00", b"").lstrip()) is not None


def _foreign_markup(data: bytes) -> str | None:
    if not looks_like_xml(data):
        return None
    text = _head_of(data)
    if text is None or safe_xml.root_name(text) is None:  # the root element begins further down
        try:
            text = safe_xml.decode(data)
        except Invalid:
            text = data.decode("latin-1").replace("\x00", "")
    local = (safe_xml.root_name(text) or "").rpartition(":")[2].lower()
    if local == "svg":
        return "svg"
    return "html" if local == "html" or _MARKUP.match(text, safe_xml.after_prolog(text)) else None


def _is_cda(data: bytes) -> bool:
    """Return whether the root element is a ClinicalDocument, or a style sheet with one inside (self-presenting)."""
    head = _head_of(data)
    name = safe_xml.root_name(head) if head else None
    if (name or "").rpartition(":")[2] == "ClinicalDocument":
        return True
    try:
        text = safe_xml.decode(data)
    except Invalid:
        return False
    name = safe_xml.root_name(text)
    local = (name or "").rpartition(":")[2]
    if local == "stylesheet":
        return re.search(r"<(?:[\w.-]+:)?ClinicalDocument[\s>]", text) is not None
    return local == "ClinicalDocument"


def _head_of(data: bytes) -> str | None:
    """Return the beginning of a document, cut behind a tag; None when it cannot be read by itself."""
    try:
        return safe_xml.decode(data[: data.rfind(b">", 0, _HEAD) + 1])
    except Invalid:
        return None


def _is_text(data: bytes) -> bool:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return not _CONTROLS.search(data.decode("utf-16"))
        except UnicodeDecodeError:
            return False
    try:
        decoded = data.decode("utf-8")
    except UnicodeDecodeError:
        decoded = data.decode("latin-1")
    return not _CONTROLS.search(decoded)
