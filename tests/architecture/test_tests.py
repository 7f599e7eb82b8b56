"""The tests are tested too: each asserts something, none waits by the clock, none puts a puppet in our code's place."""

import ast

import pytest

from architecture.findings import (
    ExaminedNothingError,
    Finding,
    calls,
    dotted,
    faults,
    functions,
    imported_names,
    nodes,
    source,
    sources,
)

# names of calls that check something by themselves: they end the test when it is not so
CHECKERS = (
    "assert",
    "expect",
    "check",
    "verify",
    "validate",
    "fail",
    "raises",
    "warns",
    "must",
    "then",
    "wait_for",
    "sees",
    "readable",
)
# test -> why it asserts nothing that can be seen here
SILENT: dict[str, str] = {}
# "path function" -> why it sleeps a fixed time
SLEEPERS: dict[str, str] = {
    "tests/integration/jobs/test_worker.py "
    "test_planted_without_a_rescue_a_dead_workers_event_stays_lost": "to see that nothing happens, however long",
    "tests/integration/notifications/test_mailing.py "
    "test_the_running_worker_mails_within_moments_and_stops_gracefully": "so that the worker is idle when work comes",
    "tests/unit/infra/blobs/test_local.py test_a_cancelled_deposit_leaves_nothing": "to cancel in the middle",
    "tests/unit/infra/vault/test_key_ring.py test_keys_are_kept_for_a_bounded_time_and_number": "to outlive 10 ms",
    "tests/unit/infra/vault/test_key_ring.py test_expired_keys_leave_memory_when_others_come": "to outlive 10 ms",
}


def asserting(one):
    """A test holds an assert, a `pytest.raises`, an `expect…`, or calls something here that does."""
    own = [(function.name, _asserts(function), _called(function)) for function in functions(one.tree)]
    checking = {name for name, asserts, _ in own if asserts}
    # helpers that call a checking helper check too
    for _ in range(4):
        checking |= {name for name, _, called in own if called & checking}
    for function in functions(one.tree):
        if function.name.startswith("test_") and one.path.rpartition("/")[2].startswith("test_"):
            where = f"{one.path}:{function.lineno} {function.name}"
            known = function.name in checking or f"{one.path} {function.name}" in SILENT
            yield Finding(where, None if known else "asserts nothing")


def _asserts(function):
    if any(isinstance(node, ast.Assert | ast.Raise) for node in nodes(function)):
        return True
    return any(name.rpartition(".")[2].lstrip("_").startswith(CHECKERS) for name in _called(function))


def _called(function):
    return {name for name, _ in calls(function)}


def waiting_for_something(one):
    """No fixed sleep in a test: wait for a condition, in a loop with an end. `sleep(0)` only lets others run.

    A helper that plays something slow (a disk, a server, a handler) sleeps on purpose.
    """
    yield Finding(one.path)
    names = imported_names(one.tree)
    innermost = {id(call): function.name for function in functions(one.tree) for _, call in calls(function)}
    polled = {
        id(inner)
        for loop in ast.walk(one.tree)
        if isinstance(loop, ast.While | ast.For | ast.AsyncFor)
        for inner in ast.walk(loop)
    }
    for function in functions(one.tree):
        for name, call in calls(function) if function.name.startswith("test_") else ():
            if innermost[id(call)] != function.name or f"{one.path} {function.name}" in SLEEPERS:
                continue
            first, _, rest = name.partition(".")
            full = f"{names.get(first, first)}.{rest}".rstrip(".")
            if full not in {"time.sleep", "asyncio.sleep", "anyio.sleep"} or id(call) in polled:
                continue
            if not (call.args and isinstance(call.args[0], ast.Constant) and call.args[0].value):
                continue
            yield Finding(f"{one.path}:{call.lineno} {function.name}", "sleeps instead of waiting for something")


def using_the_real_thing(one):
    """No mocks. A fault is planted by replacing a part with a broken real one, never by a puppet."""
    yield Finding(one.path)
    for line, name in _mentions(one.tree):
        if name.split(".")[0] in {"mock", "unittest", "pytest_mock"} and "mock" in name:
            yield Finding(f"{one.path}:{line}", f"{name}: no mocks")
    for function in functions(one.tree):
        if any(argument.arg in {"mocker", "mock"} for argument in function.args.args):
            yield Finding(f"{one.path}:{function.lineno}", "the mocker fixture: no mocks")


def _mentions(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Attribute):
            yield node.lineno, dotted(node)


def switched_on(one):
    """No `skip` and no `xfail` without a reason; `skipif` on what this machine lacks is allowed with one."""
    yield Finding(one.path)
    for name, call in calls(one.tree):
        last = name.rpartition(".")[2]
        if name.startswith("pytest.") and last in {"skip", "xfail", "skipif"}:
            reasoned = bool(call.args and last == "skip") or any(key.arg == "reason" for key in call.keywords)
            yield Finding(f"{one.path}:{call.lineno}", None if reasoned else f"{last} without a reason")


CHECKS = [asserting, waiting_for_something, using_the_real_thing, switched_on]


@pytest.mark.parametrize("check", CHECKS)
def test_the_tests_keep_it(check):
    assert faults(check, sources("tests")) == []


@pytest.mark.parametrize("check", CHECKS)
def test_it_fails_on_nothing(check):
    with pytest.raises(ExaminedNothingError):
        faults(check, [])


PLACE = "tests/unit/test_planted.py"
BROKEN = [
    (asserting, "def test_x(): f()"),
    (asserting, "async def test_x(): await f()"),
    (asserting, "def helper(): f()\ndef test_x(): helper()"),
    (waiting_for_something, "import time\ndef test_x():\n    time.sleep(1)"),
    (waiting_for_something, "import asyncio\nasync def test_x():\n    await asyncio.sleep(0.2)"),
    (waiting_for_something, "from time import sleep\ndef test_x():\n    sleep(1)"),
    (using_the_real_thing, "from unittest.mock import patch"),
    (using_the_real_thing, "import unittest.mock"),
    (using_the_real_thing, "from unittest import mock"),
    (using_the_real_thing, "def test_x(mocker): assert mocker"),
    (switched_on, "import pytest\npytest.mark.skipif(True)"),
    (switched_on, "import pytest\n@pytest.mark.xfail()\ndef test_x(): assert 0"),
]


@pytest.mark.parametrize(("check", "text"), BROKEN)
def test_a_planted_fault_is_seen(check, text):
    assert faults(check, [source(text, PLACE)])


INNOCENT = [
    (asserting, "def test_x(): assert 1"),
    (waiting_for_something, "import asyncio\nasync def test_x(after):\n    await asyncio.sleep(after)"),
    (asserting, "def test_x():\n    with pytest.raises(ValueError): f()"),
    (asserting, "def helper(): assert 1\ndef test_x(): helper()"),
    (asserting, "def test_x(page): expect(page).to_have_title('x')"),
    (waiting_for_something, "import time\ndef until(ok):\n    while not ok():\n        time.sleep(0.1)"),
    (waiting_for_something, "import asyncio\nasync def test_x():\n    await asyncio.sleep(0)"),
]


@pytest.mark.parametrize(("check", "text"), INNOCENT)
def test_innocent_tests_are_left_alone(check, text):
    assert faults(check, [source(text, PLACE)]) == []


def test_no_exemption_outlives_its_test():
    known = {f"{one.path} {function.name}" for one in sources("tests") for function in functions(one.tree)}
    assert set(SLEEPERS) | set(SILENT) <= known
