"""Python with the product imported, forked for each program of it that tests start: what takes time is importing.

Run as a program. A line of standard input is a start (JSON: command, environment, log) or the number of a process to
wait for; the answer is a line with the number of the process, or what it ended with. What runs is the product's own
command line in a session of its own, after the planted fault when one is named.
"""

import json
import os
import runpy
import sys
import tempfile
from pathlib import Path

PLANTED = Path(__file__).parent / "planted" / "sitecustomize.py"


def starts() -> dict | None:
    """Answer until standard input ends; in a process that was forked, return what it is to be."""
    answer("loaded")
    for line in sys.stdin:
        asked = json.loads(line)
        if isinstance(asked, int):
            answer(str(os.waitstatus_to_exitcode(os.waitpid(asked, 0)[1])))
        elif child := os.fork():
            answer(str(child))
        else:
            return asked
    return None


def answer(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def become(command: list[str], environment: dict[str, str], log: str, script: str | None) -> None:
    """Be the program `command` of the product, or a script of the tests with `command` for its arguments."""
    os.setsid()
    said, nothing = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644), os.open(os.devnull, os.O_RDONLY)
    for here, there in ((nothing, 0), (said, 1), (said, 2)):
        os.dup2(here, there)
    os.environ.clear()
    os.environ.update(environment)
    if "PLANTED_FAULT" in environment:
        runpy.run_path(str(PLANTED))
    if script:
        sys.argv = [script, *command]
        runpy.run_path(script, run_name="__main__")
        return
    from carnet.config.cli import app

    app(command)


def load() -> None:
    """Import whatever the programs import; the metrics library wants a folder to count in from the first."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        import carnet.config.application
        import carnet.config.cli
        import carnet.config.mail_gateway
        import carnet.config.serve
        import carnet.config.wiring  # noqa: F401 - as all of these
        import factories.house
        import factories.world  # noqa: F401 - imported before the fork: that is the point


if __name__ == "__main__":
    load()
    if (started := starts()) is not None:
        become(**started)
