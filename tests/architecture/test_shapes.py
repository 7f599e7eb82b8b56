"""Sizes, names and doors that keep the house readable: smells a machine can measure (STYLE)."""

import ast
import warnings

import pytest

from architecture.findings import ExaminedNothingError, Finding, faults, functions, source, sources

LONGEST_FILE = 500
LONG_FILE = 400
LONGEST_FUNCTION = 60
# the middle of every knot (STYLE, "What not to bring home")
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "core", "services", "service", "misc", "shared"}


def doors_only_point(one):
    """`api.py` holds imports, `__all__` and its docstring, nothing else; what it lists it imports."""
    if not one.path.endswith("/api.py"):
        return
    yield Finding(one.path)
    imported = set()
    listed = None
    for node in one.tree.body:
        if isinstance(node, ast.ImportFrom | ast.Import):
            imported |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Assign) and [getattr(target, "id", "") for target in node.targets] == ["__all__"]:
            listed = set(ast.literal_eval(node.value))
        elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            yield Finding(f"{one.path}:{node.lineno}", "a door holds imports and __all__ only")
    if listed != imported:
        yield Finding(one.path, f"__all__ and imports differ: {sorted((listed or set()) ^ imported)}")


def names_say_something(one):
    """No module or package named utils, helpers, common, core, services."""
    yield Finding(one.path)
    words = set(one.path.removesuffix(".py").split("/"))
    if words & FORBIDDEN_NAMES:
        yield Finding(one.path, f"says nothing: {sorted(words & FORBIDDEN_NAMES)}")


def files_are_short(one):
    """At most 500 lines a file; more than 400 is a warning."""
    lines = one.text.count("\n")
    yield Finding(one.path, f"{lines} lines (at most {LONGEST_FILE})" if lines > LONGEST_FILE else None)


def functions_are_short(one):
    """At most 60 lines a function, decorators not counted."""
    for function in functions(one.tree):
        lines = (function.end_lineno or function.lineno) - function.lineno + 1
        where = f"{one.path}:{function.lineno} {function.name}"
        yield Finding(where, f"{lines} lines (at most {LONGEST_FUNCTION})" if lines > LONGEST_FUNCTION else None)


def modules_say_why(one):
    """Every module with code in it says in a docstring why it exists."""
    if not one.tree.body:
        return
    yield Finding(one.path, None if ast.get_docstring(one.tree) else "does not say why it exists")


def nothing_swallows(one):
    """No bare `except:`, no `except Exception`: a fault nobody named is a fault nobody handled."""
    yield Finding(one.path)
    for node in ast.walk(one.tree):
        if isinstance(node, ast.ExceptHandler):
            caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            if any(kind is None or getattr(kind, "id", "") in {"Exception", "BaseException"} for kind in caught):
                problem = None if _gives_back(node) else "catches everything and does not raise it again"
                yield Finding(f"{one.path}:{node.lineno}", problem)


def _gives_back(handler):
    """A handler that cleans up and raises again swallows nothing."""
    return any(isinstance(node, ast.Raise) and node.exc is None for node in ast.walk(handler))


CHECKS = [
    doors_only_point,
    names_say_something,
    files_are_short,
    functions_are_short,
    modules_say_why,
    nothing_swallows,
]


@pytest.mark.parametrize("check", CHECKS)
def test_the_house_keeps_it(check):
    assert faults(check, sources()) == []


@pytest.mark.parametrize("check", [names_say_something, files_are_short])
def test_the_tests_and_benches_keep_it_too(check):
    assert faults(check, sources("tests")) == []


def test_long_files_are_named():
    """Not a failure: a list to look at."""
    long = [one.path for one in sources() if one.text.count("\n") > LONG_FILE]
    assert len(sources()) > 0
    if long:
        with warnings.catch_warnings():
            warnings.simplefilter("default")
            warnings.warn(f"files over {LONG_FILE} lines: {', '.join(long)}", stacklevel=1)


@pytest.mark.parametrize("check", CHECKS)
def test_it_fails_on_nothing(check):
    with pytest.raises(ExaminedNothingError):
        faults(check, [])


DOOR = "src/carnet/planted/api.py"
BROKEN = [
    (doors_only_point, source('"""D."""\ndef f():\n    pass\n__all__ = ["f"]', DOOR)),
    (doors_only_point, source('from a import f\nclass C: ...\n__all__ = ["f"]', DOOR)),
    (doors_only_point, source('from a import f\nx = 1\n__all__ = ["f"]', DOOR)),
    (doors_only_point, source('from a import f, g\n__all__ = ["f"]', DOOR)),
    (doors_only_point, source("from a import f", DOOR)),
    (names_say_something, source("", "src/carnet/records/utils.py")),
    (names_say_something, source("", "src/carnet/core/entry.py")),
    (files_are_short, source("x = 1\n" * 501)),
    (functions_are_short, source("def f():\n" + "    x = 1\n" * 60)),
    (functions_are_short, source("class C:\n  async def f(self):\n" + "    x = 1\n" * 60)),
    (modules_say_why, source("x = 1")),
    (nothing_swallows, source("try:\n    f()\nexcept Exception:\n    pass")),
    (nothing_swallows, source("try:\n    f()\nexcept (ValueError, BaseException) as e:\n    print(e)")),
    (nothing_swallows, source("try:\n    f()\nexcept:\n    pass")),
]


@pytest.mark.parametrize(("check", "broken"), BROKEN)
def test_a_planted_fault_is_seen(check, broken):
    assert faults(check, [broken])


INNOCENT = [
    (doors_only_point, source('"""D."""\nfrom a import f\n__all__ = ["f"]', DOOR)),
    (functions_are_short, source("def f():\n" + "    x = 1\n" * 59)),
    (nothing_swallows, source("try:\n    f()\nexcept BaseException:\n    undo()\n    raise")),
]


@pytest.mark.parametrize(("check", "fine"), INNOCENT)
def test_innocent_code_is_left_alone(check, fine):
    assert faults(check, [fine]) == []
