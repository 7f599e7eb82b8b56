"""The table of decisions names every record, in the order of their numbers; each says whether it stands."""

import re
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "docs" / "decisions"
_LINE = re.compile(r"^\| \[(\d{4})\]\((\1-[\w-]+\.md)\) \| \S", re.MULTILINE)


def test_every_decision_is_in_the_table():
    listed = [name for _, name in _LINE.findall((FOLDER / "README.md").read_text("utf-8"))]
    assert len(listed) > 30
    assert listed == sorted(one.name for one in FOLDER.glob("[0-9]*.md"))


def test_every_decision_says_whether_it_stands():
    assert [one.name for one in FOLDER.glob("[0-9]*.md") if "Status: " not in one.read_text("utf-8")] == []
