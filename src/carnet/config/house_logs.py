"""What the processes of `carnet run` say: a file each in HOME/logs, and the end of it when one of them fails."""

import re
from pathlib import Path
from typing import BinaryIO

MOST_BYTES = 20_000_000
LAST_LINES = 12


def log_file(folder: Path, name: str) -> BinaryIO:
    """Open the log of one process to append; a large one of earlier runs is put aside (one is kept)."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{name}.log"
    if path.exists() and path.stat().st_size > MOST_BYTES:
        path.replace(path.with_suffix(".log.1"))
    return path.open("ab")


def crash(name: str, status: int, folder: Path) -> str:
    """Return what to say of a process that ended by itself."""
    path = folder / f"{name}.log"
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    telling = [line for line in lines if not re.match(r'\{.*"level": "(info|debug)"', line)]
    shown = "".join(f"\n    {line}" for line in telling[-LAST_LINES:])
    return f"{name} ended by itself (status {status}); stopping the rest. Its last words, from {path}:{shown}"
