"""`tools/check` names what failed, runs everything all the same, and does not pass when it looked at nothing.

`make test` runs it beside the tests, and passes when both do.
"""

import os
import subprocess

import pytest

from architecture.findings import ROOT

FORMATTED = 'echo "2 files already formatted"'
GOOD = {
    "ruff": f'case "$1$2" in check--quiet) ;; check--show-files) echo a.py; echo b.py;; *) {FORMATTED};; esac',
    "mypy": 'echo "Success: no issues found in 2 source files"',
    "lint-imports": 'echo "Analyzed 2 files, 3 dependencies."',
}
NO_FILES = f'case "$1" in check) ;; *) {FORMATTED};; esac'
NOTHING_FORMATTED = 'case "$1$2" in check--show-files) echo a.py;; *) echo "No Python files found";; esac'


def run(folder, *command, **changed):
    """Run it, or a command that does, with stand-ins for its programs; return its status and what was said."""
    for name, body in (GOOD | changed).items():
        program = folder / name.replace("_", "-")
        program.write_text(f"#!/bin/sh\n{body}\n")
        program.chmod(0o755)
    outer = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}
    environment = {name: value for name, value in os.environ.items() if name not in outer}
    environment["CARNET_CHECK_BIN"] = str(folder)
    told = {"cwd": ROOT, "env": environment, "capture_output": True, "text": True}
    done = subprocess.run(command or [ROOT / "tools" / "check"], **told, check=False)
    return done.returncode, done.stdout + done.stderr


def test_it_passes_when_everything_does(tmp_path):
    status, said = run(tmp_path)
    assert (status, said.count("ok ")) == (0, 4), said


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        ({"ruff": "exit 1"}, "failed: ruff check,ruff format"),
        ({"mypy": "echo 'x.py:1: error'; exit 1"}, "failed: mypy"),
        ({"lint_imports": "echo Broken; exit 1"}, "failed: import-linter"),
    ],
)
def test_a_failure_is_named_and_the_rest_still_runs(tmp_path, broken, named):
    status, said = run(tmp_path, **broken)
    assert status == 1
    assert named in said
    assert said.count("ok ") >= 2


@pytest.mark.parametrize(
    ("empty", "named"),
    [
        ({"ruff": NO_FILES}, "ruff check"),
        ({"ruff": NOTHING_FORMATTED}, "ruff format"),
        ({"mypy": 'echo "Success: no issues found in 0 source files"'}, "mypy"),
        ({"lint_imports": 'echo "Analyzed 0 files, 0 dependencies."'}, "import-linter"),
    ],
)
def test_a_check_that_examined_nothing_fails(tmp_path, empty, named):
    status, said = run(tmp_path, **empty)
    assert status == 1
    assert f"{named} (examined nothing)" in said


@pytest.mark.parametrize(
    ("tests", "broken", "passes"),
    [
        ("exit 0", {}, True),
        ("exit 1", {}, False),
        ("exit 0", {"mypy": "echo 'x.py:1: error'; exit 1"}, False),
        ("exit 0", {"mypy": "kill -9 $PPID"}, False),
    ],
)
def test_make_test_passes_when_tests_and_checks_do(tmp_path, tests, broken, passes):
    python = f'case "$2" in pytest) echo tested; {tests};; esac'
    asked = ("make", "-o", "install-test", "test", f"PY={tmp_path / 'python'}")
    status, said = run(tmp_path, *asked, python=python, **broken)
    assert (status == 0) is passes, said
    assert said.index("tested") < said.index("tools/check:"), "what was checked is told after the tests, in one piece"
