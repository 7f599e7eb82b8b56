"""The entrance for every file a space receives: what it really is, whether it is whole, what it could do.

The declared type is only compared, never believed; a file that is not what it says is refused, as is one that is also
something else. Deliberately ignored: viruses (a scanner may run later) and whether the content is medically sensible.
"""

import base64
import binascii
import contextlib
import hashlib
from typing import Final

import msgspec

from carnet.formats import cda
from carnet.formats.extents import end_of, hides_second_file
from carnet.formats.images import inspect_image
from carnet.formats.kinds import IMAGES, MEDIA_TYPES, ContentKind, foreign, identify, looks_like_xml
from carnet.formats.pdf import inspect_pdf
from carnet.formats.safe_xml import XmlLimits
from carnet.formats.text import rtf_objects
from carnet.kernel.errors import Invalid, Problem, TooLarge, Unsupported

__all__ = ["MAX_BYTES", "MEDIA_TYPES", "ContentKind", "Inspected", "check_content", "identify", "kind_of_type"]

MAX_BYTES: Final = 10 * 1024 * 1024

_DECLARED: Final = {
    "text/xml": ContentKind.CDA,
    "application/xml": ContentKind.CDA,
    "application/hl7-cda+xml": ContentKind.CDA,
    "application/cda+xml": ContentKind.CDA,
    "text/x-cda-r2+xml": ContentKind.CDA,
    "application/pdf": ContentKind.PDF,
    "application/x-pdf": ContentKind.PDF,
    "image/jpeg": ContentKind.JPEG,
    "image/jpg": ContentKind.JPEG,
    "image/pjpeg": ContentKind.JPEG,
    "image/png": ContentKind.PNG,
    "image/x-png": ContentKind.PNG,
    "image/tiff": ContentKind.TIFF,
    "image/x-tiff": ContentKind.TIFF,
    "image/tif": ContentKind.TIFF,
    "text/plain": ContentKind.TEXT,
    "application/rtf": ContentKind.RTF,
    "application/x-rtf": ContentKind.RTF,
    "text/rtf": ContentKind.RTF,
    "text/richtext": ContentKind.RTF,
}


class Inspected(msgspec.Struct, frozen=True, kw_only=True):
    """A file as established from its bytes.

    content_type: the media type to store and serve; size in bytes; sha256 and sha1 in lower-case hexadecimal; active:
    it holds scripts, launches, attachments or objects, and must never be shown in its own bytes (`abilities` names
    them); pages: of a PDF or a TIFF; document: the CDA, its sections unread;
    embedded: the file inside an N1 CDA.
    """

    kind: ContentKind
    content_type: str
    size: int
    sha256: str
    sha1: str
    active: bool = False
    abilities: tuple[str, ...] = ()
    pages: int | None = None
    document: cda.ClinicalDocument | None = None
    embedded: "Inspected | None" = None

    def hash_matches(self, declared: str) -> bool:
        """Return whether a declared hash is this file's.

        FHIR R4 `Attachment.hash` is the base64 of a SHA-1; a SHA-256 is taken too, and both in hexadecimal as XDS
        (`hash`, ITI TF-3 §4.2.3.2.10) writes them.
        """
        known = {self.sha1, self.sha256}
        if declared.lower() in known:
            return True
        try:
            raw = base64.b64decode(declared, validate=True)
        except (binascii.Error, ValueError):
            return False
        return raw.hex() in known or raw.decode("ascii", "replace").lower() in known


def kind_of_type(media_type: str) -> ContentKind:
    """Return the kind a declared media type claims (parameters ignored); UNKNOWN when it is none of ours."""
    return _DECLARED.get(media_type.partition(";")[0].strip().lower(), ContentKind.UNKNOWN)


def check_content(*, data: bytes, declared_type: str | None, max_bytes: int = MAX_BYTES) -> Inspected:
    """Establish what `data` is and refuse what a space does not keep. `declared_type` None claims nothing.

    Raises TooLarge (`content-too-large` and the limits of each format), Unsupported (`content-type-unsupported`,
    `content-<archive|program|office|svg|html|dicom|image|unknown>`), or Invalid: `content-empty`, `content-lying`,
    `content-polyglot`, `content-truncated`, `cda-…`, `xml-…`, `pdf-…`, `image-…`, `rtf-truncated`.
    """
    if not data or not data.strip(b"\x00\t\r\n "):
        raise Invalid(_EMPTY)
    if len(data) > max_bytes:
        raise TooLarge(_too_large(max_bytes))
    claimed = _claimed(declared_type)
    kind = identify(data)
    if kind is ContentKind.UNKNOWN and not _meant_as_cda(data, claimed):
        raise Unsupported(_unsupported(foreign(data) or "unknown"))
    if claimed not in {None, kind} and kind is not ContentKind.UNKNOWN:
        raise Invalid(_LYING)
    return _inspected(data, kind)


def _claimed(declared_type: str | None) -> ContentKind | None:
    if declared_type is None:
        return None
    claimed = kind_of_type(declared_type)
    if claimed is ContentKind.UNKNOWN:
        raise Unsupported(_TYPE_UNSUPPORTED)
    return claimed


