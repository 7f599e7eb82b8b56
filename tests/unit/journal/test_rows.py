"""Rows of the database as the journal reads them: against their leaves, as told, filtered, alerts. No database."""

import contextlib
import datetime as dt
from uuid import UUID

import pytest

from carnet.infra.db.work import Statement
from carnet.journal.actions import oversight
from carnet.journal.actions.oversight import _keep, _places, _sorted_out, look_for_misuse
from carnet.journal.queries.audit import _differences
from carnet.journal.queries.entries import Filter, _telling, entries_statement, to_entries
from carnet.journal.queries.proof import _read, to_entry, told_key, written
from carnet.journal.rules.leaves import FIELDS, NO_LEAF, TOLD_WITHOUT, commitment, leaf, stream_key, told_nonce
from carnet.journal.rules.misuse import Alert, Thresholds
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.ids import SpaceId

SPACE, OTHER = SpaceId(UUID(int=1)), SpaceId(UUID(int=2))
KEPT, WITHHELD = UUID(int=7), UUID(int=8)
AT = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
SECRET, NONCE, BEFORE = b"s" * 32, b"n" * 32, b"p" * 32


def fields_of(documents=(KEPT,), **other):
    return dict.fromkeys(FIELDS) | {"space_id": SPACE, "at": AT, "act": "read-document", "outcome": "done",
           "actor_kind": "professional", "document_ids": list(documents), "details": {}} | other  # fmt: skip


def leaf_of(fields, *, place=3, held=False, nonce=NONCE, previous=BEFORE):
    key = stream_key(SECRET, held=held)
    return leaf(seconds=7, key=key, place=place, previous=previous, committed=commitment(fields, nonce=nonce))


def row_of(fields, *, place=3, held=False, nonce=NONCE, left_out=()):
    return (SPACE, held, place, 9, 40, list(left_out), SECRET, nonce, *(fields[name] for name in FIELDS[1:]))


def found(row, sealed, *, place=2, previous=BEFORE):
    return _differences(row, sealed, place=place, previous=previous)


def test_a_row_and_its_leaf_agree_in_either_stream():
    fields = fields_of((KEPT, WITHHELD))
    assert found(row_of(fields), leaf_of(fields)) == []
    told = fields | {"document_ids": [KEPT]}
    assert found(row_of(fields, left_out=(WITHHELD,)), leaf_of(told, nonce=told_nonce(NONCE))) == []
    assert found(row_of(fields, held=True, left_out=(WITHHELD,)), leaf_of(fields, held=True)) == []
    assert found(row_of(fields, place=1), leaf_of(fields, place=1, previous=NO_LEAF), place=0, previous=NO_LEAF) == []


DIFFERENT = {
    "a hole before it": ((row_of(fields_of()), leaf_of(fields_of(), previous=b"x" * 32)), {"place": 1}, ["deleted"]),
    "twice the same number": ((row_of(fields_of()), leaf_of(fields_of())), {"place": 3}, ["deleted"]),
    "another link": ((row_of(fields_of()), leaf_of(fields_of(), previous=b"x" * 32)), {}, ["broken-chain"]),
    "another label": ((row_of(fields_of()), leaf_of(fields_of(), place=4)), {}, ["swapped"]),
    "another stream": ((row_of(fields_of()), leaf_of(fields_of(), held=True)), {}, ["swapped"]),
    "another word": ((row_of(fields_of(act="edit")), leaf_of(fields_of())), {}, ["edited"]),
    "a row that is gone": ((row_of(fields_of(), nonce=None), leaf_of(fields_of())), {}, ["deleted"]),
    "one that is gone after a hole": (
        (row_of(fields_of(), nonce=None), leaf_of(fields_of(), place=4)),
        {"place": 1},
        ["deleted", "swapped", "deleted"],
    ),
    "told whole, though something is withheld": (
        (row_of(fields_of((KEPT, WITHHELD)), left_out=(WITHHELD,)), leaf_of(fields_of((KEPT, WITHHELD)))),
        {},
        ["edited"],
    ),
    "told, though nothing of it may be": (
        (row_of(fields_of((WITHHELD,)), left_out=(WITHHELD,)), leaf_of(fields_of(()), nonce=told_nonce(NONCE))),
        {},
        ["edited"],
    ),
}


@pytest.mark.parametrize("case", DIFFERENT)
def test_each_difference_is_named_by_itself(case):
    given, before, kinds = DIFFERENT[case]
    assert found(*given, **before) == kinds


def test_what_is_taken_away_is_what_is_told_with_the_nonce_it_was_told_with():
    whole, partly, nothing = fields_of(), fields_of((KEPT, WITHHELD)), fields_of((WITHHELD,))
    rows = [(1, 40, NONCE, [], *whole.values()), (2, 41, NONCE, [WITHHELD], *partly.values()),
            (3, 42, NONCE, [WITHHELD], *nothing.values())]  # fmt: skip
    first, second = _read(rows)
    assert (first.number, first.index, first.nonce, first.fields) == (1, 40, NONCE, whole)
    assert (second.number, second.index, second.nonce) == (2, 41, told_nonce(NONCE))
    assert second.fields == partly | {"document_ids": [KEPT]}
    assert first.entry == to_entry(whole)
    assert (to_entry(whole).seq, to_entry(whole).document_ids) == (0, (KEPT,))
    assert written(whole) == whole | {"at": "2026-11-21T09:00:00Z"}


