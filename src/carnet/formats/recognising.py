"""Becomes the text recogniser with little memory and time: sets its own limits, then is replaced by tesseract.

A program, not a module to import: limits must hold before the first byte of a hostile picture is read, and setting them
between fork and exec is not safe in a process with threads. Standard input and output pass through untouched.
"""

import os
import resource
import sys
from typing import Final

MEMORY: Final = 2_000_000_000
SECONDS: Final = 40


def main(program: str, language: str) -> None:
    """Never returns: the process goes on as `program`."""
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    arguments = [program, "stdin", "stdout", "-l", language, "--psm", "3"]
    os.execv(program, arguments)  # noqa: S606 - no shell: the program found at start, fixed arguments


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
