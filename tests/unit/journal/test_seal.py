"""What becomes of the rows that wait: places, links, streams, and what is said of rows that do not fit. Pure."""

import datetime as dt
from uuid import UUID

import pytest

from carnet.journal.actions.seal import SLACK, _is_back_dated, _leaves
from carnet.journal.rules.findings import Finding
from carnet.journal.rules.leaves import (
    FIELDS,
    NO_LEAF,
    commitment,
    label_in,
    leaf,
    leaf_hash,
    stream_key,
    told_nonce,
)

AT = dt.datetime(2026, 11, 21, 9, 0, 0, 700_000, tzinfo=dt.UTC)
BEGAN = AT - dt.timedelta(hours=1)
ONE, OTHER = UUID(int=1), UUID(int=2)
SECRET, NONCE = b"s" * 32, b"n" * 32
KEPT, WITHHELD = UUID(int=7), UUID(int=8)
TOLD, HELD = (stream_key(SECRET, held=held) for held in (False, True))


def row(seq, *, space=ONE, nonce=NONCE, stored=(None, None, None, None), sealed=False, before=True, withheld=(),
        former=None, at=AT, documents=(KEPT,)):  # fmt: skip
    """A line of the statement that asks what waits."""
    fields = dict.fromkeys(FIELDS[1:]) | {
        "at": at,
        "act": "read-document",
        "outcome": "done",
        "actor_kind": "professional",
        "document_ids": list(documents),
        "details": {},
    }
    return (space, seq, SECRET, nonce, *stored, sealed, before, list(withheld), former, *fields.values())


def entry_of(values, documents):
    return dict(zip(FIELDS, (values[0], *values[12:]), strict=True)) | {"document_ids": documents}


def made(*rows, size=0):
    return _leaves(rows, size=size, at=AT, watched_since=BEGAN)


def leaf_at(values, place, previous, *, key=TOLD, nonce=NONCE, documents=(KEPT,)):
    return leaf(
        seconds=int(AT.timestamp()),
        key=key,
        place=place,
        previous=previous,
        committed=commitment(entry_of(values, list(documents)), nonce=nonce),
    )


def test_entries_of_a_space_follow_one_another_and_lie_in_the_order_of_their_labels():
    rows = [row(one, before=one > 1) for one in (1, 2, 3)]
    sealed, findings = made(*rows, size=40)
    wanted, previous = [], NO_LEAF
    for place, values in enumerate(rows, 1):
        wanted.append((place, leaf_at(values, place, previous)))
        previous = leaf_hash(wanted[-1][1])
    wanted.sort(key=lambda one: label_in(one[1]))
    assert findings == []
    assert [(one.seq, one.leaf) for one in sealed] == wanted
    assert [(one.place, one.space, one.held, one.left_out) for one in sealed] == [
        (seq, ONE, False, ()) for seq, _ in wanted
    ]
    assert [one.index for one in sealed] == [40, 41, 42]


def test_they_go_on_from_what_is_sealed_each_stream_for_itself():
    stored = (4, b"t" * 32, 2, b"h" * 32)
    values = row(9, stored=stored, withheld=(WITHHELD,), documents=(KEPT, WITHHELD))
    sealed, _ = made(values)
    by_stream = {one.held: one for one in sealed}
    assert by_stream[False].leaf == leaf_at(values, 5, b"t" * 32, nonce=told_nonce(NONCE))
    assert by_stream[True].leaf == leaf_at(values, 3, b"h" * 32, key=HELD, documents=(KEPT, WITHHELD))
    assert (by_stream[False].place, by_stream[False].left_out) == (5, (WITHHELD,))
    assert (by_stream[True].place, by_stream[True].left_out) == (3, ())


def test_what_may_not_be_told_at_all_is_in_the_held_stream_only():
    values = row(1, withheld=(WITHHELD,), documents=(WITHHELD,))
    sealed, findings = made(values)
    assert [(one.held, one.place) for one in sealed] == [(True, 1)]
    assert sealed[0].leaf == leaf_at(values, 1, NO_LEAF, key=HELD, documents=(WITHHELD,))
    assert findings == []


ODD = {
    "sealed already": (row(3, sealed=True), "replayed", f"{ONE}:3"),
    "sealed already, and gone": (row(3, sealed=True, nonce=None), "replayed", f"{ONE}:3"),
    "gone": (row(3, nonce=None), "deleted", f"{ONE}:3"),
}


@pytest.mark.parametrize("case", ODD)
def test_what_is_sealed_or_gone_is_named_and_given_no_place(case):
    values, kind, where = ODD[case]
    assert made(values) == ([], [Finding(kind, where)])


def test_a_number_that_is_skipped_is_named_and_the_rest_is_sealed():
    sealed, findings = made(row(3, before=False), row(4, before=False), row(6, before=False))
    assert [one.kind for one in findings] == ["suppressed", "suppressed"]
    assert [one.where for one in findings] == [f"{ONE}:2", f"{ONE}:5"]
    assert len(sealed) == 3


def test_the_first_of_a_space_and_the_one_after_a_sealed_one_skip_nothing():
    assert made(row(1, before=False), row(1, space=OTHER, before=False), row(2, space=OTHER, before=False))[1] == []
    assert made(row(7, before=True))[1] == []
    # the number before it, of somebody else, is not the one before it
    assert made(row(1, before=False), row(2, space=OTHER, before=False))[1] == [Finding("suppressed", f"{OTHER}:1")]


def test_an_entry_of_another_time_is_named_and_sealed_all_the_same():
    sealed, findings = made(row(2, at=AT - dt.timedelta(days=1), former=AT))
    assert findings == [Finding("back-dated", f"{ONE}:2")]
    assert len(sealed) == 1


MOMENT = dt.timedelta(microseconds=1)
DATED = {
    "now": (AT, None, False),
    "a little ahead": (AT + SLACK, None, False),
    "in the future": (AT + SLACK + MOMENT, None, True),
    "before the one before it, a little": (AT, AT + SLACK, False),
    "before the one before it": (AT, AT + SLACK + MOMENT, True),
    "long after the one before it": (AT, BEGAN, False),
    "a little late": (AT - SLACK, None, False),
    "into a time that was sealed": (AT - SLACK - MOMENT, None, True),
    "when sealing began": (BEGAN, None, True),
    "before sealing began: it waited for a sequencer": (BEGAN - MOMENT, None, False),
}


@pytest.mark.parametrize("case", DATED)
def test_which_times_an_entry_may_say(case):
    dated, former, rings = DATED[case]
    assert _is_back_dated(dated, former, at=AT, watched_since=BEGAN) is rings
    assert dt.timedelta(minutes=5) == SLACK
