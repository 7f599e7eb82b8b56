"""What a leaf holds, byte for byte, and what of an entry its person is told: the rules themselves, without a house."""

import hashlib
import hmac
from uuid import UUID

import pytest

from carnet.journal.rules.leaves import (
    LEAF_BYTES,
    NO_LEAF,
    as_told,
    commitment_in,
    label,
    label_in,
    leaf,
    leaf_hash,
    link,
    stream_key,
    told_nonce,
)

SEEN, HELD = UUID(int=1), UUID(int=2)
KEY = bytes(range(32))


def entry(*documents, act="read-document", outcome="done", actor="professional"):
    return {"document_ids": list(documents), "act": act, "outcome": outcome, "actor_kind": actor}


@pytest.mark.parametrize(
    ("what", "documents"),
    [
        (entry(SEEN), [SEEN]),
        (entry(SEEN, HELD), [SEEN]),
        (entry(HELD), None),
        (entry(), None),
        (entry(HELD, act="list-documents"), []),
        (entry(HELD, act="search-documents"), []),
        (entry(HELD, outcome="refused", actor="person"), []),
        (entry(HELD, outcome="done", actor="person"), None),
        (entry(HELD, outcome="refused"), None),
        (entry(SEEN, outcome="refused"), [SEEN]),
    ],
)
def test_what_is_withheld_is_left_out_and_what_then_says_nothing_is_not_told(what, documents):
    told = as_told(what, {HELD})
    assert told == (None if documents is None else what | {"document_ids": documents})


def test_where_nothing_is_withheld_an_entry_is_told_as_it_is():
    assert as_told(entry(), ()) == entry()
    assert as_told(entry(HELD), ()) == entry(HELD)


def test_a_leaf_is_what_the_format_says():
    """docs/journal-format.md §2, written again by hand."""

    def keyed(key, text):
        return hmac.new(key, text, hashlib.sha256).digest()

    assert (stream_key(KEY, held=False), stream_key(KEY, held=True)) == (
        keyed(KEY, b"carnet-journal-told"),
        keyed(KEY, b"carnet-journal-held"),
    )
    assert told_nonce(KEY) == keyed(KEY, b"carnet-journal-told")
    assert NO_LEAF == b"\x00" * 32
    committed = keyed(b"n", b"{}")
    data = leaf(seconds=1_795_000_000, key=KEY, place=258, previous=NO_LEAF, committed=committed)
    place, chained = keyed(KEY, b"carnet-journal-label\x00\x00\x00\x00\x00\x00\x00\x01\x02"), link(KEY, NO_LEAF)
    assert chained == keyed(KEY, b"carnet-journal-link\x00" + b"\x00" * 32)
    assert data == b"\x01" + (1_795_000_000).to_bytes(8, "big") + place + chained + committed
    assert (len(data), label(KEY, 258), label_in(data), commitment_in(data)) == (LEAF_BYTES, place, place, committed)
    assert leaf_hash(data) == hashlib.sha256(b"\x00" + data).digest()
