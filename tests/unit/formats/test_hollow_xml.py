"""A tree without the inside of its body: what is left out was looked at, and nothing outside it is ever lost."""

import pytest
from lxml import etree

from carnet.formats import cda, safe_xml
from carnet.formats.safe_xml import XmlLimits, parse, parse_hollow
from carnet.kernel.errors import Invalid
from factories.cda import make_cda

SECRET = "<recordTarget><patientRole><id root='1.2.3' extension='other'/></patientRole></recordTarget>"
PLACE = ("{urn:x}d", "{urn:x}component", "{urn:x}structuredBody")
OPEN, CLOSE = "<structuredBody>", "</structuredBody>"


def _document(body: str, *, after: str = "") -> bytes:
    return f"<d xmlns='urn:x'><title>t</title><component>{body}</component>{after}</d>".encode()


def _hollow(data: bytes, **limits: int) -> etree._Element:
    return parse_hollow(data, hollow=PLACE, unless=lambda _: False, limits=XmlLimits(**limits))


def _outside(root: etree._Element) -> bytes:
    """Return the tree as written, without what its only structuredBody holds."""
    found = list(root.iter("{*}structuredBody"))
    if len(found) == 1:
        for child in list(found[0]):
            found[0].remove(child)
        found[0].text = None
    return etree.tostring(root, method="c14n2")


WELL_FORMED = {
    "plain": _document(f"{OPEN}<text>a<br/>é</text>{CLOSE}"),
    "empty": _document(f"{OPEN}{CLOSE}"),
    "closed at once": _document("<structuredBody/>"),
    "closed at once, and named in a comment": _document("<structuredBody/>", after=f"{SECRET}<!-- {CLOSE} -->"),
    "closed at once, and named in a text": _document(
        "<structuredBody/>", after=f"{SECRET}<component></component> structuredBody"
    ),
    "only in comments": _document("x", after=f"<!-- {OPEN} -->{SECRET}<!-- {CLOSE} -->"),
    "only in texts": _document("x", after=f"<![CDATA[{OPEN}]]>{SECRET}<![CDATA[{CLOSE}]]>"),
    "only in attributes": _document("x", after=f"<a b='structuredBody'/>{SECRET}<a b='structuredBody'/>"),
    "a bracket in an attribute": _document(f"<structuredBody a='>'>{SECRET}{CLOSE}"),
    "two of them": _document(f"{OPEN}a{CLOSE}", after=f"{SECRET}<component>{OPEN}b{CLOSE}</component>"),
    "one in the other": _document(f"{OPEN}{OPEN}a{CLOSE}{SECRET}{CLOSE}"),
    "a longer name": _document(f"<structuredBodyX>{SECRET}</structuredBodyX>"),
    "a longer name and a comment": _document(f"<structuredBodyX a=''/>{SECRET}<!-- {CLOSE} -->"),
    "a prefix": _document(f"<p:structuredBody xmlns:p='urn:y'>{SECRET}</p:structuredBody>"),
    "as a prefix": _document(f"<structuredBody:a xmlns:structuredBody='urn:y'/>{SECRET}"),
    "spaces in the tags": _document(f"<structuredBody \n>a</structuredBody \n>{SECRET}"),
    "a comment across": _document(f"{OPEN}<!-- </component>{SECRET} --><a/>{CLOSE}"),
    "behind it": _document(f"{OPEN}<text>a</text>{CLOSE}", after=SECRET),
    "an instruction": _document(f"<?x {OPEN} ?>{SECRET}<?x {CLOSE} ?>"),
}


ELSEWHERE = {
    "in a name": _document("", after=f"<name>a{OPEN}b{CLOSE}</name>"),
    "in another document": _document("", after=f"<d><component>a{OPEN}{SECRET}{CLOSE}</component></d>"),
    "of another world": _document(f"<p:structuredBody xmlns:p='urn:y'>{SECRET}</p:structuredBody>"),
    "at once": f"<structuredBody xmlns='urn:x'>{SECRET}</structuredBody>".encode(),
}