def _meant_as_cda(data: bytes, claimed: ContentKind | None) -> bool:
    """Return whether reading `data` as a CDA will give a better reason than "unknown": broken XML, other XML."""
    return claimed in {None, ContentKind.CDA} and looks_like_xml(data) and foreign(data) is None


def _inspected(data: bytes, kind: ContentKind) -> Inspected:
    digests = {
        "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "sha1": hashlib.sha1(data, usedforsecurity=False).hexdigest(),
    }
    if kind in {ContentKind.CDA, ContentKind.UNKNOWN}:
        return _inspected_cda(data, digests)
    end = end_of(data, kind)
    if end is None:
        raise Invalid(_TRUNCATED)
    if hides_second_file(data, end, kind):
        raise Invalid(_POLYGLOT)
    abilities: tuple[str, ...] = ()
    pages: int | None = None
    if kind is ContentKind.PDF:
        facts = inspect_pdf(data)
        abilities, pages = facts.active, facts.pages
    elif kind in IMAGES:
        pages = inspect_image(data).frames
    elif kind is ContentKind.RTF:
        abilities = rtf_objects(data)
    return Inspected(
        kind=kind,
        content_type=MEDIA_TYPES[kind],
        active=bool(abilities),
        abilities=abilities,
        pages=pages,
        **digests,  # type: ignore[arg-type]  # a table of names and digests
    )


def _inspected_cda(data: bytes, digests: dict[str, object]) -> Inspected:
    document = cda.read(data, limits=XmlLimits(size=len(data)), sections=False)
    embedded = None
    abilities: set[str] = set()
    if document.body_part is not None:
        embedded = _inspected_part(document.parts[document.body_part])
        abilities.update(embedded.abilities)
    else:
        for part in document.parts:
            # An illustration that cannot be read does not make the report unreadable.
            with contextlib.suppress(Invalid):
                abilities.update(_abilities(part.content()))
    return Inspected(
        kind=ContentKind.CDA,
        content_type=MEDIA_TYPES[ContentKind.CDA],
        active=bool(abilities),
        abilities=tuple(sorted(abilities)),
        document=document,
        embedded=embedded,
        pages=embedded.pages if embedded else None,
        **digests,  # type: ignore[arg-type]  # a table of names and digests
    )


def _inspected_part(part: cda.EmbeddedPart) -> Inspected:
    inside = part.content()
    kind = identify(inside)
    if kind in {ContentKind.UNKNOWN, ContentKind.CDA}:
        raise Invalid(_EMBEDDED)
    return _inspected(inside, kind)


def _abilities(data: bytes) -> tuple[str, ...]:
    """Name what a file beside the narrative could do; images are not even decoded for that."""
    match identify(data):
        case ContentKind.PDF:
            return inspect_pdf(data).active
        case ContentKind.RTF:
            return rtf_objects(data)
        case _:
            return ()


_EMPTY: Final = Problem("content-empty", "Le fichier est vide.", "The file is empty.")
_LYING: Final = Problem(
    "content-lying",
    "Le contenu du fichier n'est pas du type annoncé.",
    "The content of the file is not of the declared type.",
)
_POLYGLOT: Final = Problem(
    "content-polyglot",
    "Le fichier cache un second fichier à la suite du premier.",
    "The file hides a second file behind the first.",
)
_TRUNCATED: Final = Problem(
    "content-truncated", "Le fichier est incomplet : sa fin manque.", "The file is incomplete: its end is missing."
)
_TYPE_UNSUPPORTED: Final = Problem(
    "content-type-unsupported",
    "Ce type de fichier n'est pas accepté. Types acceptés : CDA, PDF, JPEG, PNG, TIFF, texte, RTF.",
    "This type of file is not accepted. Accepted types: CDA, PDF, JPEG, PNG, TIFF, text, RTF.",
)
_EMBEDDED: Final = Problem(
    "cda-embedded-unsupported",
    "Le fichier contenu dans le document CDA n'est ni un PDF, ni une image, ni un texte.",
    "The file inside the CDA document is neither a PDF, nor an image, nor a text.",
    "ClinicalDocument.component.nonXMLBody",
)
_FOREIGN: Final = {
    "archive": ("une archive (zip ou autre)", "an archive (zip or other)"),
    "program": ("un programme", "a program"),
    "office": ("un document bureautique", "an office document"),
    "svg": ("une image SVG", "an SVG image"),
    "html": ("une page web", "a web page"),
    "dicom": ("une image DICOM", "a DICOM image"),
    "image": ("une image d'un autre format", "an image of another format"),
    "unknown": ("d'un type inconnu", "of an unknown type"),
}


def _unsupported(what: str) -> Problem:
    fr, en = _FOREIGN[what]
    return Problem(
        f"content-{what}",
        f"Ce fichier est {fr}, ce qui n'est pas accepté. Types acceptés : CDA, PDF, JPEG, PNG, TIFF, texte, RTF.",
        f"This file is {en}, which is not accepted. Accepted types: CDA, PDF, JPEG, PNG, TIFF, text, RTF.",
    )


def _too_large(max_bytes: int) -> Problem:
    limit = f"{max_bytes / 1_000_000:.1f}".removesuffix(".0")
    return Problem(
        "content-too-large",
        f"Le fichier dépasse la taille permise ({limit.replace('.', ',')} Mo).",
        f"The file exceeds the permitted size ({limit} MB).",
    )