class Heads:
    """Stands for a transaction that finds this row of the space's head."""

    space_id = SPACE

    def __init__(self, row):
        self._row = row

    async def row(self, statement, values):
        return self._row if values == {"space": SPACE} else None


async def test_the_key_taken_away_finds_what_is_told_and_nothing_where_nothing_happened():
    assert await told_key(Heads((memoryview(SECRET),))) == stream_key(SECRET, held=False)
    assert await told_key(Heads(None)) == bytes(32)


def test_a_page_asks_for_what_its_person_may_be_told_unless_somebody_says_otherwise():
    plain = entries_statement(SPACE, filter_=Filter(), limit=50)
    given = {"space": SPACE, "limit": 50, "told_without": sorted(TOLD_WITHOUT), "with_refusals": False}
    given |= {"for_person": True, "for_delegate": False, "of_what_is_apart": True}
    given |= {"acts": [], "actors": [], "grounds": []}
    assert plain.params | given == plain.params
    assert {plain.params[name] for name in ("actor_id", "document", "since", "until", "before_seq", "outcome")} == {
        None
    }
    apart = Statement("SELECT %(mine)s", {"mine": 1, "for_delegate": True})
    kept = entries_statement(SPACE, filter_=Filter(apart=apart, for_person=False), limit=1)
    assert "SELECT %(mine)s" in kept.sql
    assert (
        kept.params | {"mine": 1, "for_delegate": True, "of_what_is_apart": False, "for_person": False} == kept.params
    )
    names = _telling("x /*apart*/", {}, apart=None)
    assert (names.params["for_person"], names.sql) == (True, "x SELECT NULL::uuid WHERE false")
    assert _telling("/*apart*/", {}, apart=Statement("y", None)).sql == "y"


def test_a_row_is_an_entry_with_the_documents_told():
    row = (5, AT, "act", "done", None, None, "person", "1", "", *[None] * 7, [KEPT], {"a": 1})
    (entry,) = to_entries([row])
    assert (entry.seq, entry.session, entry.document_ids, entry.details) == (5, None, (KEPT,), {"a": 1})


def test_alerts_are_sorted_into_those_judged_and_those_that_wait():
    one, two, three = UUID(int=11), UUID(int=12), UUID(int=13)
    known = [
        (one, "bursts", "d", [[str(SPACE), 1]], True),
        (two, "bursts", "d", [[str(OTHER), "2"]], True),
        (one, "bursts", "d", [[str(SPACE), 3]], False),
        (three, "bursts", "d", [[str(SPACE), 4]], False),
        (two, "other", "d", [[str(SPACE), 5]], False),
    ]
    judged, waiting = _sorted_out(known)
    assert judged == {("bursts", "d"): {(SPACE, 1), (OTHER, 2)}}
    assert waiting == {
        ("bursts", "d"): [(one, {(SPACE, 3)}), (three, {(SPACE, 4)})],
        ("other", "d"): [(two, {(SPACE, 5)})],
    }
    assert _places([(SPACE, 1), (OTHER, 2)]) == f'[["{SPACE}",1],["{OTHER}",2]]'


class Queue:
    """Stands for a transaction of the officer: what is asked and written."""

    at, space = AT, None

    def __init__(self):
        self.asked, self.written = [], []

    async def rows(self, statement, values):
        self.asked.append(values)
        return []

    async def execute(self, statement, values=None):
        self.written.append(values)


@pytest.mark.parametrize(
    ("rows", "new", "added"),
    [
        ([(SPACE, 3)], False, None),
        ([(SPACE, 4), (SPACE, 5)], False, UUID(int=13)),
        ([(OTHER, 9)], True, None),
    ],
    ids=["the same rows", "some came since", "none of theirs"],
)
async def test_rows_found_again_belong_to_the_open_alert_that_has_some_of_them(rows, new, added):
    queue, alert = Queue(), Alert(rule="burst", actor_id="d", rows=tuple(rows), began_at=AT)
    waiting = [(UUID(int=11), frozenset({(SPACE, 3)})), (UUID(int=13), frozenset({(SPACE, 4)}))]
    assert await _keep(queue, alert, waiting) is new
    assert len(queue.written) == (new or added is not None)
    assert added is None or queue.written == [{"alert": added, "places": _places(rows)}]


@pytest.mark.parametrize("given", [None, Thresholds(spaces=2)])
async def test_care_counts_for_a_year_and_the_officers_thresholds_hold(monkeypatch, given):
    queue, judged_by = Queue(), []

    def found(rows, *, thresholds, judged):
        judged_by.append(thresholds)
        return []

    monkeypatch.setattr(oversight, "work", lambda **_: contextlib.nullcontext(queue))
    monkeypatch.setattr(oversight, "find_misuse", found)
    operator = Actor(kind=ActorKind.OPERATOR, identifier="1", name="")
    assert await look_for_misuse(actor=operator, oversight=None, at=AT, days=2, thresholds=given) == 0
    assert judged_by == [given or Thresholds()]
    assert queue.asked[0] == {"since": AT - dt.timedelta(days=2), "care": AT - dt.timedelta(days=365)}
