"""From the XML of a section's `text` to the typed narrative.

Unknown elements give their children, unknown attributes nothing: a sender's mistake loses its markup, never its words.
Deliberately ignored: `col`/`colgroup`, widths, borders, cell padding and vertical alignment (the page lays out its own
tables) and `content/@revised` colours (deleted text is kept, struck through).
"""

import re
from collections.abc import Callable, Iterable
from typing import Final
from urllib.parse import urlsplit

from lxml import etree

from carnet.formats.cda.elements import HL7, clean, raw_text, visible
from carnet.formats.cda.narrative import (
    Align,
    Break,
    Cell,
    Footnote,
    Inline,
    Item,
    Link,
    Listing,
    Media,
    Node,
    NoteReference,
    Paragraph,
    Row,
    Table,
)

_STYLES: Final = {
    "bold": ("bold",),
    "italics": ("italics",),
    "italic": ("italics",),
    "underline": ("underline",),
    "emphasis": ("emphasis",),
    "bolditalics": ("bold", "italics"),
    "bolditalic": ("bold", "italics"),
    "xsub": ("sub",),
    "xsup": ("sup",),
    "xstrikethrough": ("deleted",),
    "lrule": ("rule-left",),
    "rrule": ("rule-right",),
    "toprule": ("rule-top",),
    "botrule": ("rule-bottom",),
    "arabic": ("arabic",),
    "littleroman": ("little-roman",),
    "bigroman": ("big-roman",),
    "littlealpha": ("little-alpha",),
    "bigalpha": ("big-alpha",),
    "disc": ("disc",),
    "circle": ("circle",),
    "square": ("square",),
}
_BLANKS: Final = re.compile(r"[ \t\r\n]+")
_PLAIN: Final = re.compile(r"(?:[!-~\u00a1-\u00ac\u00ae-\u024f]| (?! ))++")
_LONGEST_ADDRESS: Final = 2000
_MOST_SPANNED: Final = 100
_MOST_TARGETS: Final = 20
_DEEPEST: Final = 60


def narrative(element: etree._Element | None) -> tuple[Node, ...]:
    """Read a `text` element; () when there is none."""
    return () if element is None else _children(element, 0)


def _children(element: etree._Element, depth: int, *, skip: str = "") -> tuple[Node, ...]:
    """Read mixed content. Below the deepest level only words are kept, so that no recursion can run away."""
    if depth > _DEEPEST:
        words = _words(raw_text(element))
        return (words,) if words else ()
    nodes: list[Node] = []
    _add_words(nodes, element.text)
    for child in element:
        if isinstance(child.tag, str):
            name = child.tag.removeprefix(HL7)
            if name != skip or not skip:
                nodes.extend(_node(child, name, depth + 1))
            _add_words(nodes, child.tail)
    return tuple(nodes)


def _add_words(nodes: list[Node], raw: str | None) -> None:
    words = _words(raw)
    if words:
        nodes.append(words)


def _words(raw: str | None) -> str:
    if not raw:
        return ""
    return raw if _PLAIN.fullmatch(raw) else _BLANKS.sub(" ", visible(raw))


def _node(element: etree._Element, name: str, depth: int) -> tuple[Node, ...]:
    reader = _READERS.get(name)
    return (reader(element, depth),) if reader else _children(element, depth)


def _content(element: etree._Element, depth: int) -> Node:
    styles = _styles(element)
    if element.get("revised") == "delete":
        styles = (*styles, "deleted")
    return Inline("content", _children(element, depth), styles, _anchor(element))


def _paragraph(element: etree._Element, depth: int) -> Node:
    children = _children(element, depth, skip="caption")
    return Paragraph(children, _caption(element, depth), _styles(element), _anchor(element))


def _media(element: etree._Element, depth: int) -> Node:
    targets = tuple((element.get("referencedObject") or "").split())
    return Media(targets[:_MOST_TARGETS], _caption(element, depth))


def _listing(element: etree._Element, depth: int) -> Node:
    items = tuple(
        Item(_children(item, depth, skip="caption"), _caption(item, depth), _styles(item), _anchor(item))
        for item in element.iterchildren(HL7 + "item")
    )
    ordered = element.get("listType") == "ordered"
    return Listing(items, ordered, _caption(element, depth), _styles(element), _anchor(element))


