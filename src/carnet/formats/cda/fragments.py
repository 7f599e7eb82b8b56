"""The narrative as HTML: typed nodes in, tags of our own choosing out, every word and attribute escaped.

Plain functions rather than templates because a report may hold thousands of cells and a template costs fifty times
more for each. What a node cannot say (see narrative.py) cannot appear here.
"""

from collections.abc import Callable, Iterable
from typing import Final

from markupsafe import Markup, escape

from carnet.formats.cda.narrative import (
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
    walk,
)
from carnet.formats.cda.page import Page, ShownPart
from carnet.formats.cda.plain_text import plain

_TAGS_OF_STYLES: Final = {"bold": "strong", "italics": "em", "emphasis": "em", "deleted": "s"}
_BLOCKS: Final = (Paragraph, Listing, Table, Media, Footnote)


def narrative_html(nodes: Iterable[Node], page: Page) -> Markup:
    """Return the narrative of one section."""
    out: list[str] = []
    _nodes(nodes, page, out)
    return _joined(out)


def part_html(shown: ShownPart, page: Page) -> Markup:
    """Return one embedded file, on its own."""
    out: list[str] = []
    _part(shown, (), page, out)
    return _joined(out)


def _joined(out: list[str]) -> Markup:
    return Markup("".join(out))  # noqa: S704 - every piece was escaped when it was written


def _nodes(nodes: Iterable[Node], page: Page, out: list[str]) -> None:
    for node in nodes:
        if isinstance(node, str):
            out.append(escape(node))
        else:
            _WRITERS[type(node)](node, page, out)


def _attributes(page: Page, anchor: str | None, *classes: str) -> str:
    identifier = page.claim(anchor) if anchor else None
    classed = f' class="{escape(" ".join(classes))}"' if classes else ""
    return f'{classed} id="{escape(identifier)}"' if identifier else classed


def _styled(styles: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"s-{style}" for style in styles) if styles else ()


def _has_blocks(nodes: tuple[Node, ...]) -> bool:
    """Return whether some nodes hold what HTML does not allow inside `p` or `span`."""
    return any(isinstance(inner, _BLOCKS) for inner in walk(nodes))


def _inline(node: Inline, page: Page, out: list[str]) -> None:
    if node.kind != "content":
        tags: list[str] = [node.kind]
        attributes = ""
    else:
        tags = list(dict.fromkeys(_TAGS_OF_STYLES[style] for style in node.styles if style in _TAGS_OF_STYLES))
        rest = tuple(style for style in node.styles if style not in _TAGS_OF_STYLES)
        attributes = _attributes(page, node.anchor, *_styled(rest))
    if attributes:
        out.append(f"<span{attributes}>")
    out.extend(f"<{tag}>" for tag in tags)
    _nodes(node.children, page, out)
    out.extend(f"</{tag}>" for tag in reversed(tags))
    if attributes:
        out.append("</span>")


def _paragraph(node: Paragraph, page: Page, out: list[str]) -> None:
    tag = "div" if _has_blocks(node.children) else "p"
    out.append(f"<{tag}{_attributes(page, node.anchor, 'para', *_styled(node.styles))}>")
    _caption(node.caption, "para-caption", page, out)
    _nodes(node.children, page, out)
    out.append(f"</{tag}>")


def _caption(caption: tuple[Node, ...], name: str, page: Page, out: list[str]) -> None:
    if caption:
        out.append(f'<strong class="{name}">')
        _nodes(caption, page, out)
        out.append("</strong> ")


def _listing(node: Listing, page: Page, out: list[str]) -> None:
    if node.caption:
        out.append('<p class="list-caption">')
        _nodes(node.caption, page, out)
        out.append("</p>")
    if not node.items:
        return
    tag = "ol" if node.ordered else "ul"
    out.append(f"<{tag}{_attributes(page, node.anchor, 'list', *_styled(node.styles))}>")
    for item in node.items:
        _item(item, page, out)
    out.append(f"</{tag}>")


def _item(item: Item, page: Page, out: list[str]) -> None:
    out.append(f"<li{_attributes(page, item.anchor, *_styled(item.styles))}>")
    _caption(item.caption, "item-caption", page, out)
    _nodes(item.children, page, out)
    out.append("</li>")


def _link(node: Link, page: Page, out: list[str]) -> None:
    inside = node.href is not None and node.href.startswith("#")
    target = page.target(node.href[1:]) if node.href and inside else None
    if target:
        out.append(f'<a href="#{escape(target)}">')
    elif node.href and not inside:
        out.append(f'<a href="{escape(node.href)}" target="_blank" class="outside">')
        if not node.children:
            out.append(escape(node.href))
    else:
        out.append('<span class="dead-link">' if not inside else "<span>")
    _nodes(node.children, page, out)
    out.append("</a>" if target or (node.href and not inside) else "</span>")


