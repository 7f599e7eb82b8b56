"""Delays of a space's life, counted as the law counts them: in civil days, months and years where the person lives.

A delay of days runs from an instant to the same hour of the clock on the wall so many days later: a change of the hour
in between neither shortens nor lengthens it by a night. Months and years end on the same day of the month, or its last
(article 641 CPC). Overseas has no summer time; its walls show other hours, which matters at every change of Paris's.
"""

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from zoneinfo import ZoneInfo

PARIS = "Europe/Paris"
OVERSEAS = {
    "971": "America/Guadeloupe",
    "972": "America/Martinique",
    "973": "America/Cayenne",
    "974": "Indian/Reunion",
    "975": "America/Miquelon",
    "976": "Indian/Mayotte",
    "977": "America/St_Barthelemy",
    "978": "America/Marigot",
    "986": "Pacific/Wallis",
    "987": "Pacific/Tahiti",
    "988": "Pacific/Noumea",
}
"""Time zones (IANA) by département or territory; every other is Paris's. Source: INSEE, code officiel géographique."""

_MONTHS = 12


class Unit(StrEnum):
    """What a delay is counted in."""

    DAYS = "days"
    MONTHS = "months"
    YEARS = "years"


def zone_of(departement: str) -> str:
    """Return the IANA zone whose civil days count for somebody living in `departement` ("31", "2A", "974")."""
    return OVERSEAS.get(departement, PARIS)


def after(at: datetime, number: int, unit: Unit, *, zone: str = PARIS) -> datetime:
    """Return the instant (UTC) `number` of `unit` after `at`, by the calendar and clock of `zone`.

    Of an hour the clocks skip or show twice the later reading counts: never a shorter delay.
    """
    where = _zone(zone)
    local = at.astimezone(where).replace(tzinfo=None)
    if unit is Unit.DAYS:
        moved = local + timedelta(days=number)
    else:
        moved = _months_later(local, number * (_MONTHS if unit is Unit.YEARS else 1))
    readings = (moved.replace(tzinfo=where, fold=fold).astimezone(UTC) for fold in (0, 1))
    return max(readings)


def _months_later(local: datetime, months: int) -> datetime:
    years, month = divmod(local.month - 1 + months, _MONTHS)
    year = local.year + years
    return local.replace(year=year, month=month + 1, day=min(local.day, monthrange(year, month + 1)[1]))


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
