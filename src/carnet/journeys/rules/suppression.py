"""Numbers too small to be published, and those that would give them away. Pure.

A count from 1 to 10 may point at somebody (French health statistics keep back fewer than 11). Left out alone it
can be worked out from a total, so others are left out with it, until nothing that was left out can be: neither exactly,
nor as a sum that is itself small. Zero is published. Ignored here: what is counted, and differences over time (a period
is counted once, when it is over).
"""

from collections.abc import Mapping
from itertools import chain

LEAST = 11
TOTAL = ""
"""The key of totals, in rows and in columns."""

Place = tuple[str, str]
Counts = Mapping[Place, int]
Published = dict[Place, int | None]


def hide_list(counts: Mapping[str, int], *, least: int = LEAST) -> dict[str, int | None]:
    """Return a list with its total under TOTAL, what must not be known as None."""
    hidden = {key for key, number in counts.items() if 0 < number < least}
    while hidden and (len(hidden) == 1 or sum(counts[key] for key in hidden) < least):
        rest = sorted((number, key) for key, number in counts.items() if key not in hidden and number)
        if not rest:
            break
        hidden.add(rest[0][1])
    total = sum(counts.values())
    kept_back = total and (total < least or (hidden and (len(hidden) == 1 or sum(counts[k] for k in hidden) < least)))
    shown: dict[str, int | None] = {key: None if key in hidden else number for key, number in counts.items()}
    return shown | {TOTAL: None if kept_back else total}


def hide_table(counts: Counts, *, least: int = LEAST) -> Published:
    """Return a table with its totals (TOTAL as row, as column, as both), what must not be known as None."""
    full = with_totals(counts)
    hidden = {place for place, number in full.items() if 0 < number < least}
    while (given_away := _given_away(full, hidden, least)) is not None:
        hidden.add(given_away)
    return {place: None if place in hidden else number for place, number in full.items()}


def with_totals(counts: Counts) -> dict[Place, int]:
    """Return every cell of the table, zeros too, and its totals."""
    rows, columns = sorted({row for row, _ in counts}), sorted({column for _, column in counts})
    full = {(row, column): counts.get((row, column), 0) for row in rows for column in columns}
    for row in rows:
        full[row, TOTAL] = sum(full[row, column] for column in columns)
    for column in (*columns, TOTAL):
        full[TOTAL, column] = sum(full[row, column] for row in rows)
    return full


def determined(hidden: set[Place]) -> Place | None:
    """Return a hidden cell that follows from what is published, None when there is none.

    Each row and each column is one equation (its cells make its total). A hidden cell joins a row and a column; it can
    be worked out exactly when no other path of hidden cells joins them.
    """
    return next((place for place in sorted(hidden) if not _joined(place, hidden - {place})), None)


def _joined(place: Place, others: set[Place]) -> bool:
    reached, waiting = set(), [(0, place[0])]
    while waiting:
        node = waiting.pop()
        if node in reached:
            continue
        reached.add(node)
        side, key = node
        waiting += [(1 - side, one[1 - side]) for one in others if one[side] == key]
    return (1, place[1]) in reached


def _given_away(full: Mapping[Place, int], hidden: set[Place], least: int) -> Place | None:
    """Return the next cell to leave out, None when what is left out stays unknown."""
    exposed = determined(hidden)
    if exposed is not None:
        return _companion(full, hidden, exposed)
    for side, key in chain(((0, row) for row, _ in full), ((1, column) for _, column in full)):
        line = {place for place in full if place[side] == key}
        left_out = {place for place in line & hidden if place[1 - side] != TOTAL}
        known = not any(place in hidden for place in line if place[1 - side] == TOTAL)
        if left_out and known and sum(full[place] for place in left_out) < least:
            return _companion(full, hidden, min(left_out), side=side)
    return None


def _companion(
    full: Mapping[Place, int], hidden: set[Place], beside: Place, *, side: int | None = None
) -> Place | None:
    """Return the cheapest published cell in the row or column of `beside`: inner cells first, the smallest first."""
    sides = (0, 1) if side is None else (side,)
    near = {place for one in sides for place in full if place[one] == beside[one]} - hidden
    ranked = sorted((TOTAL in place, full[place] == 0, full[place], place) for place in near)
    return ranked[0][3] if ranked else None
