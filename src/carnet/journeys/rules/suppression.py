"""Numbers too small to be published, and those that would give them away. Pure.

A count from 1 to 10 may point at somebody (French health statistics keep back fewer than 11). Left out alone it
can be worked out from a total, so others are left out with it, until nothing that was left out can be: neither exactly,
nor nearly, nor as a sum that is itself small. Zero is published, so whoever tries knows that what is left out is at
least one: eleven ones that make eleven are eleven ones. Ignored here: what is counted, and differences over time (a
period is counted once, when it is over).
"""

from collections.abc import Iterator, Mapping
from itertools import chain

LEAST = 11
SPREAD = 4
"""How far apart the least and the most that a number left out may be are kept: five values and more."""
TOTAL = ""
"""The key of totals, in rows and in columns."""

Place = tuple[str, str]
Counts = Mapping[Place, int]
Published = dict[Place, int | None]
_Node = tuple[int, str]
"""A row (0) or a column (1), by its key."""
_UNLIMITED = 1 << 60


def hide_list(counts: Mapping[str, int], *, least: int = LEAST) -> dict[str, int | None]:
    """Return a list with its total under TOTAL, what must not be known as None."""
    hidden = {key for key, number in counts.items() if 0 < number < least}
    while hidden and _tells(counts, hidden, least):
        rest = sorted((number, key) for key, number in counts.items() if key not in hidden and number)
        if not rest:
            break
        hidden.add(rest[0][1])
    total = sum(counts.values())
    kept_back = total and (total < least or (hidden and _tells(counts, hidden, least)))
    shown: dict[str, int | None] = {key: None if key in hidden else number for key, number in counts.items()}
    return shown | {TOTAL: None if kept_back else total}


def _tells(counts: Mapping[str, int], hidden: set[str], least: int) -> bool:
    """Tell whether what is left out of a list follows, or nearly, from its total: each is one at least."""
    left_out = sum(counts[key] for key in hidden)
    return len(hidden) == 1 or left_out < least or left_out - len(hidden) < SPREAD


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
    be worked out exactly when no other path of hidden cells joins them: when it is a bridge (Tarjan, 1974).
    """
    near: dict[_Node, list[_Node]] = {}
    for row, column in sorted(hidden):
        near.setdefault((0, row), []).append((1, column))
        near.setdefault((1, column), []).append((0, row))
    order: dict[_Node, int] = {}
    lowest: dict[_Node, int] = {}
    bridges: list[Place] = []
    for root in near:
        if root not in order:
            _walk(root, near, order, lowest, bridges)
    return min(bridges, default=None)


def _walk(
    root: _Node,
    near: Mapping[_Node, list[_Node]],
    order: dict[_Node, int],
    lowest: dict[_Node, int],
    bridges: list[Place],
) -> None:
    """Go through what hangs together with a node, and note its bridges."""
    order[root] = lowest[root] = len(order)
    stack: list[tuple[_Node, _Node | None, Iterator[_Node]]] = [(root, None, iter(near[root]))]
    while stack:
        node, parent, rest = stack[-1]
        other = next(rest, None)
        if other is None:
            stack.pop()
            if parent is not None:
                lowest[parent] = min(lowest[parent], lowest[node])
                if lowest[node] > order[parent]:
                    bridges.append((node[1], parent[1]) if node[0] == 0 else (parent[1], node[1]))
        elif other not in order:
            order[other] = lowest[other] = len(order)
            stack.append((other, node, iter(near[other])))
        elif other != parent:
            lowest[node] = min(lowest[node], order[other])


def _given_away(full: Mapping[Place, int], hidden: set[Place], least: int) -> Place | None:
    """Return the next cell to leave out, None when what is left out stays unknown."""
    exposed = determined(hidden)
    if exposed is not None:
        return _companion(full, hidden, exposed)
    for side, key in dict.fromkeys(chain(((0, row) for row, _ in full), ((1, column) for _, column in full))):
        line = {place for place in full if place[side] == key}
        left_out = {place for place in line & hidden if place[1 - side] != TOTAL}
        known = not any(place in hidden for place in line if place[1 - side] == TOTAL)
        if left_out and known and sum(full[place] for place in left_out) < least:
            return _companion(full, hidden, min(left_out), side=side)
    nearly = next((place for place in sorted(hidden) if spread(full, hidden, place, most=SPREAD) < SPREAD), None)
    return None if nearly is None else _companion(full, hidden, nearly)


def spread(full: Mapping[Place, int], hidden: set[Place], place: Place, *, most: int) -> int:
    """Return how far apart the least and the most are that a hidden cell may be, `most` or more counted as `most`.

    The equations are those of a circulation: a cell flows from its row to its column, a row's total into the row, a
    column's out of it, the grand total back. A cell may grow by what flows from its end back to its beginning through
    other hidden cells, with them (no limit) or against them (each keeps one), and shrink the other way round.
    """
    room = {arc: (_UNLIMITED, full[one] - 1) for one in hidden - {place} for arc in (_arc(one),)}
    start, end = _arc(place)
    grows = _flow(room, end, start, most)
    if grows == most:
        return most
    return min(most, grows + min(full[place] - 1, _flow(room, start, end, most)))


def _arc(place: Place) -> tuple[_Node, _Node]:
    row, column = (0, place[0]), (1, place[1])
    return (column, row) if (place[0] == TOTAL) != (place[1] == TOTAL) else (row, column)


def _flow(room: Mapping[tuple[_Node, _Node], tuple[int, int]], start: _Node, end: _Node, most: int) -> int:
    """Return how much more can go from one node to another, at most `most`: one path after another."""
    left: dict[_Node, dict[_Node, int]] = {}
    for (tail, head), (more, less) in room.items():
        left.setdefault(tail, {})[head] = left.get(tail, {}).get(head, 0) + more
        left.setdefault(head, {})[tail] = left.get(head, {}).get(tail, 0) + less
    total = 0
    while total < most and (path := _path(left, start, end)):
        size = min(most - total, *(left[tail][head] for tail, head in path))
        for tail, head in path:
            left[tail][head] -= size
            left[head][tail] += size
        total += size
    return total


def _path(left: Mapping[_Node, Mapping[_Node, int]], start: _Node, end: _Node) -> list[tuple[_Node, _Node]]:
    came: dict[_Node, _Node] = {start: start}
    waiting = [start]
    while waiting and end not in came:
        node = waiting.pop(0)
        for head, room in left.get(node, {}).items():
            if room and head not in came:
                came[head] = node
                waiting.append(head)
    if end not in came:
        return []
    path, node = [], end
    while node != start:
        path.append((came[node], node))
        node = came[node]
    return path


def _companion(
    full: Mapping[Place, int], hidden: set[Place], beside: Place, *, side: int | None = None
) -> Place | None:
    """Return the cheapest published cell in the row or column of `beside`: inner cells first, the smallest first."""
    sides = (0, 1) if side is None else (side,)
    near = {place for one in sides for place in full if place[one] == beside[one]} - hidden
    ranked = sorted((TOTAL in place, full[place] == 0, full[place], place) for place in near)
    return ranked[0][3] if ranked else None
