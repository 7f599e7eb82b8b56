"""The one place where XML is parsed.

A health document never needs a DOCTYPE, an entity, a schema, an inclusion or the network, so none exists here: the
bytes are decoded by us (no encoding tricks reach libxml2), whatever stands before the root element is read by us
(a DOCTYPE is refused before any entity could be declared), sizes are counted before a tree is built, and comments and
processing instructions are dropped while parsing, so that `Du<!-- -->pont` is one text.
Deliberately ignored: validation against schemas, and XML 1.1.
"""

import codecs
import functools
import re
from collections.abc import Callable
from typing import Final

import msgspec
from lxml import etree

from carnet.kernel.errors import Invalid, Problem, TooLarge


class XmlLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What an XML document may cost. size in bytes; depth in elements; tag in characters of one start tag."""

    size: int = 10 * 1024 * 1024
    depth: int = 200
    markup: int = 200_000
    equals: int = 200_000
    tag: int = 16_384


DEFAULT_LIMITS: Final = XmlLimits()

_ENCODINGS: Final = frozenset({"utf-8", "ascii", "iso8859-1", "iso8859-15", "cp1252"})
_DECLARATION: Final = re.compile(rb"\A<\?xml\s[^>]{0,200}?\bencoding\s*=\s*[\"']([^\"'>]{1,40})[\"']")
_PROLOG: Final = re.compile(r"(?:\s++|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)
_WHOLE_TAG: Final = re.compile(r"""[^"'>]*+(?:"[^"]*+"[^"'>]*+|'[^']*+'[^"'>]*+)*+>""")
_OPEN_AND_CLOSE: Final = 2
_LONGEST_TEXT: Final = 10_000_000
"""Characters of one text beyond which libxml2 builds no tree: as many bytes may hold such a text."""
_PARSER_DEPTH: Final = 257
"""How deep libxml2 reads without being asked for huge trees; a test notices when that changes."""
_ROOT_NAME: Final = re.compile(r"<([^\s/><&!?]{1,200})")


class _Nothing:
    """Takes nothing of what a parser reads."""

    def close(self) -> None:
        """Nothing was kept."""


class _Source(msgspec.Struct, frozen=True):
    """The characters of a document, where its root element starts, and all from there in UTF-8."""

    text: str
    start: int
    utf8: bytes


def parse(data: bytes, *, limits: XmlLimits = DEFAULT_LIMITS) -> etree._Element:
    """Return the root element of `data`.

    Raises TooLarge when a limit is passed; Invalid (codes `xml-empty`, `xml-encoding`, `xml-doctype`,
    `xml-truncated`, `xml-malformed`) otherwise. Guards against the attacks listed by OWASP for XML processors.
    """
    return _tree(_source(data, limits), limits)


def parse_hollow(
    data: bytes, *, hollow: tuple[str, ...], unless: Callable[[bytes], bool], limits: XmlLimits = DEFAULT_LIMITS
) -> etree._Element:
    """Return the root element of `data`; what the element at the end of `hollow` holds may be left out of the tree.

    Left out, it was looked at by the same parser all the same: whatever `parse` refuses is refused. hollow: names from
    the root down to it; anywhere else nothing is left out, because it would be missing in the text of what is around
    it. unless: called with the source in UTF-8, says that the tree must be whole. Raises as `parse`.

    Why nothing else can get lost: the name stands twice in the source. The source cut from the end of the tag with the
    first to the tag with the second parses, and the second tag then closes the element the first one opens (in a
    comment, a text or an attribute neither would be a tag, and there would be no such element; one that closes itself
    is not taken). The whole source is well-formed too, begins the same, and has no third place that could close that
    element: what was cut is its inside.
    """
    source = _source(data, limits)
    root = None if unless(source.utf8) else _hollow(source.utf8, hollow, limits)
    return _tree(source, limits) if root is None else root


def _hollow(whole: bytes, path: tuple[str, ...], limits: XmlLimits) -> etree._Element | None:
    """Return the tree without the inside of what `path` leads to; None whenever there is the least doubt."""
    name = etree.QName(path[-1]).localname.encode()
    if len(whole) >= _LONGEST_TEXT or whole.count(name) != _OPEN_AND_CLOSE:
        return None
    begin = whole.find(b">", whole.find(name)) + 1
    end = whole.rfind(b"<", 0, whole.rfind(name))
    if not 0 < begin <= end or not whole.startswith(b"</", end) or whole.startswith(b"/>", begin - 2):
        return None
    if not _is_well_formed(whole, limits.depth):
        return None
    try:
        root = etree.fromstring(whole[:begin] + whole[end:], _parser())
    except etree.XMLSyntaxError:
        return None
    return root if _is_empty_at(root, path) else None


def _is_empty_at(root: etree._Element, path: tuple[str, ...]) -> bool:
    """Tell whether the only element of that name, in any namespace, is where `path` leads and holds nothing."""
    found = list(root.iter(f"{{*}}{etree.QName(path[-1]).localname}"))
    if len(found) != 1 or len(found[0]) or found[0].text:
        return False
    return (*(one.tag for one in found[0].iterancestors()),) == path[-2::-1] and found[0].tag == path[-1]


def _is_well_formed(whole: bytes, depth: int) -> bool:
    """Read without building anything, as deep inside other elements as makes `depth` the parser's own limit."""
    around = _PARSER_DEPTH - depth
    if around < 0:
        return False
    parser = _parser(target=_Nothing())
    try:
        etree.fromstring(b"".join((b"<a>" * around, whole, b"</a>" * around)), parser)
    except etree.XMLSyntaxError:
        return False
    return not len(parser.error_log)  # a prefix without a namespace is only noted there


def _source(data: bytes, limits: XmlLimits) -> _Source:
    if len(data) > limits.size:
        raise TooLarge(_too_large("size"))
    body, encoding, text = _decoded(data)
    start = _prolog_end(text)
    _count(text, start, limits)
    if encoding == "utf-8":
        return _Source(text, start, body[len(text[:start].encode()) :])
    return _Source(text, start, text[start:].encode())


def _tree(source: _Source, limits: XmlLimits) -> etree._Element:
    try:
        root = etree.fromstring(source.utf8, _parser())
    except etree.XMLSyntaxError as error:
        raise _explained(error, source.text, source.start) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise Invalid(_DOCTYPE)
    if _deeper_than(limits.depth)(root):
        raise TooLarge(_too_large("depth"))
    return root


def _parser(target: _Nothing | None = None) -> etree.XMLParser:
    return etree.XMLParser(
        target=target,  # type: ignore[arg-type]  # the stubs want every method; lxml calls those that are there
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        no_network=True,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
        strip_cdata=True,
        collect_ids=False,
    )


@functools.lru_cache(maxsize=8)
def _deeper_than(depth: int) -> etree.XPath:
    return etree.XPath(f"boolean({'/*' * (depth + 1)})")


def decode(data: bytes) -> str:
    """Return the characters of an XML document; Invalid when the encoding is unknown, contradictory or broken.

    UTF-16 needs its byte-order mark (XML 1.0 §4.3.3); UTF-7, UTF-32 and EBCDIC are refused.
    """
    return _decoded(data)[2]


def _decoded(data: bytes) -> tuple[bytes, str, str]:
    """Return the bytes without their mark, the name of their encoding and their characters."""
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise Invalid(_ENCODING)
    utf8_mark = data.startswith(codecs.BOM_UTF8)
    body = data.removeprefix(codecs.BOM_UTF8)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    else:
        encoding = _declared_encoding(body) or "utf-8"
    if utf8_mark and encoding not in {"utf-8", "ascii"}:
        raise Invalid(_ENCODING)
    encoding = "utf-8" if utf8_mark else encoding
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError:
        raise Invalid(_ENCODING) from None
    if "\0" in text:
        raise Invalid(_ENCODING)
    if not text or text.isspace():
        raise Invalid(Problem("xml-empty", "Le document XML est vide.", "The XML document is empty."))
    return body, encoding, text


def after_prolog(text: str) -> int:
    """Return the offset of the first thing that is not white space, a comment or a processing instruction."""
    found = _PROLOG.match(text)
    return found.end() if found else 0


def root_name(text: str) -> str | None:
    """Return the qualified name of the root element as written, without parsing; None when there is none."""
    found = _ROOT_NAME.match(text, after_prolog(text))
    return found.group(1) if found else None


def _declared_encoding(body: bytes) -> str | None:
    found = _DECLARATION.match(body)
    if not found:
        return None
    try:
        name = codecs.lookup(found.group(1).decode("ascii")).name
    except (LookupError, UnicodeDecodeError, ValueError):
        raise Invalid(_ENCODING) from None
    if name not in _ENCODINGS:
        raise Invalid(_ENCODING)
    return name


def _prolog_end(text: str) -> int:
    """Return where the root element starts. Only a prolog may hold a DOCTYPE: elsewhere it is not well-formed."""
    end = after_prolog(text)
    if text.startswith(("<!--", "<?"), end):
        raise Invalid(_TRUNCATED)
    if text.startswith("<!", end):
        raise Invalid(_DOCTYPE)
    if text[end : end + 1] != "<":
        raise Invalid(_TRUNCATED if end == len(text) else _MALFORMED)
    return end


def _count(text: str, start: int, limits: XmlLimits) -> None:
    """Bound what the tree will weigh. `<` and `=` bound elements and attributes from above at the speed of C."""
    if len(text) > limits.markup and text.count("<", start) > limits.markup:
        raise TooLarge(_too_large("elements"))
    if len(text) > limits.equals and text.count("=", start) > limits.equals:
        raise TooLarge(_too_large("attributes"))
    # A "<" never stands raw inside a tag, so a long tag is a long stretch without one, and covers a whole block of half
    # its length: most documents have no such block and are not searched.
    block = limits.tag // 2
    if all(text.find("<", begin, begin + block) >= 0 for begin in range(0, len(text) - block, block)):
        return
    for stretch in re.finditer(f"<[^<!?/][^<]{{{limits.tag},}}+", text):
        tag = _WHOLE_TAG.match(text, stretch.start() + 1, stretch.end())
        if tag and tag.end() - stretch.start() > limits.tag:
            raise TooLarge(_too_large("attributes"))


def _explained(error: etree.XMLSyntaxError, text: str, start: int) -> Invalid:
    code = getattr(error, "code", None)
    if code == etree.ErrorTypes.ERR_RESOURCE_LIMIT:
        return TooLarge(_too_large("depth"))
    stops_short = not text.rstrip().endswith(">") and code != etree.ErrorTypes.ERR_DOCUMENT_END
    if stops_short or code == etree.ErrorTypes.ERR_TAG_NOT_FINISHED:
        return Invalid(_TRUNCATED)
    line = (error.lineno or 0) + text.count("\n", 0, start)
    return Invalid(
        Problem(
            "xml-malformed",
            f"Le document XML est mal formé (ligne {line}).",
            f"The XML document is not well-formed (line {line}).",
        )
    )


_DOCTYPE: Final = Problem(
    "xml-doctype",
    "Le document XML contient une déclaration DOCTYPE, ce qui n'est jamais permis.",
    "The XML document contains a DOCTYPE declaration, which is never allowed.",
)
_ENCODING: Final = Problem(
    "xml-encoding",
    "L'encodage du document XML est inconnu, interdit ou ne correspond pas à son contenu.",
    "The encoding of the XML document is unknown, forbidden or does not match its content.",
)
_MALFORMED: Final = Problem("xml-malformed", "Le document n'est pas du XML bien formé.", "This is not well-formed XML.")
_TRUNCATED: Final = Problem(
    "xml-truncated",
    "Le document XML est incomplet : sa fin manque.",
    "The XML document is incomplete: its end is lost.",
)
_WHAT: Final = {
    "size": ("est trop volumineux", "is too large"),
    "depth": ("est trop profond ou contient un texte trop long", "is nested too deeply or holds too long a text"),
    "elements": ("contient trop d'éléments", "has too many elements"),
    "attributes": ("contient trop d'attributs", "has too many attributes"),
}


def _too_large(what: str) -> Problem:
    fr, en = _WHAT[what]
    return Problem(f"xml-too-large-{what}", f"Le document XML {fr}.", f"The XML document {en}.")
