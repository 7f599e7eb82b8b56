"""What every architecture check is made of: sources to read, findings to report, and a refusal to pass on nothing.

A check is a function from one source to findings; a finding without a problem says "examined, and fine". A check that
yields no finding at all looked at nothing, and that is a failure too.
"""

import ast
import functools
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent.parent
PRODUCT = "src/carnet"


class Source(NamedTuple):
    """One Python file. path: relative to the repository root, with slashes."""

    path: str
    text: str
    tree: ast.Module


class Finding(NamedTuple):
    """One thing examined. problem None: it keeps the rule."""

    where: str
    problem: str | None = None


class ExaminedNothingError(AssertionError):
    """The check found nothing to look at: it proves nothing."""


Check = Callable[[Source], Iterable[Finding]]


def source(text: str, path: str = f"{PRODUCT}/records/queries/planted.py") -> Source:
    """Return a source made of `text`, as if it lay at `path`: for planted faults."""
    return Source(path, text, ast.parse(text))


@functools.cache
def sources(folder: str = PRODUCT) -> tuple[Source, ...]:
    """Return every Python file under `folder`."""
    files = sorted((ROOT / folder).rglob("*.py"))
    return tuple(source(file.read_text("utf-8"), file.relative_to(ROOT).as_posix()) for file in files)


def problems(findings: Iterable[Finding]) -> list[str]:
    """Return "where: problem" for every fault among `findings`; raise when there is no finding at all."""
    seen = list(findings)
    if not seen:
        raise ExaminedNothingError
    return sorted(f"{finding.where}: {finding.problem}" for finding in seen if finding.problem)


def faults(check: Check, of: Iterable[Source]) -> list[str]:
    """Return what `check` says is wrong with the sources."""
    return problems(finding for one in of for finding in check(one))


@functools.cache
def nodes(tree: ast.AST) -> tuple[ast.AST, ...]:
    """Return every node of `tree`; walked once, however many checks ask."""
    return tuple(ast.walk(tree))


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Yield (dotted name, call) of every call below `tree`; the name is "" when it is not a plain name."""
    for node in nodes(tree):
        if isinstance(node, ast.Call):
            yield dotted(node.func), node


def dotted(node: ast.AST) -> str:
    """Return `a.b.c` of a name or attribute chain; "" for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        start = dotted(node.value)
        return f"{start}.{node.attr}" if start else node.attr
    return ""


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield every function and method below `tree`, nested ones included."""
    for node in nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def imported_names(tree: ast.Module) -> dict[str, str]:
    """Return what each imported name stands for: {"dt": "datetime", "uuid4": "uuid.uuid4"}."""
    names: dict[str, str] = {}
    for node in nodes(tree):
        if isinstance(node, ast.Import):
            names |= {alias.asname or alias.name.split(".")[0]: alias.name for alias in node.names if alias.asname}
            names |= {alias.name.split(".")[0]: alias.name.split(".")[0] for alias in node.names if not alias.asname}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return names


def references(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield (line, full dotted name) of everything used from an import, whatever it is called here."""
    names = imported_names(tree)
    for node in nodes(tree):
        if isinstance(node, ast.Attribute | ast.Name):
            first, _, rest = dotted(node).partition(".")
            if first in names:
                yield node.lineno, f"{names[first]}.{rest}" if rest else names[first]


def docstrings(tree: ast.Module) -> set[int]:
    """Return the ids of the string nodes that are documentation, not data."""
    found = set()
    for node in nodes(tree):
        for inner in ast.iter_child_nodes(node):
            if isinstance(inner, ast.Expr) and isinstance(inner.value, ast.Constant):
                found.add(id(inner.value))
    return found


def texts(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield (line, text) of every string that is data; an f-string is one text, its holes left out."""
    notes = docstrings(tree)
    inside = {id(part) for node in nodes(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in nodes(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [part.value for part in node.values if isinstance(part, ast.Constant)]
            yield node.lineno, " ".join(str(part) for part in parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in notes | inside:
            yield node.lineno, node.value
