"""XML attacks cost nothing, and honest oddities of real senders are read."""

import codecs
import resource
import time

import pytest

from carnet.formats import safe_xml
from carnet.kernel.errors import Invalid, TooLarge


def _laughs() -> bytes:
    entities = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    return f"<!DOCTYPE r [{entities}]><r>&a9;</r>".encode()


HOSTILE = {
    "billion laughs": (_laughs(), "xml-doctype"),
    "quadratic blow-up": (
        b'<!DOCTYPE r [<!ENTITY a "' + b"a" * 100_000 + b'">]><r>' + b"&a;" * 100_000 + b"</r>",
        "xml-doctype",
    ),
    "external entity": (b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>', "xml-doctype"),
    "external subset": (b'<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x.dtd"><r/>', "xml-doctype"),
    "parameter entity": (b'<!DOCTYPE r [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x"> %x;]><r/>', "xml-doctype"),
    "doctype behind comments": (b"<?xml version='1.0'?>\n<!-- <a> -->\n<?a b?><!DOCTYPE r><r/>", "xml-doctype"),
    "doctype in utf-16": ("<!DOCTYPE r><r/>".encode("utf-16"), "xml-doctype"),
    "undeclared entity": (b"<r>&nbsp;</r>", "xml-malformed"),
    "doctype inside": (b"<r><!DOCTYPE r></r>", "xml-malformed"),
    "100k depth": (b"<a>" * 100_000 + b"</a>" * 100_000, "xml-too-large-depth"),
    "depth just past the cap": (b"<a>" * 201 + b"</a>" * 201, "xml-too-large-depth"),
    "200k attributes in one tag": (
        b"<a " + b" ".join(b'a%d=""' % n for n in range(200_000)) + b"/>",
        "xml-too-large-attributes",
    ),
    "200k attributes, quotes full of >": (
        b"<a " + b" ".join(b'a%d=">"' % n for n in range(200_000)) + b"/>",
        "xml-too-large-attributes",
    ),
    "100k namespaces in one tag": (
        b"<a " + b" ".join(b'xmlns:a%d="u"' % n for n in range(100_000)) + b"/>",
        "xml-too-large-attributes",
    ),
    "2M attributes over many tags": (b"<r>" + b'<a b="" c="" d=""/>' * 400_000 + b"</r>", "xml-too-large-elements"),
    "1M elements": (b"<r>" + b"<a/>" * 1_000_000 + b"</r>", "xml-too-large-elements"),
    "one long text": (b"<r>" + b"a" * 10_200_000 + b"</r>", "xml-too-large-depth"),
    "too many bytes": (b"<r>" + b"a" * 11_000_000 + b"</r>", "xml-too-large-size"),
    "endless prolog": (b"<!--" + b"a-" * 2_000_000, "xml-truncated"),
    "many comments, no root": (b"<!---->" * 1_000_000, "xml-truncated"),
    "unclosed quote": (b'<r a="' + b"x" * 5_000_000, "xml-truncated"),
    "only angle brackets": (b"<" * 150_000, "xml-truncated"),
    "utf-7": (b'<?xml version="1.0" encoding="utf-7"?><r>+ADw-</r>', "xml-encoding"),
    "utf-32": ("<r/>".encode("utf-32"), "xml-encoding"),
    "utf-16 without mark": ("<r/>".encode("utf-16-le"), "xml-encoding"),
    "says utf-16, is not": (b'<?xml version="1.0" encoding="utf-16"?><r/>', "xml-encoding"),
    "utf-8 mark, other declaration": (
        codecs.BOM_UTF8 + b'<?xml version="1.0" encoding="iso-8859-1"?><r/>',
        "xml-encoding",
    ),
    "ebcdic": ("<?xml version='1.0' encoding='cp037'?><r/>".encode("cp037"), "xml-encoding"),
    "codec that is no charset": (b'<?xml version="1.0" encoding="zlib"?><r/>', "xml-encoding"),
    "broken utf-8": (b"<r>\xff</r>", "xml-encoding"),
    "overlong slash": (b"<r>\xc0\xaf</r>", "xml-encoding"),
    "nul": (b"<r>\x00</r>", "xml-encoding"),
    "empty": (b"", "xml-empty"),
    "blank": (b" \n ", "xml-empty"),
    "truncated in text": (b"<r><a>bon", "xml-truncated"),
    "truncated in a tag": (b"<r><a b", "xml-truncated"),
    "truncated in an attribute": (b'<r><a b="c', "xml-truncated"),
    "two roots": (b"<a/><b/>", "xml-malformed"),
    "doubled attribute": (b'<a b="1" b="2"/>', "xml-malformed"),
    "undeclared prefix": (b'<a xsi:type="CD"/>', "xml-malformed"),
    "not xml": (b"MSH|^~\\&|", "xml-malformed"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_xml_is_refused_quickly(name: str) -> None:
    data, code = HOSTILE[name]
    started = time.process_time()
    with pytest.raises(Invalid) as caught:
        safe_xml.parse(data)
    assert time.process_time() - started < 1
    assert caught.value.problems[0].code == code


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_xml_costs_little_memory(name: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(Invalid):
        safe_xml.parse(HOSTILE[name][0])
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000


def test_the_heaviest_permitted_tree_stays_small() -> None:
    """As many elements and attributes as the caps allow: still under a second and 200 MB."""
    data = b"<r>" + b'<a b="c"/>' * 199_000 + b"</r>"
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    assert len(safe_xml.parse(data)) == 199_000
    assert time.process_time() - started < 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000


def test_without_the_prolog_check_a_doctype_would_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted fault: the check that refuses a DOCTYPE is what refuses it, and the second wall still stands."""
    monkeypatch.setattr(safe_xml, "_prolog_end", lambda _text: 0)
    with pytest.raises(Invalid, match="xml-doctype"):
        safe_xml.parse(b"<!DOCTYPE r [<!ENTITY x 'y'>]><r/>")


def test_comments_and_instructions_leave_no_seam() -> None:
    root = safe_xml.parse(b"<family>DU<!-- sneaky -->P<?x y?>ONT<![CDATA[ & Co]]></family>")
    assert root.text == "DUPONT & Co"
    assert len(root) == 0


def test_inclusions_are_not_followed() -> None:
    root = safe_xml.parse(
        b'<r xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="/etc/passwd" parse="text"/></r>'
    )
    assert root[0].tag == "{http://www.w3.org/2001/XInclude}include"
    assert root[0].text is None


@pytest.mark.parametrize(
    "data",
    [
        "<r>é€</r>".encode(),
        codecs.BOM_UTF8 + "<?xml version='1.0' encoding='UTF-8'?>\r\n<r>é€</r>\r\n".encode(),
        "<?xml version='1.0' encoding='iso-8859-15'?><r>é€</r>".encode("iso-8859-15"),
        "<?xml version='1.0' encoding='windows-1252'?><r>é€</r>".encode("cp1252"),
        "<?xml version='1.0' encoding='utf-16'?><r>é€</r>".encode("utf-16"),
        "\n<!-- before --><?xml-stylesheet href='../x.xsl'?><r>é€</r>".encode(),
    ],
)
def test_honest_encodings_are_read(data: bytes) -> None:
    assert safe_xml.parse(data).text == "é€"


def test_a_long_text_is_not_a_long_tag() -> None:
    root = safe_xml.parse(b'<r><t a="1">' + b"QUJD" * 500_000 + b"</t></r>")
    assert len(root[0].text or "") == 2_000_000


def test_limits_can_be_lowered() -> None:
    with pytest.raises(TooLarge):
        safe_xml.parse(b"<r><a/></r>", limits=safe_xml.XmlLimits(depth=1))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("<?xml version='1.0'?><!-- <x> --><c:Doc a='b'>", "c:Doc"),
        ("hello", None),
        ("", None),
        ("<!DOCTYPE html>", None),
    ],
)
def test_root_name_needs_no_parsing(text: str, name: str | None) -> None:
    assert safe_xml.root_name(text) == name
