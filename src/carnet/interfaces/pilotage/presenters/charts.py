"""A chart as numbers ready to be drawn: bars of one series, a line for each target. Drawn as SVG without a style.

Every chart has a table twin; what is kept back has no bar and says so. Coordinates are those of a 720 by 220 drawing.
"""

import msgspec

WIDTH, HEIGHT, LEFT, BOTTOM = 720, 220, 8, 24


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """One period. shown False: kept back, drawn as a mark on the ground line."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    label: str
    shown: bool
    labelled: bool


class Line(msgspec.Struct, frozen=True):
    """A target: how high its line is drawn, and the few words beside it."""

    y: float
    label: str


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """A chart. summary: what it shows, in words; targets: the lines above the bars."""

    key: str
    title: str
    summary: str
    bars: tuple[Bar, ...]
    highest: str
    targets: tuple[Line, ...] = ()
    target_label: str = ""
    width: int = WIDTH
    height: int = HEIGHT
    ground: int = HEIGHT - BOTTOM


class Point(msgspec.Struct, frozen=True):
    """A period and its number, None when it is kept back."""

    label: str
    value: int | None


def draw(
    *,
    key: str,
    title: str,
    summary: str,
    points: tuple[Point, ...],
    highest: str,
    targets: tuple[tuple[int, str], ...] = (),
) -> Chart:
    """Return the chart of `points`, in order. highest: the greatest number in words; targets: numbers and labels."""
    most = max([point.value or 0 for point in points] + [number for number, _ in targets] + [1])
    room, ground = WIDTH - 2 * LEFT, HEIGHT - BOTTOM
    step = room / max(len(points), 1)
    every = max(1, -(-len(points) // 12))
    bars = []
    for place, point in enumerate(points):
        height = (point.value or 0) / most * (ground - 12)
        x = LEFT + place * step
        bars.append(
            Bar(
                x=round(x + step * 0.15, 1),
                y=round(ground - height, 1),
                width=round(step * 0.7, 1),
                height=round(height, 1),
                middle=round(x + step / 2, 1),
                label=point.label,
                shown=point.value is not None,
                labelled=place % every == 0,
            )
        )
    lines = tuple(Line(round(ground - number / most * (ground - 12), 1), label) for number, label in targets)
    return Chart(key=key, title=title, summary=summary, bars=tuple(bars), highest=highest, targets=lines)
