"""What a page for a sandboxed frame may hold, checked by parsing it as a browser would see it."""

import re

from lxml import etree, html

_FORBIDDEN = frozenset(
    "applet area audio base button canvas dialog embed form frame frameset iframe input map marquee math noscript"  # noqa: SIM905 - a list of words reads as words
    " object picture portal script select slot source style svg template textarea track video xml".split()
)
_LINKS = re.compile(r"(?:https?://|mailto:|#|/part/)", re.IGNORECASE)
_IMAGES = re.compile(r"data:image/(?:png|jpeg);base64,[A-Za-z0-9+/=]+")


def dangers(page: str) -> list[str]:
    """Return what is dangerous in `page`, [] for a harmless one."""
    found = []
    root = html.document_fromstring(page.encode(), parser=html.HTMLParser(encoding="utf-8"))
    for element in root.iter(etree.Element):
        tag = str(element.tag).lower()
        if tag.rpartition(":")[2] in _FORBIDDEN:
            found.append(f"<{tag}>")
        if tag == "link" and (element.get("rel"), element.get("href")) != ("stylesheet", "/cda.css"):
            found.append("<link>")
        if tag == "meta" and "http-equiv" in element.attrib:
            found.append("<meta http-equiv>")
        found.extend(
            f"{tag}@{name}={value[:60]}" for name, value in element.attrib.items() if _dangerous(tag, name, value)
        )
    return found


def _dangerous(tag: str, name: str, value: str) -> bool:
    name = name.lower()
    if name.startswith("on") or name in {"style", "srcset", "srcdoc", "action", "formaction", "ping", "background"}:
        return True
    if name == "href" and tag != "link":
        return not _LINKS.match(value)
    if name in {"src", "data", "poster", "xlink:href"}:
        return not _IMAGES.fullmatch(value)
    return False
