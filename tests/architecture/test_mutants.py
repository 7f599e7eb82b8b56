"""Every module of the rules of access, the vault and the journal is mutated, and docs/mutants.md says with what result.

"All" is what lies in those folders, not a list somebody keeps: a module without a line is a module nobody looked at.
"""

import re

from architecture.findings import ROOT
from mutants.changes import count
from mutants.mutate import EXPLAINED
from mutants.rounds import MODULES

PACKAGES = ("access/rules", "infra/vault", "journal")
_LINE = re.compile(r"\| `(?P<module>[\w.]+)` \| \d+ \| \d+")


def to_mutate():
    """Every module of those packages with something to change: what only holds data has no mutant."""
    folder = ROOT / "src" / "carnet"
    paths = (path for package in PACKAGES for path in (folder / package).rglob("*.py"))
    return {
        ".".join(("carnet", *path.relative_to(folder).with_suffix("").parts))
        for path in paths
        if count(path.read_text())
    }


def lines(text):
    """The modules of the table of runs of docs/mutants.md."""
    table = text.partition("<!-- table -->")[2].partition("<!-- /table -->")[0]
    found = [f"carnet.{row['module']}" for row in _LINE.finditer(table)]
    assert len(set(found)) == len(found), "a module has one line"
    return set(found)


def test_every_module_is_mutated_and_has_its_line():
    known, wanted = lines(EXPLAINED.read_text(encoding="utf-8")), to_mutate()
    assert len(wanted) > 40
    assert wanted - set(MODULES) == set(), "tests/mutants/rounds.py does not say which tests prove it"
    assert set(MODULES) - known == set(), "no line in the table of docs/mutants.md"
    assert known - set(MODULES) == set(), "a line of what is not mutated any more"


def test_a_module_without_tests_or_without_a_line_is_seen():
    """Planted: one of them taken away."""
    text = EXPLAINED.read_text(encoding="utf-8")
    without = re.sub(r"\| `journal\.rules\.merkle` \| \d+.*\n", "", text)
    assert lines(text) - lines(without) == {"carnet.journal.rules.merkle"}
    assert "carnet.journal.log.sequencer" in to_mutate()
    assert "carnet.journal.api" not in to_mutate(), "a door has nothing to change"
