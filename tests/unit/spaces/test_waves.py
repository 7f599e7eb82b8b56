"""Nobody of the insurer's file lives where no wave comes, and each waits for the day of where they live."""

import datetime as dt

import pytest

from carnet.spaces.rules.beneficiaries import departement_of
from carnet.spaces.rules.waves import CALENDAR, come

BEGINS = dt.date(2027, 1, 11)


def codes(at):
    return [one.departement for one in come(BEGINS, at)]


def test_every_postcode_is_in_the_calendar_and_the_pilots_are_first():
    assert list(CALENDAR)[:3] == ["31", "44", "80"]
    assert {departement_of(f"{number:05d}") for number in range(100_000)} == set(CALENDAR)
    assert all(one.people_a_day > 0 and one.source in {"S", "R"} for one in CALENDAR.values())


def test_a_departement_is_told_from_its_day_on_by_its_own_clock():
    midnight = dt.datetime(2027, 1, 10, 23, tzinfo=dt.UTC)
    assert codes(midnight - dt.timedelta(seconds=1)) == []
    assert codes(midnight) == ["31", "44", "80"]
    everywhere = codes(midnight + dt.timedelta(days=216))
    assert everywhere == ["31", "44", "80"]
    summer = dt.datetime(2027, 8, 15, 22, tzinfo=dt.UTC)  # midnight of 16 August, day 217, in Paris
    assert len(codes(summer - dt.timedelta(seconds=1))) == 3
    assert len(codes(summer)) == 96
    overseas = dt.datetime(2027, 8, 22, 22, tzinfo=dt.UTC)  # the 23rd in Paris and Réunion, the 22nd in Guadeloupe
    assert {"974", "99"} <= set(codes(overseas))
    assert "971" not in codes(overseas)
    assert set(codes(overseas + dt.timedelta(days=1))) == set(CALENDAR)


@pytest.mark.parametrize(
    ("postcode", "departement"),
    [("00200", "99"), ("98000", "99"), ("96000", "99"), ("99999", "99"), ("20200", "2B"), ("97411", "974")],
)
def test_the_post_of_the_armed_forces_monaco_and_mistakes_go_with_those_abroad(postcode, departement):
    assert departement_of(postcode) == departement
