"""Numbers as the notes of C2SP write them: no other spelling, nothing beyond what 63 bits hold."""

import base64

import pytest

from carnet.journal.rules.notes import NoteError, Signature, parse_signature, parse_size

LARGEST = 9223372036854775807


@pytest.mark.parametrize("size", [0, 1, 10, 256, 999_999_999_999_999_999, LARGEST])
def test_a_size_is_read_as_written(size):
    assert parse_size(str(size)) == size


@pytest.mark.parametrize(
    "text", [str(LARGEST + 1), "9" * 19, "1" + "0" * 19, "", "01", "+1", "-1", "1.0", "١", " 1", "1\n"]
)
def test_no_other_spelling_is_a_size(text):
    with pytest.raises(NoteError, match="not a tree size"):
        parse_size(text)


def signed(data):
    return base64.b64encode(data).decode()


def test_a_signature_line_is_read_whole():
    assert parse_signature(f"\u2014 log.example {signed(b'abcd!')}") == Signature("log.example", b"abcd", b"!")


@pytest.mark.parametrize(
    "line",
    [
        f"log.example {signed(b'abcd!')}",
        f"- log.example {signed(b'abcd!')}",
        f"\u2014  {signed(b'abcd!')}",
        f"\u2014 {signed(b'abcd!')}",
        f"\u2014 log.example {signed(b'abcd')}",
        "\u2014 log.example ",
        "\u2014 log.example !!!!",
        "",
    ],
)
def test_nothing_else_is_a_signature_line(line):
    with pytest.raises(NoteError):
        parse_signature(line)
