"""Mutations of a valid document: it is read, or refused with a reason; nothing else ever comes out."""

import contextlib
import copy
import random

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from carnet.formats import cda
from carnet.formats.kinds import identify
from carnet.formats.sniffing import check_content
from carnet.kernel.errors import Invalid
from factories.cda import make_cda, make_cda_n1
from factories.images import make_jpeg, make_png, make_tiff
from factories.pdf import make_pdf
from factories.tripwire import dangers

SEEDS = [make_cda(), make_cda(replaces=("1.2.3", "x"), self_presenting=True), make_cda_n1()]
FILES = [*SEEDS, make_pdf(), make_jpeg(), make_png(), make_tiff(2), rb"{\rtf1\ansi abc\par}", "é".encode("utf-16")]
WORDS = [
    b"<", b">", b"&", b"/>", b"</", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<!DOCTYPE x>", b"&x;", b"&#0;",
    b'"', b"'", b"=", b"\x00", b"\xff", b"\xc3", b"<section>", b"</section>", b"<text>", b"<table>", b"<tr>", b"<td>",
    b'<td colspan="99999999999">', b"<id/>", b'<id root="1.2"/>', b'nullFlavor="UNK"', b"<br/>", b"+99999", b"9" * 40,
    b"<xsl:template xmlns:xsl='http://www.w3.org/1999/XSL/Transform'/>", b'xmlns=""', b'xsi:type="ED"', b" ",
    b"<structuredBody>", b"</structuredBody>", b"<!-- <structuredBody> -->", b"<observationMedia/>", b"<hl7:x/>",
]  # fmt: skip

TEXTS = [
    "",
    " ",
    "1",
    "-1",
    "9" * 30,
    "20240230",
    "20240502103000+9999",
    "1.2",
    "x^y",
    "#r1",
    "r1",
    "\u202e",
    "B64",
    "²",
    "a b",
]
ATTRIBUTES = [
    "root",
    "extension",
    "code",
    "value",
    "ID",
    "colspan",
    "rowspan",
    "styleCode",
    "listType",
    "href",
    "referencedObject",
    "IDREF",
    "align",
]


def _mutated(data: bytes, chance: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        position = chance.randrange(len(out) + 1)
        match chance.randrange(5):
            case 0:
                out[position:position] = chance.choice(WORDS)
            case 1:
                del out[position : position + chance.choice([1, 1, 4, 40, 400])]
            case 2 if position < len(out):
                out[position] = chance.randrange(256)
            case 3:
                length = chance.choice([1, 10, 100, 1000])
                out[position:position] = out[chance.randrange(len(out) + 1) :][:length]
            case _:
                out[position : position + 8] = chance.choice(WORDS)
    return bytes(out)


def _read(data: bytes, *, sections: bool = True) -> cda.ClinicalDocument | None:
    try:
        return cda.read(data, sections=sections)
    except Invalid as refusal:
        problems = refusal.problems
    assert problems
    assert all(problem.fr and problem.en for problem in problems)
    return None


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.sampled_from(SEEDS), chance=st.randoms(use_true_random=False))
def test_mutated_documents_are_read_or_refused(seed: bytes, chance: random.Random) -> None:
    data = _mutated(seed, chance)
    document = _read(data)
    if document is None:
        return
    page = cda.render_html(document, language="en", stylesheet_href="/cda.css", part_href=lambda n: f"/part/{n}")
    assert dangers(page) == []
    cda.summary_text(document)
    assert document.unique_id
    _ = document.ins, document.patient_traits, document.replaces


ANOTHER = "<recordTarget><patientRole><id root='1.2.3' extension='another'/></patientRole></recordTarget>"
STRANGE_HEADERS = {
    "an end with a space": lambda xml: xml.replace("<recordTarget", "<text>\u00e9</text ><recordTarget", 1),
    "an element called text in a name": lambda xml: xml.replace("L\u00c9GER", "<text>\u0416</text>DUPONT"),
}
"""Headers in which an element is called like the narrative of a section."""


def _strange(name: str) -> bytes:
    plain = make_cda(birth_name="L\u00c9GER").decode()
    strange = STRANGE_HEADERS[name](plain)
    assert strange != plain
    return strange.encode()


def _metadata(data: bytes, *, sections: bool) -> cda.ClinicalDocument | None:
    document = _read(data, sections=sections)
    return None if document is None else msgspec.structs.replace(document, sections=())


@pytest.mark.parametrize("strange", STRANGE_HEADERS)
def test_a_strange_header_is_the_same_without_sections(strange: str) -> None:
    """What a deposit checks (without the sections) is what a reader is shown (with them), letter by letter."""
    quick = _metadata(_strange(strange), sections=False)
    assert quick is not None
    assert quick == _metadata(_strange(strange), sections=True)


