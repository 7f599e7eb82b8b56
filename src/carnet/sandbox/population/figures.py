"""Made-up numbers at the scale of a country, so that the pilot's view shows something on the first day.

The same day gives the same numbers: no chance, waves and slopes only. Nobody is counted here: there is nobody.
"""

from datetime import date, timedelta
from itertools import product

import msgspec

WEEKS, MONTHS, LEAST = 26, 12, 11
_PLACES = {"13": 30, "31": 21, "33": 24, "44": 21, "59": 38, "69": 28, "75": 31, "80": 8, "974": 13, "2A": 2, "48": 1}
"""Département and its weight."""
_SOFTWARES = {"Dossier Clair": 52, "Officine Plus": 21, "Labo Net": 18, "Imagerie 3D": 9}
_TYPES = {"11502-2": 40, "18748-4": 12, "11488-4": 30, "34105-7": 8, "57833-6": 10}
_SHARES = {"notified": 1.0, "opened": 0.97, "activated": 0.22, "opposed": 0.009, "closed": 0.002}


class MadeUp(msgspec.Struct, frozen=True):
    """One number, keys as the published ones: row, column "" for totals; value None: kept back."""

    series: str
    period: date
    row: str
    column: str
    value: int | None


def made_up_figures(today: date) -> tuple[MadeUp, ...]:
    """Return weeks and months that were over at `today`."""
    monday = today - timedelta(days=today.weekday())
    weeks = [monday - timedelta(weeks=number) for number in range(WEEKS, 0, -1)]
    first, months = today.replace(day=1), []
    for _ in range(MONTHS):
        first = (first - timedelta(days=1)).replace(day=1)
        months.append(first)
    return (*_life(weeks), *_documents(sorted(months)))


def _life(weeks: list[date]) -> list[MadeUp]:
    made = []
    for place, week in enumerate(weeks):
        wave = 900 + 600 * min(place, 12) - 380 * max(place - 15, 0)
        for series, share in _SHARES.items():
            counts = {key: int(wave * weight * share) for key, weight in _PLACES.items()}
            small = [key for key, number in counts.items() if 0 < number < LEAST]
            small += [key for key in sorted(counts, key=counts.__getitem__) if key not in small][: 2 if small else 0]
            made += [MadeUp(series, week, key, "", None if key in small else number) for key, number in counts.items()]
            made.append(MadeUp(series, week, "", "", sum(counts.values())))
    return made


def _documents(months: list[date]) -> list[MadeUp]:
    made = []
    for place, month in enumerate(months):
        whole = 9_000_000 + 1_300_000 * place
        shares = product(_TYPES.items(), _SOFTWARES.items())
        cells = {(row, column): whole * a * b // 10_000 for (row, a), (column, b) in shares}
        made += [MadeUp("documents", month, row, column, value) for (row, column), value in cells.items()]
        for row in _TYPES:
            made.append(MadeUp("documents", month, row, "", sum(v for (r, _), v in cells.items() if r == row)))
        for column in _SOFTWARES:
            made.append(MadeUp("documents", month, "", column, sum(v for (_, c), v in cells.items() if c == column)))
        made.append(MadeUp("documents", month, "", "", sum(cells.values())))
        spaces = 41_000_000 + 1_900_000 * place
        visits = {"spaces": spaces, "came": spaces * (9 + place) // 100, "came-back": spaces * (4 + place // 2) // 100}
        made += [MadeUp(series, month, "", "", value) for series, value in visits.items()]
    return made