def _table(element: etree._Element, depth: int) -> Node:
    head = _rows(element.iterchildren(HL7 + "thead"), depth, scope="col")
    foot = _rows(element.iterchildren(HL7 + "tfoot"), depth, scope="row")
    bodies = [_rows([body], depth, scope="row") for body in element.iterchildren(HL7 + "tbody")]
    loose = tuple(_row(row, depth, scope="row") for row in element.iterchildren(HL7 + "tr"))
    bodies = [body for body in (*bodies, loose) if body]
    if not head and bodies and len(bodies[0]) > 1 and all(cell.header for cell in bodies[0][0].cells):
        # A first row made of headers only announces columns, whatever group it stands in.
        head, bodies[0] = (_announcing_columns(bodies[0][0]),), bodies[0][1:]
    return Table(head, tuple(bodies), foot, _caption(element, depth), _anchor(element))


def _announcing_columns(row: Row) -> Row:
    cells = tuple(
        Cell(
            c.children, c.header, c.colspan, c.rowspan, _scope("col", c.colspan, c.rowspan), c.align, c.styles, c.anchor
        )
        for c in row.cells
    )
    return Row(cells, row.styles, row.anchor)


def _rows(groups: Iterable[etree._Element], depth: int, *, scope: str) -> tuple[Row, ...]:
    return tuple(_row(row, depth, scope=scope) for group in groups for row in group.iterchildren(HL7 + "tr"))


def _row(element: etree._Element, depth: int, *, scope: str) -> Row:
    cells = []
    for cell in element:
        if cell.tag not in (HL7 + "td", HL7 + "th"):
            continue
        cells.append(_cell(cell, depth, scope))
    return Row(tuple(cells), _styles(element), _anchor(element))


def _cell(element: etree._Element, depth: int, scope: str) -> Cell:
    header = element.tag == HL7 + "th"
    children = _children(element, depth)
    if not element.keys():  # most cells say nothing about themselves
        return Cell(children, header, scope=scope if header else None)
    colspan, rowspan = _span(element, "colspan"), _span(element, "rowspan")
    announced = _scope(scope, colspan, rowspan) if header else None
    return Cell(children, header, colspan, rowspan, announced, _align(element), _styles(element), _anchor(element))


def _scope(scope: str, colspan: int, rowspan: int) -> str:
    spanned = colspan if scope == "col" else rowspan
    return f"{scope}group" if spanned > 1 else scope


def _span(cell: etree._Element, name: str) -> int:
    raw = cell.get(name) or "1"
    return min(max(int(raw), 1), _MOST_SPANNED) if raw.isascii() and raw.isdigit() and len(raw) < 6 else 1  # noqa: PLR2004 - digits


def _align(cell: etree._Element) -> Align | None:
    match cell.get("align"):
        case "left":
            return "left"
        case "center":
            return "center"
        case "right":
            return "right"
        case _:
            return None


def _caption(element: etree._Element, depth: int) -> tuple[Node, ...]:
    found = element.find(HL7 + "caption")
    return () if found is None else _children(found, depth)


def _styles(element: etree._Element) -> tuple[str, ...]:
    raw = element.get("styleCode")
    if not raw:
        return ()
    found = (style for word in raw.split()[:20] for style in _STYLES.get(word.lower(), ()))
    return tuple(dict.fromkeys(found))


def _anchor(element: etree._Element) -> str | None:
    return clean(element.get("ID"))


def _address(raw: str | None) -> str | None:
    """Return an address a reader may follow: http, https, mailto, or `#` in this document; None for all others."""
    if not raw or len(raw) > _LONGEST_ADDRESS or any(ord(c) <= ord(" ") or c in '\\"<>`' for c in raw):
        return None
    if visible(raw) != raw:
        return None
    if raw.startswith("#"):
        return raw if len(raw) > 1 else None
    try:
        parts = urlsplit(raw)
    except ValueError:
        return None
    if parts.scheme in {"http", "https"}:
        return raw if parts.hostname and "@" not in parts.netloc else None
    return raw if parts.scheme == "mailto" and parts.path else None


_READERS: Final[dict[str, Callable[[etree._Element, int], Node]]] = {
    "br": lambda _element, _depth: Break(),
    "content": _content,
    "sub": lambda element, depth: Inline("sub", _children(element, depth)),
    "sup": lambda element, depth: Inline("sup", _children(element, depth)),
    "paragraph": _paragraph,
    "list": _listing,
    "table": _table,
    "linkHtml": lambda element, depth: Link(_address(element.get("href")), _children(element, depth)),
    "renderMultiMedia": _media,
    "footnote": lambda element, depth: Footnote(_children(element, depth), _anchor(element)),
    "footnoteRef": lambda element, _depth: NoteReference(clean(element.get("IDREF"))),
}
