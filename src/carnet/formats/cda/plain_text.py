"""The words of a document without their layout, for search and for descriptions of images."""

from collections.abc import Iterable
from typing import Final

from carnet.formats.cda.model import ClinicalDocument, Section
from carnet.formats.cda.narrative import Break, Cell, Item, Listing, Node, Paragraph, Row, Table, walk

_LONGEST: Final = 500_000
_STARTS_A_LINE: Final = Paragraph | Listing | Item | Table | Row | Break


def summary_text(document: ClinicalDocument) -> str:
    """Return title, headings and narrative, one block a line, cells apart by a space; at most 500,000 characters."""
    pieces = [document.title or document.code.display or ""]
    _add(pieces, document.sections)
    return "\n".join(piece for piece in pieces if piece)[:_LONGEST]


def plain(nodes: Iterable[Node]) -> str:
    """Return the words of some narrative."""
    words: list[str] = []
    for node in walk(nodes):
        if isinstance(node, str):
            words.append(node)
        elif isinstance(node, _STARTS_A_LINE):
            words.append("\n")
        elif isinstance(node, Cell):
            words.append(" ")
    lines = (" ".join(line.split()) for line in "".join(words).split("\n"))
    return "\n".join(line for line in lines if line)


def _add(pieces: list[str], sections: tuple[Section, ...]) -> None:
    for section in sections:
        pieces.append(section.title or (section.code.display if section.code else None) or "")
        pieces.append(plain(section.narrative))
        _add(pieces, section.sections)
