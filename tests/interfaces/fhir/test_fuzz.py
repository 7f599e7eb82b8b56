"""Whatever arrives, the readers refuse with a reason of ours: no other exception, no hang."""

import base64
import binascii
import contextlib
import datetime as dt
import json
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carnet.identity.api import IdentityTraits, Ins, Sex
from carnet.interfaces.fhir import json_input
from carnet.interfaces.fhir.interactions.record_consent import read_consent
from carnet.interfaces.fhir.json_input import parse
from carnet.interfaces.fhir.resources import people
from carnet.interfaces.fhir.resources.bundle import read_transaction
from carnet.interfaces.fhir.resources.document_reference import decode, read_document_reference
from carnet.interfaces.fhir.resources.elements import Node
from carnet.interfaces.fhir.resources.healthcare_service import read_service
from carnet.interfaces.fhir.resources.references import Entries, Resolver
from carnet.interfaces.fhir.search.documents import only_space_of_ids, page_of
from carnet.interfaces.fhir.search.parameters import DOCUMENTS, RESULT
from carnet.interfaces.fhir.search.reading import read, subject_of
from carnet.kernel.errors import CarnetError
from carnet.kernel.ids import SpaceId
from carnet.messaging.api import PracticeRules, check_rules
from factories.fhir import reference, service, transaction
from factories.world import Someone

OIDS = frozenset({"1.2.250.1.213.1.4.10"})
LATEST = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
SOMEONE = Someone(
    ins=Ins("279035121518989", "1.2.250.1.213.1.4.10"),
    traits=IdentityTraits("Durand", ("Anne",), Sex.FEMALE, "1979-03-28"),
    space=SpaceId(UUID(int=1)),
    actor=None,
)
HARD = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
WORDS = st.sampled_from(
    ["#patient", "#", "Patient/x", "urn:uuid:0", "Bundle", "List", "Binary", "current", "", " ", "replaces", "\ud800",
     "2026-02-30", "9999-12-31T23:59:60Z", "0001-01-01", "urn:oid:1.2.250.1.213.1.4.10", "submissionset", "data",
     "é" * 300]
)  # fmt: skip
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | WORDS | st.text(max_size=20)
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(WORDS | st.sampled_from(list(reference(SOMEONE))), inner, max_size=6)
    ),
    max_leaves=20,
)


def places(tree, way=()):
    """Return the way to every value of a tree."""
    found = [way]
    if isinstance(tree, dict):
        for key, value in tree.items():
            found += places(value, (*way, key))
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            found += places(value, (*way, index))
    return found


def spoiled(tree, way, value):
    """Return a copy with one value replaced; the first word of `value` may also be a new key."""
    copy = json.loads(json.dumps(tree))
    if not way:
        return value
    node = copy
    for step in way[:-1]:
        node = node[step]
    node[way[-1]] = value
    return copy


def readable(ask):
    """Run a reader: it may only refuse in our own words."""
    with contextlib.suppress(CarnetError):
        ask()


@HARD
@given(st.binary(max_size=400))
def test_any_bytes(body):
    readable(lambda: parse(body))


PIECES = st.sampled_from(
    [b'"a":1,', b'"data":"QQ==",', b'"data":"\\"",', b'"data":2,', b'"a":2,', b'"a" :3,', b'"\\":":4,', b"[", b"]",
     b"{", b"}", b'"', b"\\", b"\x01", b"\n", b"NaN", b"-Infinity", b"1e999", b"123456789012345678901", b"-0", b"01",
     b"\xff", b"\xed\xa0\x80", b"\\ud800", b"\xef\xbb\xbf", b",", b":", b'":"']
)  # fmt: skip


def outcome(ask, body):
    """Return what a reader makes of a body: the tree as text, so that 1, 1.0 and true differ; or that it refused."""
    try:
        return repr(ask(body))
    except CarnetError:
        return "refused"


def compare_ways(data):
    """Return a body with odd pieces in it, and what the quick way and the careful one make of it."""
    tree = data.draw(st.dictionaries(st.text(max_size=3), TREES, max_size=3))
    body = bytearray(
        json.dumps(tree, separators=(",", ":"), ensure_ascii=data.draw(st.booleans())).encode("utf-8", "surrogatepass")
    )
    for _ in range(data.draw(st.integers(0, 3))):
        place = data.draw(st.integers(0, len(body)))
        body[place:place] = data.draw(PIECES)
    whole = bytes(body)
    return whole, outcome(parse, whole), outcome(lambda one: json_input._carefully(one, escaped=b"\\" in one), whole)


@pytest.mark.parametrize("number", ["9" * 20, "-" + "9" * 20, "1" + "0" * 20, "-1" + "0" * 20])
def test_both_ways_end_at_the_same_number(number):
    body = b'{"":%s}' % number.encode()
    said = outcome(parse, body)
    assert said == outcome(lambda one: json_input._carefully(one, escaped=False), body)
    assert (said == "refused") == (len(number.lstrip("-")) > 20)


@settings(HARD, max_examples=600)
@given(st.data())
def test_the_quick_way_reads_what_the_careful_one_reads(data):
    body, quick, careful = compare_ways(data)
    assert quick == careful, body


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":1,"a":2}',
        b'{"x":{"a":1,"b":2,"a":3}}',
        b'{"a":1,"\\u0061":2}',
        b'{"data":"QQ==","data":"QQ=="}',
        b'{"data":"","b":[{"data":"","data":""}]}',
    ],
)
def test_a_key_that_comes_twice_is_refused(body, monkeypatch):
    with pytest.raises(CarnetError, match="json-key-twice"):
        parse(body)
    # planted fault: the keys of the tree are not counted
    monkeypatch.setattr(json_input, "_check", lambda _tree, *, escaped: body.count(b'":'))
    assert parse(body)


