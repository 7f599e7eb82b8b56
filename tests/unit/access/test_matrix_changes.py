"""What a new version of the matrix changes is read from its own dates, and told for a while around them."""

from datetime import date, timedelta

import pytest

from carnet.access.rules.matrix import Habilitation, HabilitationMatrix

FIRST, DAY = date(2023, 10, 26), date(2027, 3, 1)


def cell(group, code, kind, consult, since):
    return Habilitation(group, code, kind, consult, "L", since)


ROWS = [
    cell("MED", "10", "11488-4", True, FIRST),
    cell("IDE", "60", "11488-4", False, FIRST),
    cell("IDE", "60", "11488-4", True, DAY),  # opened
    cell("PHA", "21", "11488-4", True, FIRST),
    cell("PHA", "21", "11488-4", False, DAY),  # closed
    cell("PHA", "21", "34133-9", False, DAY),  # said anew, nobody could before
    cell("MED", "10", "34133-9", True, FIRST),
    cell("MED", "10", "34133-9", True, DAY),  # said again
]


def test_a_change_is_what_was_otherwise_the_day_before():
    (change,) = HabilitationMatrix(ROWS).changes
    assert (change.day, change.opened, change.closed) == (DAY, (("IDE", "11488-4"),), (("PHA", "11488-4"),))


def test_the_first_day_of_a_table_and_a_day_that_says_the_same_change_nothing():
    assert HabilitationMatrix(row for row in ROWS if row.effective_from == FIRST).changes == ()
    assert HabilitationMatrix([ROWS[0], ROWS[-2], ROWS[-1]]).changes == ()


def test_it_is_announced_from_a_month_before_to_two_months_after():
    matrix = HabilitationMatrix(ROWS)
    days = {before: matrix.announced(on=DAY - timedelta(days=before)) is not None for before in (31, 30, 0, -59, -60)}
    assert days == {31: False, 30: True, 0: True, -59: True, -60: False}


def test_every_version_has_its_name():
    assert len({HabilitationMatrix(ROWS[:number]).version for number in range(1, len(ROWS) + 1)}) == len(ROWS)


def test_several_changes_are_told_newest_first_and_each_for_its_own_while():
    later = DAY + timedelta(days=70)
    matrix = HabilitationMatrix([*ROWS, cell("IDE", "60", "11488-4", False, later)])
    assert [one.day for one in matrix.changes] == [later, DAY]
    assert (matrix.changes[0].opened, matrix.changes[0].closed) == ((), (("IDE", "11488-4"),))
    assert matrix.announced(on=DAY + timedelta(days=59)) == matrix.changes[0], "the newer one, where both are near"
    assert matrix.announced(on=DAY + timedelta(days=39)) == matrix.changes[1]


def test_a_table_speaks_once_a_day_of_one_cell():
    with pytest.raises(ValueError, match="two rules on one day"):
        HabilitationMatrix([*ROWS, cell("IDE", "60", "11488-4", False, DAY)])
    history = [cell("IDE", "60", "11488-4", number % 2 == 0, DAY + timedelta(days=number)) for number in range(5)]
    matrix = HabilitationMatrix(history)
    reads = [matrix.may_consult(profession="60", type_code="11488-4", at=one.effective_from) for one in history]
    assert reads == [True, False, True, False, True]
    assert not matrix.may_consult(profession="60", type_code="11488-4", at=DAY - timedelta(days=1))
    assert [matrix.cell(profession="60", type_code="11488-4", at=one.effective_from) for one in history] == history
    assert matrix.cell(profession="60", type_code="11488-4", at=DAY - timedelta(days=1)) is None


def test_a_table_is_named_by_sixteen_digits():
    assert len(HabilitationMatrix(ROWS).version) == 16
