"""The body of a CDA: sections with their narrative (N3), or one embedded file (N1), and every file carried inside."""

from typing import Final

from lxml import etree

from carnet.formats.cda.elements import HL7, attribute, clean, code, every, first, raw_text, text
from carnet.formats.cda.model import EmbeddedPart, Section
from carnet.formats.cda.narrative_reading import narrative
from carnet.kernel.errors import Invalid, Problem, TooLarge

STRUCTURED: Final = "structuredBody"
PLACE: Final = (HL7 + "ClinicalDocument", HL7 + "component", HL7 + STRUCTURED)
"""Where a body stands. Anywhere else (in a name, in a file) what it holds is part of what is around it."""
_DEEPEST_SECTION: Final = 20
_MOST_SECTIONS: Final = 2000
_MOST_PARTS: Final = 500


def needs_looking_at(source: bytes) -> bool:
    """Tell whether anything inside a structured body could matter to who wants no sections: files, or too many of them.

    source: a document in UTF-8. A name stands in it as it is: XML has no other way of writing one.
    """
    if b"observationMedia" in source:
        return True
    if source.count(b"section") < _DEEPEST_SECTION:
        return False
    return source.count(b"<section") + source.count(b":section") >= _DEEPEST_SECTION


def sections(document: etree._Element, *, narratives: bool = True) -> tuple[Section, ...]:
    """Read the sections of a structured body, nested as they are; without `narratives` only what they are."""
    count = sum(1 for _ in document.iter(HL7 + "section"))
    if count > _MOST_SECTIONS:
        raise TooLarge(_TOO_MANY)
    return _sections(first(document, "component", STRUCTURED), 1, narratives=narratives)


def _sections(parent: etree._Element | None, level: int, *, narratives: bool) -> tuple[Section, ...]:
    if level > _DEEPEST_SECTION:
        raise TooLarge(_TOO_MANY)
    return tuple(
        Section(
            title=text(first(element, "title")),
            code=code(first(element, "code")),
            narrative=narrative(first(element, "text")) if narratives else (),
            sections=_sections(element, level + 1, narratives=narratives),
        )
        for element in every(parent, "component", "section")
    )


def unstructured(document: etree._Element) -> EmbeddedPart | None:
    """Read the file of a `nonXMLBody`; None for a structured body.

    Invalid (`cda-body-missing`, `cda-body-elsewhere`) when the document has no content of its own: a reference to a
    file that did not travel with it is not followed.
    """
    body = first(document, "component", "nonXMLBody")
    if body is None:
        if first(document, "component", STRUCTURED) is None:
            raise Invalid(_NO_BODY)
        return None
    element = first(body, "text")
    if element is None:
        raise Invalid(_NO_BODY)
    if first(element, "reference") is not None:
        raise Invalid(_ELSEWHERE)
    part = _part(element, "body")
    if part is None:
        raise Invalid(_NO_BODY)
    return part


def embedded(document: etree._Element) -> tuple[tuple[EmbeddedPart, ...], dict[str, int]]:
    """Return the files carried by observationMedia, and which IDs (theirs or a region's) lead to which of them."""
    parts: list[EmbeddedPart] = []
    regions: dict[str, int] = {}
    for media in document.iter(HL7 + "observationMedia"):
        part = _part(first(media, "value"), clean(media.get("ID")) or f"media-{len(parts)}")
        if part is None:
            continue
        if len(parts) >= _MOST_PARTS:
            raise TooLarge(_TOO_MANY)
        regions.setdefault(part.key, len(parts))
        region = _region_around(media)
        if region:
            regions.setdefault(region, len(parts))
        parts.append(part)
    return tuple(parts), regions


def _region_around(media: etree._Element) -> str | None:
    """Return the ID of the regionOfInterest that shows `media`, when it stands inside one."""
    for ancestor in media.iterancestors(HL7 + "regionOfInterest", HL7 + "section"):
        return clean(ancestor.get("ID")) if ancestor.tag == HL7 + "regionOfInterest" else None
    return None


def _part(element: etree._Element | None, key: str) -> EmbeddedPart | None:
    if element is None:
        return None
    payload = raw_text(element)
    if not payload.strip():
        return None
    media_type = (attribute(element, "mediaType") or "text/plain").lower()
    return EmbeddedPart(key, media_type, payload, is_base64=element.get("representation") == "B64")


_NO_BODY: Final = Problem(
    "cda-body-missing", "Le document CDA n'a pas de contenu.", "The CDA document has no content.",
    "ClinicalDocument.component",
)  # fmt: skip
_ELSEWHERE: Final = Problem(
    "cda-body-elsewhere",
    "Le contenu du document CDA est dans un autre fichier qui n'a pas été transmis.",
    "The content of the CDA document is in another file, which was not sent.",
    "ClinicalDocument.component.nonXMLBody.text.reference",
)
_TOO_MANY: Final = Problem(
    "cda-too-complex",
    "Le document CDA contient trop de sections ou de fichiers inclus.",
    "The CDA document has too many sections or embedded files.",
)
