"""The threat list names tests: each of them exists, and no threat is left without a word."""

import ast
import functools
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "threats.md"
_NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
_ROW = re.compile(r"^\| (T\d\d) \|.*\| (.+) \|$", re.MULTILINE)
# the numbers of the threat list this page restates
THREATS = (*range(1, 8), *range(10, 61))


@functools.cache
def written_in(path):
    file = ROOT / path
    if not file.is_file():
        return frozenset()
    found = ast.walk(ast.parse(file.read_text()))
    return frozenset(one.name for one in found if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef))


def missing(text):
    """The tests a text names that are nowhere."""
    return [f"{path}::{name}" for path, name in _NAMED.findall(text) if name not in written_in(path)]


def test_every_threat_has_its_line():
    rows = _ROW.findall(PAGE.read_text())
    assert [number for number, _ in rows] == [f"T{number:02d}" for number in THREATS]
    for number, shown in rows:
        assert _NAMED.search(shown) or shown.startswith("Not yet"), number


def test_every_named_test_exists():
    assert len(_NAMED.findall(PAGE.read_text())) > 60
    assert missing(PAGE.read_text()) == []


@pytest.mark.parametrize("name", ["test_threats.py::test_that_nobody_wrote", "test_no_file.py::test_x"])
def test_a_name_of_nothing_is_seen(name):
    assert missing(f"`tests/architecture/{name}`") == [f"tests/architecture/{name}"]
