"""In which order the country is told: for each département its first day and how many people a day. A table, waves.csv.

Pilots first, as the real campaign began (Haute-Garonne, Loire-Atlantique, Somme: mes.md §1.3); then the others. A quota
keeps the help line reachable: nobody is told faster than questions can be answered. Where the numbers come from:
waves.md. The table counts days from the first one of the campaign, which the operator says.
"""

import csv
from datetime import date, datetime, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

import msgspec

from carnet.spaces.rules.delays import zone_of

ABROAD = "99"


class Turn(msgspec.Struct, frozen=True):
    """When the people of a département are told. day: their first, counted from that of the campaign (0)."""

    departement: str
    day: int
    people_a_day: int
    source: str


def _read() -> dict[str, Turn]:
    text = files("carnet.spaces").joinpath("rules", "waves.csv").read_text(encoding="utf-8")
    read = (msgspec.convert(row, Turn, strict=False) for row in csv.DictReader(text.splitlines()))
    return {one.departement: one for one in sorted(read, key=lambda one: (one.day, one.departement))}


CALENDAR: dict[str, Turn] = _read()
"""By département, in the order in which people are told."""


def come(begins: date, at: datetime) -> tuple[Turn, ...]:
    """Return the turns that have come at `at`, by the day where people live. begins: first day of the campaign."""
    return tuple(
        one
        for one in CALENDAR.values()
        if at.astimezone(ZoneInfo(zone_of(one.departement))).date() >= begins + timedelta(days=one.day)
    )
