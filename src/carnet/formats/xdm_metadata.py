"""What METADATA.XML of an IHE_XDM archive says of each document: its type, name, identifier and confidentiality.

Only ever a claim: it proposes where a file is kept, and may hide it from somebody, never show it. Deliberately ignored:
everything else. Source: IHE ITI TF-3 §4.2.3, §4.2.5 (schemes of ebRIM).
"""

from collections.abc import Iterator
from typing import Final

import msgspec
from lxml import etree

from carnet.formats.safe_xml import parse
from carnet.kernel.errors import Invalid

_RIM: Final = "{urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0}"
_TYPE: Final = "urn:uuid:f0306f51-975f-434e-a61c-c59651d33983"
_CONFIDENTIALITY: Final = "urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f"
_UNIQUE_ID: Final = "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab"
_LONGEST: Final = 256
MOST: Final = 300


class SaidOfDocument(msgspec.Struct, frozen=True, kw_only=True):
    """One document as its archive describes it. uri: its file's name, without folders, in lower case."""

    uri: str
    type_code: str = ""
    title: str = ""
    unique_id: str = ""
    confidentiality: tuple[str, ...] = ()


def said_of_documents(metadata: bytes) -> dict[str, SaidOfDocument]:
    """Return what is said, by name of file. Nothing when it cannot be read: the documents speak for themselves."""
    try:
        root = parse(metadata)
    except Invalid:
        return {}
    said = (_said(one) for _, one in zip(range(MOST), root.iter(f"{_RIM}ExtrinsicObject"), strict=False))
    return {one.uri: one for one in said if one.uri}


def _said(one: etree._Element) -> SaidOfDocument:
    codes: dict[str, list[str]] = {}
    for each in one.iterfind(f"{_RIM}Classification"):
        codes.setdefault(each.get("classificationScheme", ""), []).append(each.get("nodeRepresentation", "")[:_LONGEST])
    uri = next(_slot(one, "URI"), "").replace("\\", "/").rpartition("/")[2].lower()
    named = one.find(f"{_RIM}Name/{_RIM}LocalizedString")
    identifiers = (
        each.get("value", "")
        for each in one.iterfind(f"{_RIM}ExternalIdentifier")
        if each.get("identificationScheme") == _UNIQUE_ID
    )
    return SaidOfDocument(
        uri=uri,
        type_code=next(iter(codes.get(_TYPE, ())), ""),
        title=(named.get("value", "") if named is not None else "")[:_LONGEST],
        unique_id=next(identifiers, "")[:_LONGEST],
        confidentiality=tuple(codes.get(_CONFIDENTIALITY, ())),
    )


def _slot(one: etree._Element, name: str) -> Iterator[str]:
    for slot in one.iterfind(f"{_RIM}Slot"):
        if slot.get("name") == name:
            for value in slot.iter(f"{_RIM}Value"):
                yield (value.text or "").strip()[:_LONGEST]