BODY = "<structuredBody>{}</structuredBody>"
STRANGE_BODIES = {
    "in the holder's name": lambda xml: xml.replace("L\u00c9GER", "L" + BODY.format("\u00c9") + "GER"),
    "in the file": lambda xml: xml.replace('representation="B64">', 'representation="B64">' + BODY.format("QUJD"), 1),
    "around another person": lambda xml: xml.replace("<custodian>", f"{BODY.format(ANOTHER)}<custodian>"),
    "closed at once, around another person": lambda xml: xml.replace(
        "<author>", f"<x><structuredBody/></x>{ANOTHER}<x></x> structuredBody<author>", 1
    ),
    "around another document": lambda xml: xml.replace(
        "<title>", f"<a>{BODY.format('<ClinicalDocument/>')}</a><title>"
    ),
}
"""Documents of one file in which a body stands where none does."""


@pytest.mark.parametrize("self_presenting", [False, True])
@pytest.mark.parametrize("strange", STRANGE_BODIES)
def test_a_body_in_a_strange_place_is_read_as_it_is(strange: str, self_presenting: bool) -> None:
    plain = make_cda_n1(birth_name="L\u00c9GER", self_presenting=self_presenting).decode()
    data = STRANGE_BODIES[strange](plain)
    assert data != plain
    assert _refused_or_read(data.encode(), sections=False) == _refused_or_read(data.encode(), sections=True)


def _refused_or_read(data: bytes, *, sections: bool) -> object:
    try:
        return cda.read(data, sections=sections)
    except Invalid as refusal:
        return refusal.problems


def test_a_letter_in_a_strange_place_is_compared_with_the_holders_name() -> None:
    document = cda.read(_strange("an element called text in a name"), sections=False)
    assert document.patient_traits.birth_name == "\u0416DUPONT"


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.sampled_from(SEEDS), chance=st.randoms(use_true_random=False))
def test_metadata_are_the_same_with_and_without_sections(seed: bytes, chance: random.Random) -> None:
    data = _mutated(seed, chance) if chance.random() < 0.9 else seed
    assert _metadata(data, sections=False) == _metadata(data, sections=True)


def _rearranged(data: bytes, chance: random.Random) -> bytes:
    """Mutate the tree: always well-formed, so that what lies behind the parser is reached."""
    root = etree.fromstring(data)
    for _ in range(chance.randint(1, 8)):
        elements = list(root.iter(etree.Element))
        one, other = chance.choice(elements), chance.choice(elements)
        match chance.randrange(6):
            case 0 if one is not root:
                one.getparent().remove(one)
            case 1:
                one.text = chance.choice(TEXTS)
            case 2:
                one.set(chance.choice(ATTRIBUTES), chance.choice(TEXTS))
            case 3:
                one.append(copy.deepcopy(other)) if len(elements) < 2000 else None
            case 4:
                one.tag = other.tag
            case _ if one.attrib:
                one.attrib.pop(chance.choice(list(one.attrib)))
    return etree.tostring(root, encoding="utf-8")


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.sampled_from(SEEDS), chance=st.randoms(use_true_random=False))
def test_rearranged_documents_are_read_or_refused(seed: bytes, chance: random.Random) -> None:
    document = _read(_rearranged(seed, chance))
    if document is not None:
        page = cda.render_html(document, language="fr", stylesheet_href="/cda.css", part_href=lambda n: f"/part/{n}")
        assert dangers(page) == []
        cda.summary_text(document)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.sampled_from(FILES), chance=st.randoms(use_true_random=False))
def test_mutated_files_are_accepted_or_refused(seed: bytes, chance: random.Random) -> None:
    with contextlib.suppress(Invalid):
        assert check_content(data=_mutated(seed, chance), declared_type=None).size


@settings(max_examples=300, deadline=None)
@given(data=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_anything_can_be_identified(data: bytes) -> None:
    identify(data)
    _read(data)


def test_the_fuzzer_reaches_both_ends() -> None:
    """Planted fault: a fuzzer whose every document is refused, or read, would prove nothing."""
    chance = random.Random(7)
    outcomes = set()
    for _ in range(60):
        try:
            cda.read(_mutated(SEEDS[0], chance))
            outcomes.add("read")
        except Invalid as refusal:
            outcomes.add(refusal.problems[0].code)
    assert len(outcomes) > 3
    assert "read" in outcomes


def test_an_exception_that_is_not_a_refusal_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted fault: a reader that trips over a missing attribute makes the fuzz test red."""
    monkeypatch.setattr("carnet.formats.cda.reading.number", int)
    with pytest.raises(TypeError):
        cda.read(make_cda(version=None))
