"""Numbers as the notes of C2SP write them: no other spelling, nothing beyond what 63 bits hold."""

import base64

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from carnet.journal.rules.notes import (
    LOG,
    WITNESS,
    Checkpoint,
    Note,
    NoteError,
    Signature,
    VerifierKey,
    cosign,
    parse_signature,
    parse_size,
    public_key,
    seen_by,
    sign,
    signed_by,
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
        f"\u2014 log.example {signed(b'abcd!')[:4]}!{signed(b'abcd!')[4:]}",
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
    spoiled = ["", name, f"+{given}+{encoded}", f"{name}+00000000+{encoded}"]
    others = [VerifierKey("", LOG, ROOT), VerifierKey(name, 2, ROOT), VerifierKey(name, LOG, ROOT[1:])]
    for wrong in spoiled + [str(one) for one in others]:
        with pytest.raises(NoteError):
            VerifierKey.parse(wrong)


KEY = Ed25519PrivateKey.from_private_bytes(ROOT)
SECONDS = 1_700_000_000


def signed_as(kind, **changes):
    """A checkpoint under one signature by the key of "log.example", said otherwise as asked."""
    made = sign(CHECKPOINT.text, key=KEY, name="log.example")
    if kind == WITNESS:
        made = cosign(CHECKPOINT.text, key=KEY, name="log.example", seconds=SECONDS)
    return Note(CHECKPOINT.text, (msgspec.structs.replace(made, **changes),))


def test_a_signature_counts_under_the_name_and_key_it_was_made_for_only():
    """Whoever's key it is: a line that names somebody else, or another key, is not theirs."""
    log, witness = (public_key(KEY, name="log.example", kind=kind) for kind in (LOG, WITNESS))
    assert signed_by(signed_as(LOG), log)
    assert seen_by(signed_as(WITNESS), witness) == SECONDS
    for other in ({"name": "other.example"}, {"key_id": b"abcd"}):
        assert not signed_by(signed_as(LOG, **other), log)
        assert seen_by(signed_as(WITNESS, **other), witness) is None


def test_a_cosignature_dates_itself_and_no_other_moment():
    witness = public_key(KEY, name="log.example", kind=WITNESS)
    made = cosign(CHECKPOINT.text, key=KEY, name="log.example", seconds=SECONDS).data
    later = (SECONDS + 1).to_bytes(8, "big") + made[8:]
    for data in (later, made[:-1], made + b"!", made[8:], b""):
        assert seen_by(signed_as(WITNESS, data=data), witness) is None
