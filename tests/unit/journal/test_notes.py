"""Numbers as the notes of C2SP write them: no other spelling, nothing beyond what 63 bits hold."""

import pytest

from carnet.journal.rules.notes import NoteError, parse_size

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
