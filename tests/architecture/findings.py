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


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Yield (dotted name, call) of every call below `tree`; the name is "" when it is not a plain name."""
    for node in ast.walk(tree):
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
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
