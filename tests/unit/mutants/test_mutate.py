"""The mutator makes mutants, plants them, and the proofs of the Merkle tree kill those that matter most."""

import ast
import hashlib
import itertools

import pytest

from carnet.journal.rules import merkle
from mutants import mutate
from mutants.changes import count, mutants
from mutants.mutate import BrokenRunError, explained, file_of
from mutants.rounds import MODULES

SOURCE = file_of("carnet.journal.rules.merkle").read_text()
LEAVES = [hashlib.sha256(bytes([number])).digest() for number in range(7)]
FRAMES = "carnet.infra.vault.frames"


def roots(source):
    """The roots of trees of 1 to 7 leaves, grown leaf by leaf."""
    scope = {"__name__": "mutant"}
    exec(compile(source, "<mutant>", "exec"), scope)
    found = []
    for size in range(1, 8):
        frontier = scope["Frontier"]()
        for leaf in LEAVES[:size]:
            frontier.add(leaf)
        found.append(frontier.root())
    return found


def killed(source, good):
    """Whether a tree grown by a mutant fails or has other roots."""
    try:
        return roots(source) != good
    except (IndexError, ValueError):
        return True


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_mutants_that_compile(module):
    source = file_of(module).read_text()
    for one in itertools.islice(mutants(source), 2):
        compile(one.text, module, "exec")
    assert count(source)


SNIPPET = """
def f(a, b: int | None = None) -> bool | str:
    if not a:
        return b"x" * 2
    while a.more():
        a += 1
    return any(one for one in a if one) and 0 < a <= b
"""


def test_what_is_changed_is_what_decides_and_every_change_has_its_name():
    whole = "f: return any((one for one in a if one)) and 0 < a <= b"
    assert [one.what for one in mutants(SNIPPET)] == [
        "f: if not a -> if a",
        "f: return b'x' * 2 -> return b'x' + 2",
        "f: return b'x' * 2 -> return b'y' * 2",
        "f: return b'x' * 2 -> return b'x' * 3",
        "f: while a.more() -> while not a.more()",
        "f: a += 1 -> a -= 1",
        "f: a += 1 -> a += 2",
        f"{whole} -> return 0 < a <= b",
        f"{whole} -> return any((one for one in a if one))",
        f"{whole} -> return all((one for one in a if one)) and 0 < a <= b",
        f"{whole} -> return any((one for one in a if not one)) and 0 < a <= b",
        f"{whole} -> return any((one for one in a if one)) and 0 <= a <= b",
        f"{whole} -> return any((one for one in a if one)) and 0 < a < b",
        f"{whole} -> return any((one for one in a if one)) and 1 < a <= b",
    ]


@pytest.mark.parametrize("module", MODULES)
def test_every_mutant_has_a_short_name_of_its_own(module):
    names = [one.what for one in mutants(file_of(module).read_text())]
    assert len(set(names)) == len(names) == count(file_of(module).read_text())
    assert max(map(len, names)) < 250


def test_a_mutant_differs_from_its_module():
    plain = ast.unparse(ast.parse(SOURCE))
    assert all(one.text != plain for one in itertools.islice(mutants(SOURCE), 20))


def test_a_frontier_grown_wrong_is_noticed():
    grown = [one.text for one in mutants(SOURCE) if "Frontier.add: while size & 1" in one.what]
    assert len(grown) == 3
    good = roots(SOURCE)
    assert good[6] == merkle.range_hash(0, 7, _subtree)
    for text in grown:
        assert killed(text, good)


def test_tests_that_do_not_run_notice_nothing(monkeypatch, tmp_path):
    """A folder that moved, a tool that is not there: every mutant would count as killed."""
    monkeypatch.setitem(mutate.MODULES, FRAMES, ((str(tmp_path / "moved"),),))
    with pytest.raises(BrokenRunError):
        mutate.main(["vault.frames"])


def test_a_mutant_that_breaks_what_a_test_says_is_noticed_and_another_is_not(tmp_path):
    """Each in a process of its own; nothing planted is a run like any other."""
    saying = tmp_path / "test_saying.py"
    saying.write_text("from carnet.infra.vault import frames\n\ndef test_it():\n    assert frames._NONCE == 12\n")
    number = next(at for at, one in enumerate(mutants(file_of(FRAMES).read_text())) if "_NONCE = 13" in one.what)
    passing = [mutate.passes(FRAMES, one, [str(saying)]) for one in (None, number, number + 1)]
    assert passing == [True, False, True]


def test_no_explanation_outlives_its_mutant():
    """docs/mutants.md names each survivor by its change; a module that changed must be looked at again."""
    there = {(module, one.what) for module in MODULES for one in mutants(file_of(module).read_text())}
    assert explained()
    assert not set(explained()) - there


def _subtree(level, index):
    if level == 0:
        return LEAVES[index]
    return merkle.node_hash(_subtree(level - 1, 2 * index), _subtree(level - 1, 2 * index + 1))
