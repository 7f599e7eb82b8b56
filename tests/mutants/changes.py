"""What a mutant is: one change of a module, and the words it is called by.

Changed are comparisons, connectives (each operand of `and` and `or` dropped in turn), negations, bare conditions,
whole numbers, true and false, arithmetic, bytes, and `any`, `all`, `min`, `max`. What is no mutant here: texts,
annotations, what only speaks to whoever writes code or checks its types (`frozen`, `kw_only`, `strict`).
"""

import ast
import copy
import itertools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeGuard

_COMPARED = {
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
}
_COUNTED = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
_CALLED = {"any": "all", "all": "any", "min": "max", "max": "min"}
_TYPES = frozenset({"annotation", "returns"})
_FOR_WHOEVER_WRITES = frozenset({"frozen", "kw_only", "strict"})
_WIDTH = 72
Undo = Callable[[], None]
Change = Callable[[], Undo]


class Mutant(NamedTuple):
    """One change. what: where and what, without its line, which moves; several alike in one place are numbered."""

    what: str
    line: int
    source: str
    place: int
    number: int

    @property
    def text(self) -> str:
        """The module with the change made (by way of its text: a connective left with one operand is no valid tree)."""
        tree = ast.parse(self.source)
        node = next(itertools.islice(_places(tree), self.place, None)).node
        _changes(node)[self.number]()
        return ast.unparse(tree)


class _Place(NamedTuple):
    node: ast.AST
    statement: ast.stmt
    scope: str


def mutants(source: str) -> Iterator[Mutant]:
    """Yield every mutant of a module, in the order of its text."""
    seen: dict[str, int] = {}
    for index, (node, statement, scope) in enumerate(list(_places(ast.parse(source)))):
        changes = _changes(node)
        before = _header(statement) if changes else ""
        for number, change in enumerate(changes):
            undo = change()
            what = f"{scope}: {_difference(before, _header(statement))}"
            undo()
            seen[what] = seen.get(what, 0) + 1
            what += f" ({seen[what]})" if seen[what] > 1 else ""
            yield Mutant(what, getattr(node, "lineno", statement.lineno), source, index, number)


def count(source: str) -> int:
    """Return how many mutants a module has, without making them."""
    return sum(len(_changes(place.node)) for place in _places(ast.parse(source)))


def _places(tree: ast.Module) -> Iterator[_Place]:
    """Every node in the order of the text, with the statement and the function it stands in."""

    def walk(node: ast.AST, statement: ast.stmt | None, scope: str) -> Iterator[_Place]:
        if isinstance(node, ast.stmt):
            statement = node
        if statement is not None:
            yield _Place(node, statement, scope or "module")
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            scope = f"{scope}.{node.name}".lstrip(".")
        for field, value in ast.iter_fields(node):
            if field not in _TYPES:
                for child in value if isinstance(value, list) else [value]:
                    if isinstance(child, ast.AST) and getattr(child, "arg", None) not in _FOR_WHOEVER_WRITES:
                        yield from walk(child, statement, scope)

    yield from walk(tree, None, "")


def _changes(node: ast.AST) -> list[Change]:
    """Return what could be changed of one node, each change to be made by calling it."""
    found: list[Change] = []
    if isinstance(node, ast.Compare):
        found += [_putting(node.ops, at, _COMPARED[type(one)]()) for at, one in enumerate(node.ops)]
    elif isinstance(node, ast.BoolOp):
        rest = [node.values[:at] + node.values[at + 1 :] for at in range(len(node.values))]
        found += [_setting(node, "values", left) for left in rest]
    elif isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in _COUNTED and not _is_type(node):
        found.append(_setting(node, "op", _COUNTED[type(node.op)]()))
    elif isinstance(node, ast.Constant):
        found += _changes_of_constant(node)
    elif _is_condition(node):
        found.append(_setting(node, "test", _negated(node.test)))
    elif isinstance(node, ast.comprehension):
        bare = [at for at, one in enumerate(node.ifs) if not isinstance(one, ast.Compare | ast.BoolOp)]
        found += [_putting(node.ifs, at, _negated(node.ifs[at])) for at in bare]
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in _CALLED:
        found.append(_setting(node, "id", _CALLED[node.id]))
    return found


def _changes_of_constant(node: ast.Constant) -> list[Change]:
    if isinstance(node.value, bool):
        return [_setting(node, "value", not node.value)]
    if isinstance(node.value, int):
        return [_setting(node, "value", node.value + 1)]
    if isinstance(node.value, bytes) and node.value:
        return [_setting(node, "value", node.value[:-1] + bytes([node.value[-1] ^ 1]))]
    return []


def _setting(node: ast.AST, field: str, value: object) -> Change:
    def change() -> Undo:
        before = getattr(node, field)
        setattr(node, field, value)
        return lambda: setattr(node, field, before)

    return change


def _putting(items: list[Any], at: int, value: ast.AST) -> Change:
    def change() -> Undo:
        before, items[at] = items[at], value
        return lambda: items.__setitem__(at, before)

    return change


def _negated(test: ast.expr) -> ast.expr:
    is_negation = isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)
    return test.operand if is_negation else ast.UnaryOp(ast.Not(), test)


def _is_condition(node: ast.AST) -> TypeGuard[ast.If | ast.While | ast.IfExp]:
    """An `if` or `while` of something that is not changed by itself."""
    if isinstance(node, ast.If | ast.While):
        return not isinstance(node.test, ast.Compare | ast.BoolOp | ast.Constant)
    return isinstance(node, ast.IfExp)


def _is_type(node: ast.BinOp | ast.AugAssign) -> bool:
    """`X | None` is an annotation."""
    return isinstance(node, ast.BinOp) and any(
        isinstance(side, ast.Constant) and side.value is None for side in (node.left, node.right)
    )


def _header(statement: ast.stmt) -> str:
    """Return a statement as text, without the statements inside it."""
    bare = copy.copy(statement)
    for field in ("body", "orelse", "finalbody", "handlers"):
        if isinstance(getattr(bare, field, None), list):
            setattr(bare, field, [ast.Pass()] if field == "body" else [])
    lines = [line.strip() for line in ast.unparse(bare).splitlines()]
    return " ".join(line for line in lines if line != "pass").removesuffix(":")


def _difference(before: str, after: str) -> str:
    """Return both texts, cut to the neighbourhood of what differs when they are long."""
    if max(len(before), len(after)) <= _WIDTH:
        return f"{before} -> {after}"
    differs = (at for at, (one, two) in enumerate(zip(before, after, strict=False)) if one != two)
    start = max(next(differs, 0) - _WIDTH // 3, 0)
    end = start + _WIDTH
    cut = (f"{'…' * bool(start)}{one[start:end]}{'…' * (end < len(one))}" for one in (before, after))
    return " -> ".join(cut)
