"""The narrative block of a CDA section (CDA R2 §4.3.5), as data.

The renderer walks these structs, so whatever is not here cannot appear on a page: no attribute, no address and no
markup of the sender passes through except the few typed below.
"""

from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec

Align = Literal["left", "center", "right"]


class Inline(msgspec.Struct, frozen=True):
    """`content`, `sub` and `sup`. styles: names of our own style list; anchor: ID, target of `#` links."""

    kind: Literal["content", "sub", "sup"]
    children: tuple["Node", ...]
    styles: tuple[str, ...] = ()
    anchor: str | None = None


class Break(msgspec.Struct, frozen=True):
    """`br`."""


class Link(msgspec.Struct, frozen=True):
    """`linkHtml`. href is None unless it is http(s), mailto or `#` within this document."""

    href: str | None
    children: tuple["Node", ...]


class Footnote(msgspec.Struct, frozen=True):
    """`footnote`, shown where it stands, as a note."""

    children: tuple["Node", ...]
    anchor: str | None = None


class NoteReference(msgspec.Struct, frozen=True):
    """`footnoteRef`: points to a Footnote's anchor, which may not exist."""

    target: str | None


class Media(msgspec.Struct, frozen=True):
    """`renderMultiMedia`. targets: IDs of observationMedia or regionOfInterest, which may not exist."""

    targets: tuple[str, ...]
    caption: tuple["Node", ...] = ()


class Paragraph(msgspec.Struct, frozen=True):
    children: tuple["Node", ...]
    caption: tuple["Node", ...] = ()
    styles: tuple[str, ...] = ()
    anchor: str | None = None


class Item(msgspec.Struct, frozen=True):
    children: tuple["Node", ...]
    caption: tuple["Node", ...] = ()
    styles: tuple[str, ...] = ()
    anchor: str | None = None


class Listing(msgspec.Struct, frozen=True):
    """`list`."""

    items: tuple[Item, ...]
    ordered: bool = False
    caption: tuple["Node", ...] = ()
    styles: tuple[str, ...] = ()
    anchor: str | None = None


class Cell(msgspec.Struct, frozen=True):
    """`td` or `th`. scope: what a header announces (col, row or a group of them); None for data."""

    children: tuple["Node", ...]
    header: bool = False
    colspan: int = 1
    rowspan: int = 1
    scope: str | None = None
    align: Align | None = None
    styles: tuple[str, ...] = ()
    anchor: str | None = None


class Row(msgspec.Struct, frozen=True):
    cells: tuple[Cell, ...]
    styles: tuple[str, ...] = ()
    anchor: str | None = None


class Table(msgspec.Struct, frozen=True):
    head: tuple[Row, ...]
    bodies: tuple[tuple[Row, ...], ...]
    foot: tuple[Row, ...] = ()
    caption: tuple["Node", ...] = ()
    anchor: str | None = None


Node = str | Inline | Break | Link | Footnote | NoteReference | Media | Paragraph | Listing | Table


def walk(nodes: Iterable[Node]) -> Iterator[Node | Item | Row | Cell]:
    """Yield every node, item, row and cell, in reading order."""
    for node in nodes:
        yield node
        if isinstance(node, Listing):
            yield from walk(node.caption)
            for item in node.items:
                yield item
                yield from walk(item.caption)
                yield from walk(item.children)
        elif isinstance(node, Table):
            yield from walk(node.caption)
            for row in (*node.head, *(row for body in node.bodies for row in body), *node.foot):
                yield row
                for cell in row.cells:
                    yield cell
                    yield from walk(cell.children)
        elif isinstance(node, Media):
            yield from walk(node.caption)
        elif isinstance(node, Paragraph):
            yield from walk(node.caption)
            yield from walk(node.children)
        elif isinstance(node, Inline | Link | Footnote):
            yield from walk(node.children)
