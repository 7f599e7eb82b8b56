"""Ages and what follows from them, decided by the calendar in Paris: until when representatives act, and how far.

Pure. A birthday begins at midnight in Europe/Paris, for everybody, wherever they live: one country, one instant, so
that no traveller and no server has another age. Who is born on 29 February has completed a year when 28 February is
over: their birthday is 1 March in a year without the 29th (art. 388 code civil; the day is completed, never begun).
A birth date a register holds in part counts from its first possible day: in doubt, the child's secret is kept sooner.
"""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import msgspec

from carnet.kernel.family_limits import FamilyLimits
from carnet.spaces.rules.delays import PARIS

_WHOLE = len("2010-06-24")


class Autonomy(msgspec.Struct, frozen=True, kw_only=True):
    """The steps of growing up. None: that step does not come before majority."""

    majority: datetime
    discreet_from: datetime | None
    looks_only_from: datetime | None


def birthday(birth_date: str, years: int) -> datetime:
    """Return when somebody born on `birth_date` (ISO, possibly partial) has `years` full years: an instant with offset.

    Raises ValueError when `birth_date` is no date.
    """
    born = first_possible_day(birth_date)
    year = born.year + years
    leapling = (born.month, born.day) == (2, 29) and not _is_leap(year)
    day = date(year, 3, 1) if leapling else born.replace(year=year)
    return datetime.combine(day, time(), ZoneInfo(PARIS))


def first_possible_day(birth_date: str) -> date:
    """Return the earliest day a possibly partial ISO date can mean. Raises ValueError when it is none."""
    whole = birth_date + "-01" * ((_WHOLE - len(birth_date)) // len("-01"))
    return date.fromisoformat(whole)


def is_minor(birth_date: str | None, *, majority_age: int, at: datetime) -> bool:
    """Tell whether somebody is not of age yet at `at`; who has no birth date at all is taken for an adult."""
    return birth_date is not None and at < birthday(birth_date, majority_age)


def autonomy(birth_date: str, limits: FamilyLimits) -> Autonomy:
    """Return the steps of somebody's growing up, by the settings. A step at or after majority is none."""

    def step(age: int) -> datetime | None:
        return birthday(birth_date, age) if 0 < age < limits.majority_age else None

    return Autonomy(
        majority=birthday(birth_date, limits.majority_age),
        discreet_from=step(limits.discreet_age),
        looks_only_from=step(limits.looks_only_age),
    )


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
