"""The style sheet of clinical documents: readable in both schemes, and loading nothing."""

import re

import pytest

from carnet.formats import cda

CSS = cda.STYLESHEET.read_text()
TEXT_PAIRS = [
    ("ink", "paper"), ("ink", "card"), ("ink", "band"), ("quiet", "paper"), ("quiet", "card"), ("accent", "paper"),
    ("accent", "card"), ("paper", "accent"), ("notice-ink", "notice"),
]  # fmt: skip
BORDER_PAIRS = [("control", "paper"), ("control", "card"), ("accent", "card")]


def _schemes() -> dict[str, dict[str, str]]:
    found = [
        dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block))
        for block in re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
    ]
    return {"light": found[0], "dark": found[1]}


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrasts_meet_wcag_aa(scheme: str) -> None:
    colours = _schemes()[scheme]
    for ink, paper in TEXT_PAIRS:
        assert _contrast(colours[ink], colours[paper]) >= 4.5, (ink, paper)
    for line, paper in BORDER_PAIRS:
        assert _contrast(colours[line], colours[paper]) >= 3, (line, paper)


def test_the_measure_knows_black_from_grey() -> None:
    """Planted fault: a pale text would be seen."""
    assert round(_contrast("#000000", "#ffffff"), 1) == 21
    assert _contrast("#999999", "#ffffff") < 4.5


def test_nothing_is_loaded() -> None:
    assert "url(" not in CSS
    assert "@import" not in CSS
    assert "@font-face" not in CSS


def test_every_class_of_the_templates_is_styled_or_known() -> None:
    folder = cda.STYLESHEET.parents[1]
    sources = [*folder.glob("templates/*.html"), folder / "fragments.py"]
    used = {
        name
        for source in sources
        for names in re.findall(r'class="([^"{]+)"', source.read_text())
        for name in names.split()
    }
    unstyled = {name for name in used if f".{name}" not in CSS}
    assert unstyled <= {"note-ref", "dead-link", "cda-file", "part-caption", "level-"}
