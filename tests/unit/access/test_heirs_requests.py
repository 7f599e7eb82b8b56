"""What an age decides at a death, and whom the person's own refusal binds."""

import datetime as dt

import pytest

from carnet.access.rules.heirs_requests import ANSWER_WITHIN, READS_FOR, Capacity, at_death, is_refused_ahead
from carnet.kernel.family_limits import FamilyLimits

MOMENT = dt.timedelta(microseconds=1)
# midnights in Paris of the birthdays of somebody born on 2 June 2010
FIFTEENTH = dt.datetime(2025, 6, 1, 22, tzinfo=dt.UTC)
EIGHTEENTH = dt.datetime(2028, 6, 1, 22, tzinfo=dt.UTC)
DIED = {
    "a child": (FIFTEENTH - MOMENT, True, False),
    "at fifteen, to the midnight": (FIFTEENTH, True, True),
    "the day before their majority": (EIGHTEENTH - MOMENT, True, True),
    "of age": (EIGHTEENTH, False, False),
}


@pytest.mark.parametrize("case", DIED)
def test_a_minor_and_a_grown_minor_are_told_apart_to_the_birthday(case):
    died_at, minor, discreet = DIED[case]
    found = at_death("2010-06-02", limits=FamilyLimits(), died_at=died_at)
    assert (found.minor, found.discreet) == (minor, discreet)


def test_where_no_age_is_discreet_nobody_is():
    found = at_death("2010-06-02", limits=FamilyLimits(discreet_age=0), died_at=EIGHTEENTH - MOMENT)
    assert (found.minor, found.discreet) == (True, False)


@pytest.mark.parametrize("capacity", Capacity)
def test_a_refusal_while_alive_binds_all_but_parents(capacity):
    assert is_refused_ahead(capacity, refuses=True) is (capacity is not Capacity.PARENT)
    assert not is_refused_ahead(capacity, refuses=False)


def test_a_month_to_read_and_eight_days_to_answer():
    assert (READS_FOR.days, ANSWER_WITHIN.days) == (30, 8)