@pytest.mark.parametrize("inside", [b"", b"1", b"{}"])
@pytest.mark.parametrize("depth", [62, 63, 64, 65])
def test_both_ways_end_at_the_same_depth(depth, inside):
    body = b'{"a":' + b"[" * (depth - 1) + inside + b"]" * (depth - 1) + b"}"
    said = outcome(parse, body)
    assert said == outcome(lambda one: json_input._carefully(one, escaped=False), body)
    assert (said == "refused") == (depth + (inside == b"{}") > json_input.MAX_DEPTH)


def encoded(data):
    text = base64.b64encode(data.draw(st.binary(max_size=8))).decode()
    for _ in range(data.draw(st.integers(0, 2))):
        place = data.draw(st.integers(0, len(text)))
        text = (
            text[:place]
            + data.draw(st.sampled_from("=A+/- \né\x00\ud800"))
            + text[place + data.draw(st.integers(0, 1)) :]
        )
    return text


@settings(HARD, max_examples=600)
@given(st.data())
def test_base64_is_what_the_strict_decoder_takes(data):
    text = encoded(data)
    try:
        strict = repr(binascii.a2b_base64("".join(text.split()), strict_mode=True))
    except ValueError:
        strict = "refused"
    assert outcome(lambda one: decode(one, path="data"), text) == strict


@HARD
@given(TREES)
def test_any_json(tree):
    body = json.dumps(tree).encode()
    readable(lambda: read_transaction(parse(body), accepted_oids=OIDS, latest=LATEST))


@HARD
@given(st.data())
def test_a_transaction_with_one_thing_spoiled(data):
    bundle = transaction(SOMEONE, b"un", b"deux")
    way = data.draw(st.sampled_from(places(bundle)))
    body = json.dumps(spoiled(bundle, way, data.draw(TREES))).encode()
    readable(lambda: read_transaction(parse(body), accepted_oids=OIDS, latest=LATEST))


@HARD
@given(st.data())
def test_a_document_reference_with_one_thing_spoiled(data):
    document = reference(SOMEONE)
    way = data.draw(st.sampled_from(places(document)))
    body = json.dumps(spoiled(document, way, data.draw(TREES))).encode()
    readable(lambda: read_document_reference(Node(parse(body), "DocumentReference"), Entries(), accepted_oids=OIDS))


def test_what_is_repeated_is_read_once_and_a_number_is_no_truth():
    entries, read = Entries(), []

    def reader(node):
        read.append(repr(node.value))

    for value in ({"active": True}, {"active": True}, {"active": 1}, {"size": 10**20 - 1}):
        entries.once(reader, Node(value, "Patient"))
    assert read == ["{'active': True}", "{'active': 1}", f"{{'size': {10**20 - 1}}}"]


def test_an_author_of_one_message_is_that_author_in_the_next(monkeypatch):
    def author(value):
        return people.author_of(Node({"reference": "#a"}, "author"), resolver({"id": "a", **value}))

    def resolver(contained):
        return Resolver(Node({"contained": [contained]}, "DocumentReference"), Entries())

    def others():
        named = {"resourceType": "Practitioner", "name": [{"family": "FICTIF", "given": ["Camille"]}]}
        return [
            author(one)
            for one in (
                named,
                named,
                {**named, "name": [{"family": "AUTRUI"}]},
                {"resourceType": "Organization", "name": "FICTIF"},
            )
        ]

    people._known.clear()
    known = others()
    assert len(people._known) == 3
    people._known.clear()
    monkeypatch.setattr(people, "_LONGEST_KNOWN", 0)
    assert others() == known
    assert not people._known


@HARD
@given(st.data())
def test_a_healthcare_service_with_one_thing_spoiled(data):
    said = service("a@b.fr")
    way = data.draw(st.sampled_from(places(said)))
    body = json.dumps(spoiled(said, way, data.draw(TREES))).encode()
    readable(lambda: check_rules(read_service(parse(body)).rules or PracticeRules()))


@HARD
@given(TREES)
def test_any_consent(tree):
    body = json.dumps({"resourceType": "Consent", "status": "active", "patient": tree, "provision": tree}).encode()
    readable(lambda: read_consent(parse(body), accepted_oids=OIDS))


@HARD
@given(
    st.lists(
        st.tuples(
            st.sampled_from([one.name for one in DOCUMENTS] + sorted(RESULT) + ["colour", "type:not"]),
            st.text(max_size=30)
            | st.sampled_from(["2026", "ge2026-11", "a|b,c|", "\\,", "0" * 64, "|x", "eq", "lt9999-12-31"]),
        ),
        max_size=8,
    ),
    st.booleans(),
)
def test_any_question(pairs, strict):
    def ask():
        asked = read(pairs, known=DOCUMENTS, strict=strict)
        subject_of(asked, accepted_oids=OIDS)
        only_space_of_ids(asked)
        page_of(asked, space=SOMEONE.space)

    readable(ask)


def test_the_fuzzer_sees_another_exception():
    """Planted fault."""
    with pytest.raises(KeyError):
        readable(lambda: {}["x"])
