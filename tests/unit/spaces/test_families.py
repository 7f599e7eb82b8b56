"""At eighteen, at midnight in Paris, whoever was born when: the rule, with the clock moved around each birthday."""

import datetime as dt
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from carnet.access.api import Delegation, Need, SpaceFacts, current_matrix, decide
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.family_limits import FamilyLimits
from carnet.kernel.ids import SpaceId
from carnet.spaces.rules import families
from carnet.spaces.rules.families import autonomy, birthday, is_minor

PARIS = ZoneInfo("Europe/Paris")
FIRST = dt.date(2006, 1, 1)
BIRTHS = [FIRST + dt.timedelta(days=number) for number in range(1461)]
MOMENT = dt.timedelta(microseconds=1)
SPACE = SpaceId(UUID(int=1))
PARENT = Actor(
    kind=ActorKind.REPRESENTATIVE,
    identifier="p",
    name="",
    strong=True,
    acts_for=SPACE,
    delegation=UUID(int=2),
)


def has_eighteen_years(born, day):
    """By counting, not by moving years: on `day`, written on a wall in Paris, eighteen years are full."""
    return (day.year - born.year, (day.month, day.day) >= (born.month, born.day)) >= (18, True)


def wrong(births=BIRTHS):
    """The births whose parent reads a moment too long, or is shut out a moment too soon."""
    matrix, found = current_matrix(), []
    for born in births:
        steps = autonomy(born.isoformat(), FamilyLimits())
        begins = birthday(born.isoformat(), 0)
        held = Delegation(kind="representative", documents=True, starts_at=begins, ends_at=steps.majority)
        facts = SpaceFacts(space=SPACE, state="ACTIVE", epoch=1, delegation=held)
        local = steps.majority.astimezone(PARIS)
        around = (local - dt.timedelta(hours=26), local - MOMENT, local, local + dt.timedelta(hours=26))
        for at in around:
            reads = decide(PARENT, Need.READ, facts, matrix=matrix, at=at).allowed
            if reads == has_eighteen_years(born, at.astimezone(PARIS).date()):
                found.append((born, at))
    return found


def test_four_years_of_births_end_at_midnight_in_paris():
    assert len(BIRTHS) == 1461
    assert dt.date(2008, 2, 29) in BIRTHS
    assert wrong() == []


def test_the_instant_is_the_same_for_everybody_and_another_hour_overseas():
    ends = birthday("2008-03-30", 18)
    assert ends.astimezone(dt.UTC) == dt.datetime(2026, 3, 29, 22, tzinfo=dt.UTC), "summer time began the day before"
    assert ends.astimezone(ZoneInfo("Indian/Reunion")).hour == 2
    assert ends.astimezone(ZoneInfo("Pacific/Noumea")).hour == 9
    assert ends.astimezone(ZoneInfo("America/Martinique")).date() == dt.date(2026, 3, 29)


def test_a_leapling_has_completed_eighteen_years_when_february_is_over():
    assert birthday("2008-02-29", 18).date() == dt.date(2026, 3, 1)
    assert birthday("2008-02-29", 16).date() == dt.date(2024, 2, 29)


@pytest.mark.parametrize(("written", "counts"), [("2008", "2008-01-01"), ("2008-06", "2008-06-01")])
def test_a_birth_date_known_in_part_counts_from_its_first_day(written, counts):
    assert birthday(written, 18) == birthday(counts, 18)


@pytest.mark.parametrize(
    ("born", "minor_before", "minor_after"),
    [("2008-11-22", True, False), ("2009-05", True, True), ("2008", False, False), (None, False, False)],
)
def test_who_is_a_minor_changes_at_midnight_in_paris(born, minor_before, minor_after):
    midnight = dt.datetime(2026, 11, 21, 23, tzinfo=dt.UTC)
    found = [is_minor(born, majority_age=18, at=at) for at in (midnight - MOMENT, midnight)]
    assert found == [minor_before, minor_after]


def test_growing_up_has_steps_and_settings_move_them():
    steps = autonomy("2010-06-24", FamilyLimits(discreet_age=12, looks_only_age=0))
    assert (steps.discreet_from.year, steps.looks_only_from, steps.majority.year) == (2022, None, 2028)


@pytest.mark.parametrize("zone", ["UTC", "America/Guadeloupe", "Pacific/Tahiti"])
def test_another_clock_is_noticed(monkeypatch, zone):
    monkeypatch.setattr(families, "PARIS", zone)
    assert wrong(BIRTHS[:40])


def test_a_birthday_begun_instead_of_completed_is_noticed(monkeypatch):
    monkeypatch.setattr(families, "_is_leap", lambda year: False)
    assert not wrong([dt.date(2008, 2, 28)])
    monkeypatch.setattr(
        families,
        "birthday",
        lambda born, years: dt.datetime.combine(
            dt.date.fromisoformat(born).replace(year=int(born[:4]) + years, day=28), dt.time(), PARIS
        ),
    )
    assert wrong([dt.date(2008, 2, 29)])