@pytest.mark.parametrize("place", ELSEWHERE)
def test_in_any_other_place_nothing_is_left_out(place: str) -> None:
    quick, careful = (etree.tostring(read(ELSEWHERE[place]), method="c14n2") for read in (_hollow, parse))
    assert quick == careful


@pytest.mark.parametrize("name", WELL_FORMED)
def test_nothing_outside_is_lost(name: str) -> None:
    assert _outside(_hollow(WELL_FORMED[name])) == _outside(parse(WELL_FORMED[name]))


MALFORMED = {
    "inside": _document(f"{OPEN}<text>a</txet>{CLOSE}"),
    "a prefix nobody declared": _document(f"{OPEN}<p:a/>{CLOSE}"),
    "an entity nobody declared": _document(f"{OPEN}&a;{CLOSE}"),
    "an attribute twice": _document(f"{OPEN}<a b='1' b='2'/>{CLOSE}"),
    "a doctype inside": _document(f"{OPEN}<!DOCTYPE a>{CLOSE}"),
    "closed from inside": _document(f"{OPEN}</component>{SECRET}<component>{CLOSE}"),
    "closed by the elements around": _document(f"{OPEN}</a></a>{SECRET}<a><a>{CLOSE}"),
    "a second root": _document(f"{OPEN}a{CLOSE}") + b"<d/>",
    "text behind the root": _document(f"{OPEN}a{CLOSE}") + b"x",
    "only opened": _document(OPEN, after=f"<!-- {CLOSE} -->"),
    "a control character": _document(f"{OPEN}\x01{CLOSE}"),
    "the end is lost": _document(f"{OPEN}a{CLOSE}")[:-1],
}


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_malformed_is_refused_the_same(name: str) -> None:
    with pytest.raises(Invalid) as careful:
        parse(MALFORMED[name])
    with pytest.raises(Invalid) as quick:
        _hollow(MALFORMED[name])
    assert quick.value.problems == careful.value.problems


@pytest.mark.parametrize("over", [0, 1])
def test_as_deep_as_is_allowed_and_not_deeper(over: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also: the parser's own limit is where we think it is."""
    deep = 20 - 3 + over
    data = _document(f"{OPEN}{'<a>' * deep}{'</a>' * deep}{CLOSE}")
    if over:
        with pytest.raises(Invalid) as refused:
            _hollow(data, depth=20)
        assert [one.code for one in refused.value.problems] == ["xml-too-large-depth"]
    else:
        monkeypatch.setattr(safe_xml, "_tree", None)  # the quick way takes it
        assert len(_hollow(data, depth=20)) == 2


def test_a_document_as_hospitals_send_it_goes_the_quick_way(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = cda.read(make_cda())
    monkeypatch.setattr(safe_xml, "_tree", None)
    quick = cda.read(make_cda(), sections=False)
    assert whole.sections
    assert (quick.patient, quick.authors, quick.events) == (whole.patient, whole.authors, whole.events)


def test_a_body_that_is_not_looked_at_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted fault: without reading what is left out, a broken body is taken."""
    monkeypatch.setattr(safe_xml, "_is_well_formed", lambda *_: True)
    assert _hollow(MALFORMED["inside"]) is not None


def test_a_third_place_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted fault: without counting the names, what stands between two bodies is lost."""
    monkeypatch.setattr(safe_xml, "_OPEN_AND_CLOSE", 4)
    two = WELL_FORMED["two of them"]
    assert _outside(_hollow(two)) != _outside(parse(two))


def test_a_place_that_is_not_looked_at_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted fault: without asking where it stands, a name loses what a body inside it holds."""
    monkeypatch.setattr(safe_xml, "_is_empty_at", lambda *_: True)
    name = _document("", after=f"<name>a{OPEN}b{CLOSE}</name>")
    assert "".join(_hollow(name).itertext()) != "".join(parse(name).itertext())
