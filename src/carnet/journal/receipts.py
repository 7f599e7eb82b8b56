"""What was committed, told outside the database: so that an entry suppressed or altered before it is sealed is missed.

After each commit the process appends the commitments of its entries, with the time, to a file of its own. The monitor
expects each in the public log within seconds. A receipt says nothing about anybody. It is no promise: a process that
dies between commit and receipt, or whose disk is full, leaves none, and the entry is sealed all the same.
"""

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from carnet.infra import clock
from carnet.infra.telemetry import log

RECORD = 8 + 32
"""Milliseconds since 1970, big-endian, then the commitment."""
HOUR = 3_600_000
KEPT_HOURS = 48
"""How long a book waits for a monitor: an entry that is not in the log by then was missed by everything else too."""


class ReceiptBook:
    """Appends receipts to `folder`/<process>-<hour>. The monitor removes what it read; what nobody reads goes too."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder
        self._hour, self._process, self._file = -1, -1, -1

    def note(self, commitments: Iterable[bytes]) -> None:
        """Note what a commit that just returned has written. What was acknowledged stays so: trouble is logged only."""
        now = int(clock.now().timestamp() * 1000)
        head = now.to_bytes(8, "big")
        data = b"".join(head + one for one in commitments)
        try:
            if now // HOUR != self._hour or os.getpid() != self._process:
                self._open(now)
            written = os.write(self._file, data)
            if written != len(data):  # a full disk took a part: what follows must begin where a record begins
                os.ftruncate(self._file, os.fstat(self._file).st_size - written % RECORD)
                _say("short write")
        except OSError as error:
            _say(type(error).__name__)

    def close(self) -> None:
        """Let go of the file."""
        if self._file >= 0 and os.getpid() == self._process:
            os.close(self._file)
        self._hour, self._file = -1, -1

    def _open(self, now: int) -> None:
        self.close()
        hour, process = now // HOUR, os.getpid()
        path = self._folder / f"{process}-{hour}"
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._hour, self._process = hour, process
        for old in self._folder.glob("*-*"):
            if hour_of(old) < hour - KEPT_HOURS:
                old.unlink(missing_ok=True)


def _say(why: str) -> None:
    with contextlib.suppress(OSError):  # the log may lie on the same full disk
        log.warning("receipts-not-noted", why=why)


def hour_of(book: Path) -> int:
    """Return the hour (since 1970) a book was begun for."""
    return int(book.name.rpartition("-")[2])


def read_receipts(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (milliseconds, commitment) of each whole record in `data`."""
    for at in range(0, len(data) - RECORD + 1, RECORD):
        yield int.from_bytes(data[at : at + 8], "big"), data[at + 8 : at + RECORD]


_seated: list[ReceiptBook] = []


def seat_receipts(book: ReceiptBook | None) -> None:
    """Make `book` where this process notes its receipts; None: nowhere (tests, commands of one act)."""
    for old in _seated:
        old.close()
    _seated[:] = [book] if book else []


def note_receipts(commitments: Iterable[bytes]) -> None:
    """Note receipts in the book of this process, if it has one."""
    for book in _seated:
        book.note(commitments)


def has_book() -> bool:
    """Whether this process notes receipts."""
    return bool(_seated)
