"""A small mutator: one comparison, one connective, one constant or one condition of a module is changed at a time.

`make mutants` tries every mutant of the modules below against the tests beside them, each in a process of its own, and
prints the survivors (docs/mutants.md). A module is replaced while it is imported, no file is written. What is no mutant
here: texts, annotations, what only speaks to the type checker.
"""

import ast
import copy
import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.abc import MetaPathFinder, SourceLoader
from importlib.machinery import ModuleSpec
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE = 120  # seconds; a mutant may loop for ever
NO_TEST = 5  # pytest's status when it collected none
JOURNAL = tuple(f"tests/unit/journal/test_{one}.py" for one in ("leaves", "notes", "tree", "verifier"))
MODULES: dict[str, tuple[str, ...]] = {
    "carnet.journal.rules.merkle": JOURNAL,
    "carnet.journal.rules.notes": JOURNAL,
    "carnet.journal.rules.leaves": JOURNAL,
    "carnet.journal.log.tiles": JOURNAL,
    "carnet.infra.vault.encoding": ("tests/unit/infra/vault",),
    "carnet.infra.vault.frames": ("tests/unit/infra/vault",),
    "carnet.infra.vault.space_keys": ("tests/unit/infra/vault",),
    "carnet.infra.vault.key_ring": ("tests/unit/infra/vault",),
    "carnet.infra.vault.key_file": ("tests/unit/infra/vault",),
    "carnet.access.rules.lines": ("tests/matrix",),
    "carnet.access.rules.emergency": ("tests/matrix",),
    "carnet.access.rules.own_rules": ("tests/matrix",),
    "carnet.access.rules.professional": ("tests/matrix",),
    "carnet.access.rules.decide": ("tests/matrix",),
}
_OTHER = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}


def mutants(source: str) -> Iterator[tuple[str, ast.Module]]:
    """Yield (what was done and where, tree) for every mutant of a module."""
    tree = ast.parse(source)
    places = [index for index, node in enumerate(ast.walk(tree)) if _changed(copy.copy(node), tried=True)]
    for index in places:
        mutated = copy.deepcopy(tree)
        node = list(ast.walk(mutated))[index]
        before = ast.unparse(node) if isinstance(node, ast.expr) else ""
        _changed(node)
        yield f"line {node.lineno}: {before} -> {ast.unparse(node)}", ast.fix_missing_locations(mutated)


def _changed(node: ast.AST, *, tried: bool = False) -> bool:
    """Change one node in place; False when there is nothing to change. tried: it is a copy that shares its parts."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _OTHER:
        if not tried:
            node.ops[0] = _OTHER[type(node.ops[0])]()
    elif isinstance(node, ast.BoolOp | ast.BinOp) and type(node.op) in _OTHER and not _is_type(node):
        node.op = _OTHER[type(node.op)]()
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        node.value = not node.value
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        node.value += 1
    elif isinstance(node, ast.IfExp):
        node.body, node.orelse = node.orelse, node.body
    else:
        return False
    return True


def _is_type(node: ast.BoolOp | ast.BinOp) -> bool:
    """`X | None` is an annotation."""
    return isinstance(node, ast.BinOp) and any(
        isinstance(side, ast.Constant) and side.value is None for side in (node.left, node.right)
    )


class Replacing(MetaPathFinder, SourceLoader):
    """Imports one module as a mutant of itself."""

    def __init__(self, module: str, number: int) -> None:
        self._module, self._number = module, number

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Take over the import of the one module."""
        if fullname != self._module:
            return None
        return importlib.util.spec_from_loader(fullname, self, origin=str(file_of(fullname)))

    def get_filename(self, fullname: str) -> str:
        """Where the source lies."""
        return str(file_of(fullname))

    def get_data(self, path: str | bytes) -> bytes:
        """Return the mutated source."""
        source = Path(os.fsdecode(path)).read_text()
        return ast.unparse(list(mutants(source))[self._number][1]).encode()


def file_of(module: str) -> Path:
    """The source of a module of the product."""
    return ROOT / "src" / Path(*module.split(".")).with_suffix(".py")


def plant(named: str) -> None:
    """Let this process import `module:number` instead of the module."""
    module, _, number = named.rpartition(":")
    sys.meta_path.insert(0, Replacing(module, int(number)))


class BrokenRunError(RuntimeError):
    """The tests did not run: whatever they say of a mutant says nothing."""


def survives(module: str, number: int | None) -> bool:
    """Tell whether the tests of a module pass with one mutant of it (None: as it is). Raises BrokenRunError."""
    planting = "pass" if number is None else f"mutate.plant('{module}:{number}')"
    code = f"import sys; sys.path[:0] = ['src', 'tests']; from mutants import mutate; {planting}"
    tests = ["-q", "-x", "-p", "no:cacheprovider", "-n", "0", *MODULES[module]]
    run = f"{code}; import pytest; sys.exit(pytest.main({tests!r}))"
    try:
        done = subprocess.run([sys.executable, "-c", run], cwd=ROOT, capture_output=True, check=False, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return False  # a mutant that never ends is noticed by whoever waits for it
    if done.returncode == NO_TEST:
        raise BrokenRunError(f"{module}: {done.stdout.decode()[-2000:]}{done.stderr.decode()[-2000:]}")
    return done.returncode == 0


def main(names: list[str]) -> int:
    """Try every mutant of the modules whose name holds one of `names` (all without any); return how many survived.

    Raises BrokenRunError when the tests of a module do not pass without any mutant: all of them would count as noticed.
    """
    tried = survived = 0
    for module in MODULES:
        if names and not any(name in module for name in names):
            continue
        if not survives(module, None):
            raise BrokenRunError(f"{module}: its tests do not pass as it is")
        for number, (what, _) in enumerate(mutants(file_of(module).read_text())):
            tried += 1
            if survives(module, number):
                survived += 1
                sys.stdout.write(f"survived: {module}: {what}\n")
                sys.stdout.flush()
    sys.stdout.write(f"{tried} mutants, {survived} survivors\n")
    if not tried:
        raise BrokenRunError(f"no module is named {' or '.join(names)}")
    return survived


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
