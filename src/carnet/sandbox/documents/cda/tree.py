"""Small constructors of HL7 elements: everything is escaped by lxml, nothing is pasted together as text."""

from datetime import date, datetime

from lxml import etree

from carnet.sandbox.documents.content import Block, Bullets, Grid, Paragraph, Section

HL7 = "urn:hl7-org:v3"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
LOINC = "2.16.840.1.113883.6.1"
Element = etree._Element  # noqa: SLF001  # lxml's only name for the type


def node(tag: str, *children: "Element | str | None", **attributes: str) -> Element:
    """An HL7 element. `xsi_type` becomes xsi:type; None children are left out."""
    made = etree.Element(f"{{{HL7}}}{tag}")
    for name, value in attributes.items():
        made.set(f"{{{XSI}}}type" if name == "xsi_type" else name, value)
    for child in children:
        if isinstance(child, str):
            if len(made):
                made[-1].tail = (made[-1].tail or "") + child
            else:
                made.text = (made.text or "") + child
        elif child is not None:
            made.append(child)
    return made


def templates(*roots: str) -> list[Element]:
    """TemplateId elements; `root|extension` for a dated one."""
    made = []
    for root in roots:
        oid, _, extension = root.partition("|")
        made.append(node("templateId", root=oid, extension=extension) if extension else node("templateId", root=oid))
    return made


def loinc(tag: str, code: str, display: str, *children: Element) -> Element:
    """A coded element in LOINC."""
    return node(tag, *children, code=code, displayName=display, codeSystem=LOINC, codeSystemName="LOINC")


def moment(when: datetime) -> str:
    """HL7 TS to the second, with its offset."""
    return when.strftime("%Y%m%d%H%M%S%z")


def day(when: date) -> str:
    """HL7 TS to the day."""
    return when.strftime("%Y%m%d")


def section(content: Section, *entries: Element) -> Element:
    """A component holding a section, its narrative, its entries and its sub-sections."""
    children = [
        *templates(*content.templates),
        loinc("code", content.code, content.display or content.title) if content.code else None,
        node("title", content.title),
        node("text", *[narrative(block) for block in content.blocks]) if content.blocks else None,
        *entries,
        *[section(inner) for inner in content.sections],
    ]
    return node("component", node("section", *children))


def narrative(block: Block) -> Element:
    """A block of text as CDA narrative (CDA R2 §4.3.5)."""
    match block:
        case Paragraph(text=text, strong=strong):
            return node("paragraph", node("content", text, styleCode="Bold") if strong else text)
        case Bullets(items=items):
            return node("list", *[node("item", item) for item in items], listType="unordered")
        case Grid():
            return table(block.headers, [[cell(text) for text in row] for row in block.rows], block.caption)


def cell(text: str, *, target: str = "", bold: bool = False) -> Element:
    """A table cell; `target` gives its content an ID that entries can point at."""
    if not target and not bold:
        return node("td", text)
    marks = ({"ID": target} if target else {}) | ({"styleCode": "Bold"} if bold else {})
    return node("td", node("content", text, **marks))


def table(headers: tuple[str, ...], rows: list[list[Element]], caption: str = "") -> Element:
    """A narrative table."""
    return node(
        "table",
        node("caption", caption) if caption else None,
        node("thead", node("tr", *[node("th", text) for text in headers])),
        node("tbody", *[node("tr", *row) for row in rows]),
        border="0",
    )
