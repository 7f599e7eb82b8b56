"""What was left out of a published table can be worked out neither exactly nor as a small sum."""

import random
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carnet.journeys.rules import suppression
from carnet.journeys.rules.suppression import LEAST, SPREAD, TOTAL, determined, hide_list, hide_table, with_totals

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
    hidden = {place for place, value in published.items() if value is None}
    assert all(suppression.spread(full, hidden, place, most=SPREAD) == SPREAD for place in hidden)


@settings(max_examples=150, deadline=None)
@given(LISTS)
def test_no_hidden_number_of_a_list_can_be_worked_out(counts):
    published = hide_list(counts)
    hidden = [key for key, value in published.items() if value is None and key != TOTAL]
    assert not any(value is not None and 0 < value < LEAST for value in published.values())
    if published[TOTAL] is not None and hidden:
        assert len(hidden) > 1
        assert sum(counts[key] for key in hidden) >= LEAST
        assert sum(counts[key] for key in hidden) - len(hidden) >= SPREAD, "each is one at least"


ELEVEN_ONES = {f"{number:02d}": 1 for number in range(11)} | {"75": 400, "31": 90}
# Small where rows and columns cross in a ring of six: every sum is 11 and more, no number follows by subtraction alone
RING = {
    ("A", "w"): 1, ("A", "x"): 10, ("A", "y"): 50,
    ("B", "w"): 60, ("B", "x"): 10, ("B", "y"): 1,
    ("C", "w"): 10, ("C", "x"): 70, ("C", "y"): 10,
}  # fmt: skip


def what_fits(counts, published, place):
    """Every value of a hidden cell that whole numbers from one on allow, tried one by one; totals are published."""
    rows, columns = sorted({row for row, _ in counts}), sorted({column for _, column in counts})

    def lines(row):
        unknown = [column for column in columns if published[row, column] is None]
        known = {column: published[row, column] for column in columns if published[row, column] is not None}
        left = published[row, TOTAL] - sum(known.values())
        for tried in product(range(1, left + 1), repeat=max(len(unknown) - 1, 0)):
            if unknown and sum(tried) < left:
                yield known | dict(zip(unknown, (*tried, left - sum(tried)), strict=True))
            elif not unknown:
                yield known

    found = set()
    for table in product(*(list(lines(row)) for row in rows)):
        if all(sum(line[column] for line in table) == published[TOTAL, column] for column in columns):
            found.add(table[rows.index(place[0])][place[1]])
    return found


@pytest.mark.parametrize("planted", [False, True])
def test_who_knows_that_nothing_left_out_is_nothing_learns_no_number(monkeypatch, planted):
    """The planted fault is the rule of before: exact and small sums only."""
    if planted:
        monkeypatch.setattr(suppression, "SPREAD", 0)
    published = hide_table(RING)
    learnt = {
        place: what_fits(RING, published, place) for place in RING if published[place] is None and place[1] != TOTAL
    }
    least = min(max(values) - min(values) for values in learnt.values())
    assert least == 0 if planted else least >= 4
    listed = hide_list(ELEVEN_ONES)
    hidden = [key for key, value in listed.items() if value is None and key != TOTAL]
    rest = listed[TOTAL] - sum(value for key, value in listed.items() if value is not None and key != TOTAL)
    assert (rest == len(hidden)) is planted, "eleven ones that make eleven"


def test_a_countrys_months_are_left_out_in_a_breath():
    """A hundred types, a dozen programs: seconds would be a fault of ours, it was ninety."""
    drawn = random.Random(3)
    counts = {
        (f"{row:03d}", f"S{column}"): drawn.choice([0, 0, 0, 1, 3, 8, 15, 40, 400, 9000])
        for row, column in product(range(100), range(12))
    }
    assert determined({place for place, value in hide_table(counts).items() if value is None}) is None


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
