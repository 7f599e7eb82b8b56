"""Documents out of an IHE_XDM archive (mail, a record carried over); and whether any other archive is honest.

Every limit holds while inflating, on what really comes out, never on what the archive says of itself (threats T40).
Overlap is checked here: the interpreter's own check is younger than the oldest Python this runs on. Names decide
nothing but which of the portable medium's own files are left out. Source: IHE ITI TF-1 §16, TF-2 §3.32.
"""

import io
import struct
import zipfile
import zlib
from typing import Final

import msgspec

from carnet.formats.xdm_metadata import SaidOfArchive, SaidOfDocument, SaidOfSet, said_of_archive
from carnet.kernel.errors import Invalid, Problem, TooLarge

MOST_ENTRIES: Final = 300
MOST_DOCUMENTS: Final = 20
MOST_RATIO: Final = 120
RATIO_FROM: Final = 200_000
_PIECE: Final = 64 * 1024
_LOCAL: Final = 30
_ENCRYPTED: Final = 0x1
_MAGIC: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_ZIPPED: Final = (*_MAGIC, b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!")
_OWN_FILES: Final = (
    ".htm",
    ".html",
    ".xsl",
    ".xslt",
    ".css",
    ".js",
    "readme.txt",
    "metadata.xml",
    ".ds_store",
    "thumbs.db",
)
BROKEN: Final = Problem("archive-broken", "Cette archive est abîmée.", "This archive is damaged.")
ENCRYPTED: Final = Problem("archive-encrypted", "Cette archive est chiffrée.", "This archive is encrypted.")
DISHONEST: Final = Problem(
    "archive-dishonest", "Cette archive n'est pas ce qu'elle annonce.", "This archive is not what it says it is."
)
NESTED: Final = Problem("archive-nested", "Cette archive en contient une autre.", "This archive holds another archive.")
TOO_MUCH: Final = Problem(
    "archive-too-large", "Cette archive est trop grande une fois ouverte.", "This archive is too large once opened."
)


class ArchiveFile(msgspec.Struct, frozen=True):
    """One document: its name without folders, as a claim; its bytes; what the archive says of it."""

    name: str
    media_type: str
    content: bytes
    said: SaidOfDocument | None = None


class Medium(msgspec.Struct, frozen=True, kw_only=True):
    """An IHE_XDM archive, opened. missing: described, and not in it; patients: whom it says it is about; sets: what it
    says was sent together.
    """

    files: tuple[ArchiveFile, ...]
    missing: tuple[SaidOfDocument, ...]
    patients: frozenset[tuple[str, str]]
    sets: tuple[SaidOfSet, ...] = ()


def is_archive(data: bytes) -> bool:
    """Whether these bytes begin as a ZIP archive does."""
    return data.startswith(_MAGIC)


def documents_in_archive(data: bytes, *, name: str = "archive.zip", most_bytes: int) -> tuple[ArchiveFile, ...]:
    """Return the documents of an IHE_XDM archive; any other archive, once it proved honest, as it is.

    most_bytes: of everything inflated together. Raises Invalid (`archive-broken`, `-encrypted`, `-dishonest`,
    `-nested`) or TooLarge (`archive-too-large`) and nothing else.
    """
    medium = read_medium(data, most_bytes=most_bytes)
    return (ArchiveFile(name, "application/zip", data),) if medium is None else medium.files


def read_medium(data: bytes, *, most_bytes: int, most_documents: int = MOST_DOCUMENTS) -> Medium | None:
    """Return an IHE_XDM archive; None for any other archive, once it proved honest. Raises as above."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [one for one in archive.infolist() if not one.is_dir()]
    except (zipfile.BadZipFile, zipfile.LargeZipFile, ValueError, NotImplementedError, struct.error, OverflowError):
        raise Invalid(BROKEN) from None
    if len(entries) > MOST_ENTRIES:
        raise TooLarge(TOO_MUCH)
    _no_overlap(entries, len(data))
    left, files, medium, said = most_bytes, list[tuple[str, ArchiveFile]](), False, dict[str, SaidOfArchive]()
    for entry in entries:
        content = _inflated(data, entry, left)
        left -= len(content)
        if content.startswith(_ZIPPED):
            raise Invalid(NESTED)
        path = entry.filename.replace("\\", "/").lower()
        medium = medium or path.startswith("ihe_xdm/") or path.endswith("metadata.xml")
        if path.endswith("metadata.xml"):
            said[path.rpartition("/")[0]] = said_of_archive(content)
        if not path.endswith(_OWN_FILES) and "__macosx/" not in path and not path.rpartition("/")[2].startswith("._"):
            files.append((path, ArchiveFile(_last_name(entry.filename), "application/octet-stream", content)))
    if not medium:
        return None
    if len(files) > most_documents:
        raise TooLarge(TOO_MUCH)
    return _described(files, said)


def _described(files: list[tuple[str, ArchiveFile]], said: dict[str, SaidOfArchive]) -> Medium:
    """Give each file its description: by its path below the metadata's folder, else by a name only one of them has."""
    by_path = {f"{folder}/{one.uri}".lstrip("/"): one for folder, found in said.items() for one in found.documents}
    by_name: dict[str, list[SaidOfDocument]] = {}
    for one in by_path.values():
        by_name.setdefault(one.uri.rpartition("/")[2], []).append(one)
    described = []
    for path, file in files:
        alike = by_name.get(file.name.lower(), [])
        found = by_path.get(path) or (alike[0] if len(alike) == 1 else None)
        described.append(msgspec.structs.replace(file, said=found))
    there = [one.said for one in described]
    return Medium(
        files=tuple(described),
        missing=tuple(one for one in by_path.values() if one not in there),
        patients=frozenset().union(*(one.patients for one in said.values())),
        sets=tuple(each for one in said.values() for each in one.sets),
    )


def _no_overlap(entries: list[zipfile.ZipInfo], size: int) -> None:
    """Every entry's bytes are its own. Raises Invalid."""
    end = 0
    for entry in sorted(entries, key=lambda one: one.header_offset):
        if entry.header_offset < end or entry.compress_size < 0:
            raise Invalid(DISHONEST)
        end = entry.header_offset + _LOCAL + entry.compress_size
    if end > size:
        raise Invalid(DISHONEST)


def _inflated(data: bytes, entry: zipfile.ZipInfo, most: int) -> bytes:
    """Return the bytes of one entry, inflated piece by piece with an eye on how many come out."""
    if entry.flag_bits & _ENCRYPTED:
        raise Invalid(ENCRYPTED)
    head = data[entry.header_offset : entry.header_offset + _LOCAL]
    if len(head) < _LOCAL or not head.startswith(b"PK\x03\x04"):
        raise Invalid(DISHONEST)
    names, extra = struct.unpack("<HH", head[26:30])
    start = entry.header_offset + _LOCAL + names + extra
    packed = memoryview(data)[start : start + entry.compress_size]
    if len(packed) != entry.compress_size:
        raise Invalid(DISHONEST)
    if entry.compress_type == zipfile.ZIP_STORED:
        content = bytes(packed)
        if len(content) > most:
            raise TooLarge(TOO_MUCH)
    elif entry.compress_type == zipfile.ZIP_DEFLATED:
        content = _inflate(packed, most)
    else:
        raise Invalid(BROKEN)
    if len(content) != entry.file_size or zlib.crc32(content) != entry.CRC:
        raise Invalid(DISHONEST)
    return content


def _inflate(packed: memoryview, most: int) -> bytes:
    allowed = min(most, max(RATIO_FROM, len(packed) * MOST_RATIO))
    machine, out = zlib.decompressobj(-15), bytearray()
    waiting = bytes(packed)
    try:
        while waiting and not machine.eof:
            out += machine.decompress(waiting, _PIECE)
            waiting = machine.unconsumed_tail
            if len(out) > allowed:
                raise TooLarge(TOO_MUCH)
        if not machine.eof:
            raise Invalid(BROKEN)
    except zlib.error:
        raise Invalid(BROKEN) from None
    return bytes(out)


def _last_name(path: str) -> str:
    last = path.replace("\\", "/").rpartition("/")[2]
    return "".join(one for one in last if one.isprintable() and one not in '<>:"|?*')[-120:] or "document"
