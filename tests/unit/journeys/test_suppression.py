"""What was left out of a published table can be worked out neither exactly nor as a small sum."""

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carnet.journeys.rules import suppression
from carnet.journeys.rules.suppression import LEAST, TOTAL, hide_list, hide_table, with_totals

NUMBERS = st.one_of(st.integers(0, 14), st.integers(0, 300))
TABLES = st.integers(1, 5).flatmap(
    lambda rows: st.integers(1, 4).flatmap(
        lambda columns: st.fixed_dictionaries(dict.fromkeys(product("ABCDE"[:rows], "wxyz"[:columns]), NUMBERS))
    )
)
LISTS = st.dictionaries(st.sampled_from([f"{number:02d}" for number in range(12)]), NUMBERS, max_size=12)


def worked_out(counts, published):
    """Hidden cells that the published ones and the totals' equations fix, by linear algebra."""
    places = sorted(published)
    hidden = [place for place in places if published[place] is None]
    rows, columns = sorted({row for row, _ in counts}), sorted({column for _, column in counts})
    equations = [{(row, column): 1 for column in columns} | {(row, TOTAL): -1} for row in (*rows, TOTAL)]
    equations += [{(row, column): 1 for row in rows} | {(TOTAL, column): -1} for column in (*columns, TOTAL)]
    return fixed([[Fraction(one.get(place, 0)) for place in hidden] for one in equations], hidden)


def fixed(matrix, names):
    """The unknowns that have one solution only, by elimination: their row of the reduced form holds them alone."""
    done, found = 0, set()
    pivots = []
    for column in range(len(names)):
        row = next((number for number in range(done, len(matrix)) if matrix[number][column]), None)
        if row is None:
            continue
        matrix[done], matrix[row] = matrix[row], matrix[done]
        matrix[done] = [value / matrix[done][column] for value in matrix[done]]
        for other in range(len(matrix)):
            factor = matrix[other][column]
            if other != done and factor:
                matrix[other] = [one - factor * two for one, two in zip(matrix[other], matrix[done], strict=True)]
        pivots.append(column)
        done += 1
    for number, column in enumerate(pivots):
        if sum(1 for value in matrix[number] if value) == 1:
            found.add(names[column])
    return found


@settings(max_examples=150, deadline=None)
@given(TABLES)
def test_no_hidden_number_of_a_table_can_be_worked_out(counts):
    published, full = hide_table(counts), with_totals(counts)
    assert all(value is None or value == full[place] for place, value in published.items())
    assert not any(value is not None and 0 < value < LEAST for value in published.values())
    assert worked_out(counts, published) == set()


@settings(max_examples=150, deadline=None)
@given(LISTS)
def test_no_hidden_number_of_a_list_can_be_worked_out(counts):
    published = hide_list(counts)
    hidden = [key for key, value in published.items() if value is None and key != TOTAL]
    assert not any(value is not None and 0 < value < LEAST for value in published.values())
    if published[TOTAL] is not None and hidden:
        assert len(hidden) > 1
        assert sum(counts[key] for key in hidden) >= LEAST


def test_leaving_out_only_what_is_small_would_be_seen(monkeypatch):
    monkeypatch.setattr(suppression, "_given_away", lambda *_: None)
    counts = {("A", "w"): 3, ("A", "x"): 40, ("B", "w"): 50, ("B", "x"): 60}
    assert worked_out(counts, hide_table(counts)) == {("A", "w")}


@pytest.mark.parametrize("counts", [{}, {("A", "w"): 0}, {("A", "w"): 5}, {("A", "w"): 500}])
def test_tables_of_hardly_anything_have_an_answer(counts):
    total = sum(counts.values())
    listed = hide_list({row: number for (row, _), number in counts.items()})
    assert listed[TOTAL] == (None if 0 < total < LEAST else total)
    assert hide_table(counts).get((TOTAL, TOTAL)) == (None if 0 < total < LEAST else total)
