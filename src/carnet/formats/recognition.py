"""Words of a scanned page, by tesseract with its French data, when they are installed on this machine.

Each page is one process with a memory and a time limit. A page that cannot be read has no words: that is told to nobody
as an error, because a picture without words is no fault. Decision 0014 says why not ocrmypdf.
"""

import functools
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from carnet.formats import recognising
from carnet.formats.page_texts import tidy

LANGUAGE: Final = "fra"
PACKAGES: Final = "tesseract-ocr tesseract-ocr-fra"
_PROGRAM: Final = Path(recognising.__file__)
_ENVIRONMENT: Final = {"OMP_THREAD_LIMIT": "1", "LC_ALL": "C.UTF-8"}


@functools.cache
def recogniser() -> str | None:
    """Return the path of tesseract when it is here and reads French; looked for once a process."""
    path = shutil.which("tesseract")
    if path is None:
        return None
    try:
        listed = subprocess.run([path, "--list-langs"], capture_output=True, timeout=10, check=False)  # noqa: S603 - fixed arguments
    except (OSError, subprocess.TimeoutExpired):
        return None
    return path if LANGUAGE in listed.stdout.decode("utf-8", "replace").split() else None


def recognise(picture: bytes, *, program: str, seconds: float) -> str | None:
    """Return the words of one page (PNG, JPEG or TIFF), "" when there are none, None when `seconds` were too few."""
    command = [sys.executable, "-I", str(_PROGRAM), program, LANGUAGE]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and file, a path found on this machine, no shell
            command, input=picture, capture_output=True, timeout=seconds, env=_ENVIRONMENT, check=False
        )
    except subprocess.TimeoutExpired:
        return None
    return tidy(done.stdout.decode("utf-8", "replace")) if done.returncode == 0 else ""
