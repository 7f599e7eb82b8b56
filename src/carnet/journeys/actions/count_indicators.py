"""Counts the weeks and months that are over, once, and publishes what cannot point at anybody.

Signed in as carnet_batch, which sees numbers only: the functions that count belong to a role nobody connects as. A
period is never counted again: two counts of the same days would tell who came in between.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

import msgspec

from carnet.infra.db import Database, Work, work
from carnet.journal.api import Act, record
from carnet.journeys.rules.periods import ZONE, Period, past_months, past_weeks
from carnet.journeys.rules.suppression import hide_list, hide_table
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow

LIFE = ("notified", "opened", "activated", "opposed", "closed")
WEEKS, MONTHS = 8, 3
"""How far back a house that was asleep catches up."""
_DONE = "SELECT period FROM indicator WHERE series = %(series)s AND row_key = '' AND column_key = ''"
_LIFE = "SELECT series, departement, number FROM count_life(%(since)s, %(until)s)"
_DOCUMENTS = "SELECT type_code, software, number FROM count_documents(%(since)s, %(until)s)"
_VISITS = "SELECT series, number FROM count_visits(%(since)s, %(until)s, %(zone)s)"
_PUBLISH = """
INSERT INTO indicator (series, period, row_key, column_key, value, counted_at)
SELECT f.series, f.period, f.row_key, f.column_key, f.value, %(at)s
FROM unnest(%(series)s::text[], %(periods)s::date[], %(rows)s::text[], %(columns)s::text[], %(values)s::bigint[])
  AS f (series, period, row_key, column_key, value)
ON CONFLICT DO NOTHING
"""
_OTHERS = "—"
"""The key of a département or software nobody knows: the empty key is the total's."""


class Figure(msgspec.Struct, frozen=True):
    """One published number. period: first day of a week or month; row, column: "" for totals; value None: kept back."""

    series: str
    period: date
    row: str
    column: str
    value: int | None


async def count_indicators(*, actor: Actor, batch: Database, at: datetime) -> int:
    """Count what is over and was not counted; return how many numbers that made. Safe to run twice."""
    async with work(space=None, at=at, database_=batch) as w:
        figures: list[Figure] = []
        for week in await _uncounted(w, past_weeks(at, most=WEEKS), LIFE[0]):
            figures += await _life(w, week)
        for month in await _uncounted(w, past_months(at, most=MONTHS), "documents"):
            figures += await _documents(w, month)
            figures += await _visits(w, month)
        if figures:
            await _store(w, figures)
            told = {"figures": len(figures)}
            await record(w, Act.COUNT_INDICATORS, allow(Ground.DUTY), actor=actor, details=told)
    return len(figures)


async def publish_figures(*, actor: Actor, batch: Database, figures: Iterable[Figure], at: datetime) -> None:
    """Publish figures made elsewhere (the sandbox's fictitious country); those there are stay."""
    async with work(space=None, at=at, database_=batch) as w:
        given = list(figures)
        await _store(w, given)
        await record(w, Act.COUNT_INDICATORS, allow(Ground.DUTY), actor=actor, details={"figures": len(given)})


async def _uncounted(w: Work, periods: Iterable[Period], series: str) -> list[Period]:
    done = {row[0] for row in await w.rows(_DONE, {"series": series})}
    return [one for one in periods if one.first not in done]


async def _life(w: Work, week: Period) -> list[Figure]:
    counts: dict[str, dict[str, int]] = {series: {} for series in LIFE}
    for series, departement, number in await w.rows(_LIFE, _asked(week)):
        found = counts[series]
        found[departement or _OTHERS] = found.get(departement or _OTHERS, 0) + number
    return [_figure(series, week, row, "", hidden) for series in LIFE for row, hidden in _hidden(counts[series])]


async def _documents(w: Work, month: Period) -> list[Figure]:
    counts: dict[tuple[str, str], int] = {}
    for type_code, software, number in await w.rows(_DOCUMENTS, _asked(month)):
        place = (type_code, software or _OTHERS)
        counts[place] = counts.get(place, 0) + number
    table = hide_table(counts) or {("", ""): 0}
    return [_figure("documents", month, row, column, value) for (row, column), value in table.items()]


async def _visits(w: Work, month: Period) -> list[Figure]:
    """Three numbers, each inside the one before: published when neither they nor their differences are small."""
    found = dict(await w.rows(_VISITS, _asked(month)))
    spaces, came, back = (found.get(one, 0) for one in ("spaces", "came", "came-back"))
    parts = hide_list({"away": max(spaces - came, 0), "once": came - back, "back": back})
    shown = None not in parts.values()
    numbers = {"spaces": spaces, "came": came, "came-back": back}
    return [_figure(series, month, "", "", number if shown else None) for series, number in numbers.items()]


def _hidden(counts: Mapping[str, int]) -> Iterable[tuple[str, int | None]]:
    return hide_list(counts).items()


def _figure(series: str, period: Period, row: str, column: str, value: int | None) -> Figure:
    return Figure(series, period.first, row, column, value)


def _asked(period: Period) -> dict[str, object]:
    return {"since": period.since, "until": period.until, "zone": ZONE}


async def _store(w: Work, figures: list[Figure]) -> None:
    columns = {
        "series": [one.series for one in figures],
        "periods": [one.period for one in figures],
        "rows": [one.row for one in figures],
        "columns": [one.column for one in figures],
        "values": [one.value for one in figures],
    }
    await w.execute(_PUBLISH, columns | {"at": w.at})
