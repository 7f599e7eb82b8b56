"""The mutator makes mutants, plants them, and the proofs of the Merkle tree kill those that matter most."""

import ast
import hashlib
import itertools

import pytest

from carnet.journal.rules import merkle
from mutants import mutate
from mutants.mutate import MODULES, BrokenRunError, file_of, mutants

SOURCE = file_of("carnet.journal.rules.merkle").read_text()
LEAVES = [hashlib.sha256(bytes([number])).digest() for number in range(7)]


def roots(source_or_tree):
    """The roots of trees of 1 to 7 leaves, grown leaf by leaf."""
    scope = {"__name__": "mutant"}
    exec(compile(source_or_tree, "<mutant>", "exec"), scope)
    found = []
    for size in range(1, 8):
        frontier = scope["Frontier"]()
        for leaf in LEAVES[:size]:
            frontier.add(leaf)
        found.append(frontier.root())
    return found


def killed(tree, good):
    """Whether a tree grown by a mutant fails or has other roots."""
    try:
        return roots(tree) != good
    except (IndexError, ValueError):
        return True


def test_every_module_has_mutants_that_compile():
    for module in MODULES:
        made = list(itertools.islice(mutants(file_of(module).read_text()), 3))
        assert len(made) == 3, module
        for _, tree in made:
            compile(tree, module, "exec")


def test_a_mutant_differs_from_its_module():
    plain = ast.unparse(ast.parse(SOURCE))
    assert all(ast.unparse(tree) != plain for _, tree in itertools.islice(mutants(SOURCE), 20))


def test_a_frontier_grown_wrong_is_noticed():
    grown = [tree for what, tree in mutants(SOURCE) if "size & 1" in what]
    assert grown
    good = roots(SOURCE)
    assert good[6] == merkle.range_hash(0, 7, _subtree)
    for tree in grown:
        assert killed(tree, good)


def test_tests_that_do_not_run_notice_nothing(monkeypatch, tmp_path):
    """A folder that moved, a tool that is not there: every mutant would count as killed."""
    monkeypatch.setitem(mutate.MODULES, "carnet.infra.vault.frames", (str(tmp_path / "moved"),))
    with pytest.raises(BrokenRunError):
        mutate.main(["vault.frames"])


def test_tests_that_pass_on_the_module_as_it_is_begin_a_run(monkeypatch, tmp_path):
    """Nothing planted is a run like any other: it once did not even compile, and no mutant was ever tried."""
    passing = tmp_path / "test_passing.py"
    passing.write_text("def test_it():\n    assert True\n")
    monkeypatch.setitem(mutate.MODULES, "carnet.infra.vault.frames", (str(passing),))
    assert mutate.survives("carnet.infra.vault.frames", None)


def _subtree(level, index):
    if level == 0:
        return LEAVES[index]
    return merkle.node_hash(_subtree(level - 1, 2 * index), _subtree(level - 1, 2 * index + 1))
