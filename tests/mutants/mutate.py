"""Tries every mutant of the modules below against the tests beside them, and says which of them nobody notices.

`make mutants` does all of them; names on the command line do those modules whose name holds one. Tests go in rounds,
the fast ones that prove most first: what they let through meets the slow ones. Each mutant has a process of its own,
forked from one that has imported all that is not ours, and a module is replaced while it is imported: no file is
written. Tests that need a database find one server for all of them, and each mutant a database of its own. A survivor
that docs/mutants.md explains is counted; any other is told, and makes the run fail.
"""

import contextlib
import functools
import importlib.util
import itertools
import math
import multiprocessing
import os
import re
import sys
import time
from collections.abc import Sequence
from importlib.abc import MetaPathFinder, SourceLoader
from importlib.machinery import ModuleSpec
from importlib.metadata import entry_points
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]

import pytest  # noqa: E402 - after the path
from hypothesis import HealthCheck, settings  # noqa: E402 - after the path

from factories.one_server import GIVEN, drop_databases, one_server  # noqa: E402 - found by the path above
from mutants.changes import mutants  # noqa: E402 - found by the path above
from mutants.rounds import MODULES, PRELOADED  # noqa: E402 - found by the path above

LEAST_PATIENCE, TIMES_AS_LONG = 20, 10
"""Seconds, and times what the module as it is takes: a mutant may loop for ever, a machine may be busy."""
EXPLAINED = ROOT / "docs" / "mutants.md"
_ROW = re.compile(r"\| `(?P<module>[\w.]+)` \| `(?P<what>.+?)` \| (?P<why>.+) \|")
WITH_A_DATABASE = ("tests/integration", "tests/interfaces", "tests/matrix")
NO_TEST = 5  # pytest's status when it collected none


class Replacing(MetaPathFinder, SourceLoader):
    """Imports one module as a mutant of itself."""

    def __init__(self, module: str, number: int) -> None:
        self._module, self._number = module, number

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Take over the import of the one module."""
        if fullname != self._module:
            return None
        return importlib.util.spec_from_file_location(fullname, file_of(fullname), loader=self)

    def get_filename(self, fullname: str) -> str:
        """Where the source lies."""
        return str(file_of(fullname))

    def get_data(self, path: str | bytes) -> bytes:
        """Return the mutated source."""
        found = mutants(Path(os.fsdecode(path)).read_text())
        return next(itertools.islice(found, self._number, None)).text.encode()


def file_of(module: str) -> Path:
    """The source of a module of the product."""
    return ROOT / "src" / Path(*module.split(".")).with_suffix(".py")


class BrokenRunError(RuntimeError):
    """The tests did not run: whatever they say of a mutant says nothing."""


def passes(module: str, number: int | None, tests: Sequence[str], *, patience: float = math.inf) -> bool:
    """Tell whether tests pass with one mutant of a module (None: as it is), each time in a new process.

    patience: seconds; a mutant that never ends is noticed by whoever waits for it. Raises BrokenRunError.
    """
    process = _forking().Process(target=_run, args=(module, number, tuple(tests), os.environ.get(GIVEN)))
    process.start()
    process.join(None if patience == math.inf else patience)
    if process.is_alive():
        process.kill()
        process.join()
        drop_databases(process.pid or 0)
        _say(f"never ended: {module}, mutant {number}, after {patience:.0f} s of {tests[0]}")
        return False
    drop_databases(process.pid or 0)
    if process.exitcode == NO_TEST:
        raise BrokenRunError(f"{module}: no test was collected: {' '.join(tests)}")
    return process.exitcode == 0


@functools.cache
def _forking() -> multiprocessing.context.ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    plugins = (one.module for one in entry_points(group="pytest11"))
    context.set_forkserver_preload([*PRELOADED, *plugins])
    return context


def _run(module: str, number: int | None, tests: tuple[str, ...], server: str | None) -> None:
    """Be the process of one mutant: nothing is said, the exit status tells."""
    os.chdir(ROOT)
    if server is not None:
        os.environ[GIVEN] = server
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    if number is not None:
        sys.meta_path.insert(0, Replacing(module, number))
    everything = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large]
    settings.register_profile(
        "mutants", deadline=None, derandomize=True, database=None, suppress_health_check=everything
    )
    options = ["-q", "-x", "-p", "no:cacheprovider", "-n", "0", "--assert=plain", "--hypothesis-profile=mutants"]
    sys.exit(int(pytest.main([*options, *tests])))


def explained() -> dict[tuple[str, str], str]:
    """Return why each survivor that docs/mutants.md explains changes nothing, by module and what is changed."""
    rows = (_ROW.fullmatch(line) for line in EXPLAINED.read_text(encoding="utf-8").splitlines())
    return {(f"carnet.{row['module']}", row["what"].replace(r"\|", "|")): row["why"] for row in rows if row}


def survivors(module: str) -> list[str]:
    """Try every mutant of a module, say who survives as it is found, and return those nothing explains.

    Raises BrokenRunError when its tests do not pass without any mutant: all of them would count as noticed.
    """
    began, known, tried, left = time.monotonic(), explained(), 0, []
    for number, mutant in enumerate(mutants(file_of(module).read_text())):
        tried += 1
        if all(passes(module, number, tests, patience=_patience(tests)) for tests in MODULES[module]):
            left.append(mutant.what)
            why = "explained" if (module, mutant.what) in known else "survived"
            _say(f"{why}: {module}:{mutant.line}: {mutant.what}")
    fresh = [one for one in left if (module, one) not in known]
    seconds = time.monotonic() - began
    _say(f"{module}: {tried} mutants, {len(left)} survivors, {len(left) - len(fresh)} explained, {seconds:.0f} s")
    return fresh


@functools.cache
def _patience(tests: tuple[str, ...]) -> float:
    """Return how long to wait for tests, once they are known to pass without any mutant. Raises BrokenRunError."""
    before = time.monotonic()
    if not passes("", None, tests):
        raise BrokenRunError(f"without any mutant they do not pass: {' '.join(tests)}")
    return max(LEAST_PATIENCE, TIMES_AS_LONG * (time.monotonic() - before))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(names: list[str]) -> int:
    """Try the modules whose name holds one of `names` (all without any); return how many survivors nothing explains."""
    chosen = [module for module in MODULES if not names or any(name in module for name in names)]
    if not chosen:
        raise BrokenRunError(f"no module is named {' or '.join(names)}")
    tests = [one for module in chosen for tests in MODULES[module] for one in tests]
    with one_server() if any(one.startswith(WITH_A_DATABASE) for one in tests) else contextlib.nullcontext():
        fresh = sum(len(survivors(module)) for module in chosen)
    _say(f"{len(chosen)} modules, {fresh} survivors that docs/mutants.md does not explain")
    return fresh


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