def _media(node: Media, page: Page, out: list[str]) -> None:
    for target in node.targets:
        _part(page.media(target), node.caption, page, out)


def _footnote(node: Footnote, page: Page, out: list[str]) -> None:
    tag = "div" if _has_blocks(node.children) else "span"
    out.append(f"<{tag}{_attributes(page, node.anchor, 'note')}>[")
    _nodes(node.children, page, out)
    out.append(f"]</{tag}>")


def _note_reference(node: NoteReference, page: Page, out: list[str]) -> None:
    target = page.target(node.target)
    if target:
        out.append(f'<sup><a href="#{escape(target)}" class="note-ref">{escape(page.label("note"))}</a></sup>')


def _table(node: Table, page: Page, out: list[str]) -> None:
    if not (node.head or node.bodies or node.foot):
        return
    label = escape(page.table_label())
    out.append(f'<div class="table-scroll" role="group" tabindex="0" aria-label="{label}">')
    out.append(f"<table{_attributes(page, node.anchor)}>")
    if node.caption:
        out.append("<caption>")
        _nodes(node.caption, page, out)
        out.append("</caption>")
    elif page.heading:
        out.append(f'<caption class="sr-only">{escape(page.heading)}</caption>')
    _rows("thead", node.head, page, out)
    for body in node.bodies:
        _rows("tbody", body, page, out)
    _rows("tfoot", node.foot, page, out)
    out.append("</table></div>")


def _rows(group: str, rows: tuple[Row, ...], page: Page, out: list[str]) -> None:
    if not rows:
        return
    out.append(f"<{group}>")
    for row in rows:
        out.append(f"<tr{_attributes(page, row.anchor, *_styled(row.styles))}>")
        for cell in row.cells:
            _cell(cell, page, out)
        out.append("</tr>")
    out.append(f"</{group}>")


def _cell(cell: Cell, page: Page, out: list[str]) -> None:
    # A header without words announces nothing: it is a plain cell to whoever listens to the table.
    tag = "th" if cell.header and plain(cell.children) else "td"
    scope = f' scope="{escape(cell.scope)}"' if tag == "th" and cell.scope else ""
    colspan = f' colspan="{cell.colspan:d}"' if cell.colspan > 1 else ""
    rowspan = f' rowspan="{cell.rowspan:d}"' if cell.rowspan > 1 else ""
    classes = (f"to-{cell.align}", *_styled(cell.styles)) if cell.align else _styled(cell.styles)
    out.append(f"<{tag}{scope}{colspan}{rowspan}{_attributes(page, cell.anchor, *classes)}>")
    _nodes(cell.children, page, out)
    out.append(f"</{tag}>")


def _part(shown: ShownPart, caption: tuple[Node, ...], page: Page, out: list[str]) -> None:
    match shown.kind:
        case "image":
            alternative = escape(plain(caption) or page.label("image"))
            out.append(f'<figure class="media"><img src="{escape(shown.src)}" alt="{alternative}">')
            if caption:
                out.append("<figcaption>")
                _nodes(caption, page, out)
                out.append("</figcaption>")
            out.append("</figure>")
        case "text":
            label = escape(page.label("file"))
            out.append(f'<div class="table-scroll" role="group" tabindex="0" aria-label="{label}">')
            out.append(f"<pre>{escape(shown.text)}</pre></div>")
        case "pdf" | "file":
            _offered(shown, caption, page, out)
        case _:
            language, sentence = escape(page.language), escape(page.label(shown.kind))
            out.append(f'<p class="part part-broken" lang="{language}">{sentence}</p>')


def _offered(shown: ShownPart, caption: tuple[Node, ...], page: Page, out: list[str]) -> None:
    out.append(f'<div class="part" lang="{escape(page.language)}">')
    out.append(f'<span class="part-what">{escape(page.label(shown.kind))}</span>')
    if caption:
        out.append(f' <span class="part-caption" lang="{escape(page.content_language)}">')
        _nodes(caption, page, out)
        out.append("</span>")
    if shown.href:
        opening = escape(page.label(f"open-{shown.kind}"))
        out.append(f' <a href="{escape(shown.href)}" target="_blank">{opening}</a>')
    out.append("</div>")


_WRITERS: Final[dict[type, Callable[..., None]]] = {
    Inline: _inline,
    Break: lambda _node, _page, out: out.append("<br>"),
    Paragraph: _paragraph,
    Listing: _listing,
    Link: _link,
    Media: _media,
    Footnote: _footnote,
    NoteReference: _note_reference,
    Table: _table,
}
