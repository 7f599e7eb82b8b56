"""Different lists of values never make the same bytes."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carnet.infra.vault.encoding import encode_last_part, encode_parts, encode_parts_but_last

PARTS = st.lists(st.text(max_size=6) | st.binary(max_size=6).map(lambda raw: raw.hex()), max_size=5)
CONFUSABLE = [(("ab", "c"), ("a", "bc")), (("a", ""), ("a",)), (("a|b",), ("a", "b")), (("",), ())]


def test_the_examples_of_the_paseto_specification():
    assert encode_parts() == b"\0" * 8
    assert encode_parts("") == b"\1" + b"\0" * 15
    assert encode_parts("test") == b"\1" + b"\0" * 7 + b"\4" + b"\0" * 7 + b"test"


def distinguishes(encode, pairs):
    return all(encode(*one) != encode(*other) for one, other in pairs)


def test_values_cannot_slide_into_one_another():
    assert distinguishes(encode_parts, CONFUSABLE)


@pytest.mark.parametrize("broken", [lambda *parts: "".join(parts), lambda *parts: "|".join(parts)])
def test_the_check_sees_an_ambiguous_encoding(broken):
    assert not distinguishes(broken, CONFUSABLE)


@given(PARTS, PARTS)
def test_equal_bytes_mean_equal_values(one, other):
    assert (encode_parts(*one) == encode_parts(*other)) == (one == other)


@given(st.lists(st.text(max_size=6), min_size=1, max_size=5))
def test_encoding_in_two_steps_is_the_same(parts):
    assert encode_parts_but_last(*parts[:-1]) + encode_last_part(parts[-1]) == encode_parts(*parts)


def test_a_uuid_and_its_text_are_the_same_value():
    one = uuid.uuid4()
    assert encode_parts(one) == encode_parts(str(one))
