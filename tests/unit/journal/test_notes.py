"""Numbers as the notes of C2SP write them: no other spelling, nothing beyond what 63 bits hold."""

import base64

import pytest

from carnet.journal.rules.notes import (
    LOG,
    Checkpoint,
    Note,
    NoteError,
    Signature,
    VerifierKey,
    parse_signature,
    parse_size,
)

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


ROOT = bytes(range(32))
SIGNED = Signature("log.example", b"abcd", b"!")
CHECKPOINT = Checkpoint("log.example", 7, ROOT)


def test_a_checkpoint_under_its_signatures_is_read_as_written():
    note = Note.parse(str(Note(CHECKPOINT.text, (SIGNED, SIGNED))))
    assert (note.checkpoint(), note.signatures) == (CHECKPOINT, (SIGNED, SIGNED))


@pytest.mark.parametrize("written", [CHECKPOINT.text, f"{CHECKPOINT.text}\n{SIGNED.line}"[:-1], SIGNED.line])
def test_a_text_without_its_gap_or_end_is_no_note(written):
    with pytest.raises(NoteError):
        Note.parse(written)


@pytest.mark.parametrize(
    "text",
    [
        f"\n7\n{signed(ROOT)}\n",
        f"log.example\n{signed(ROOT)}\n",
        f"log.example\n7\n{signed(ROOT)}\nmore\n",
        f"log.example\n7\n{signed(ROOT)}\nmore",
        f"log.example\n7\n{signed(ROOT[1:])}\n",
        f"log.example\n07\n{signed(ROOT)}\n",
    ],
)
def test_nothing_more_or_less_is_a_checkpoint(text):
    with pytest.raises(NoteError):
        Note(text).checkpoint()


def test_a_key_is_read_as_written_and_under_its_own_hash_only():
    key = VerifierKey("log.example", LOG, ROOT)
    assert VerifierKey.parse(str(key)) == key
    name, given, encoded = str(key).split("+", 2)
    spoiled = ("", name, f"+{given}+{encoded}", f"{name}+00000000+{encoded}", str(VerifierKey(name, 2, ROOT)))
    for wrong in (*spoiled, str(VerifierKey(name, LOG, ROOT[1:]))):
        with pytest.raises(NoteError):
            VerifierKey.parse(wrong)
