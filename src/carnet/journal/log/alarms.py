"""Where what should not be is said: the log of the process, and a file a person or a pager can watch.

An alarm names its kind (docs/journal-format.md §8) and where; it never holds more than ids and numbers. Whoever made a
million things wrong fills no disk with them: the first are kept, and the file stops growing at a size.
"""

import os
from pathlib import Path

import msgspec

from carnet.infra import clock
from carnet.infra.telemetry import log

MOST = 1_000
"""Alarms kept of one run; the process's own log goes on naming each."""
LARGEST = 1_000_000
"""Bytes from which on the file is not added to: whoever watches it has been told."""


class Alarm(msgspec.Struct, frozen=True):
    """One thing found. by: which program found it."""

    kind: str
    where: str
    by: str
    at: str = ""


class Alarms:
    """Appends alarms to a file; the same one again within a run is said once."""

    def __init__(self, path: Path | None, *, by: str) -> None:
        self._path, self._by = path, by
        self.raised: list[Alarm] = []
        self._said: set[tuple[str, str]] = set()

    def ring(self, kind: str, where: str) -> None:
        """Say that `kind` was found at `where`."""
        if (kind, where) in self._said:
            return
        log.error("journal-alarm", kind=kind, where=where, by=self._by)
        if len(self.raised) >= MOST:
            return
        self._said.add((kind, where))
        alarm = Alarm(kind, where, self._by, clock.now().isoformat(timespec="seconds"))
        self.raised.append(alarm)
        if self._path is not None and not (self._path.exists() and self._path.stat().st_size > LARGEST):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("ab") as file:
                file.write(msgspec.json.encode(alarm) + b"\n")
                file.flush()
                os.fsync(file.fileno())


def read_alarms(path: Path) -> list[Alarm]:
    """Return every alarm in the file, oldest first."""
    if not path.exists():
        return []
    return [msgspec.json.decode(line, type=Alarm) for line in path.read_bytes().splitlines() if line]
