"""The monitor: follows the public log leaf by leaf and says what should not be. Anybody may run one.

It rebuilds every root from the leaves themselves, so a log that was rewritten, cut or forked cannot agree with it, and
sees a number used twice by its label. Run by the operator, it also reads the receipts of commits: what was committed
and does not appear in the log within seconds was suppressed or altered. It sees no person and no database.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from carnet.infra import clock
from carnet.journal.log.alarms import MOST, Alarms
from carnet.journal.log.reading import FolderLog, LogUnreadable, WebLog
from carnet.journal.log.tiles import WIDTH
from carnet.journal.receipts import HOUR, RECORD, hour_of, read_receipts
from carnet.journal.rules.leaves import commitment_in, label_in, leaf_hash
from carnet.journal.rules.merkle import EMPTY_ROOT, Frontier
from carnet.journal.rules.notes import Checkpoint, Note, NoteError, VerifierKey, seen_by, signed_by

RECEIPT_SECONDS = 10
STALE_SECONDS = 200
CLOCK_SECONDS = 5
_TABLES = """
CREATE TABLE IF NOT EXISTS leaf (label BLOB PRIMARY KEY, commitment BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS leaf_commitment ON leaf (commitment);
CREATE TABLE IF NOT EXISTS awaited (commitment BLOB PRIMARY KEY, since INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS book (name TEXT PRIMARY KEY, offset INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS state (only INTEGER PRIMARY KEY CHECK (only = 1), size INTEGER, hashes BLOB);
"""


class Trusted(msgspec.Struct, frozen=True, kw_only=True):
    """Whom the monitor believes: the log's key, the witnesses' keys, how many of them a checkpoint needs."""

    log: VerifierKey
    witnesses: tuple[VerifierKey, ...] = ()
    quorum: int = 0


class Monitor:
    """Follows one log. `check()` is one look; alarms go to `alarms`."""

    def __init__(
        self, *, source: FolderLog | WebLog, trusted: Trusted, state: Path, alarms: Alarms, receipts: Path | None = None
    ) -> None:
        self.alarms = alarms
        self._source, self._trusted, self._receipts = source, trusted, receipts
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._db = sqlite3.connect(state / "monitor.db", isolation_level=None)
        self._db.executescript(_TABLES)
        self._began = self._now()
        self._unread_since: int | None = None

    @property
    def size(self) -> int:
        """How many leaves were followed."""
        return self._frontier().size

    def check(self) -> bool:
        """Look once; return whether nothing is wrong with this look."""
        before = len(self.alarms.raised)
        readable = self._follow()
        if self._receipts is not None:
            self._read_books(self._receipts)
            self._miss()
        return readable and len(self.alarms.raised) == before

    def close(self) -> None:
        """Let go of the state."""
        self._db.close()

    def _follow(self) -> bool:
        try:
            note = Note.parse(self._source.checkpoint())
            checkpoint = note.checkpoint()
            if self._is_believed(note, checkpoint):
                self._extend(checkpoint)
        except NoteError:
            self.alarms.ring("bad-checkpoint", self._trusted.log.name)
        except LogUnreadable:
            self._unread_since = self._unread_since or self._now()
            if self._now() - self._unread_since > STALE_SECONDS * 1000:
                self.alarms.ring("unreadable", self._trusted.log.name)
            return False
        self._unread_since = None
        return True

    def _is_believed(self, note: Note, checkpoint: Checkpoint) -> bool:
        """Whether log and enough witnesses put their names to it, lately."""
        where = f"size {checkpoint.size}"
        if checkpoint.origin != self._trusted.log.name or not signed_by(note, self._trusted.log):
            self.alarms.ring("re-signed", where)
            return False
        times = [seen for key in self._trusted.witnesses if (seen := seen_by(note, key)) is not None]
        if len(times) < self._trusted.quorum:
            self.alarms.ring("unwitnessed", where)
            return False
        if times and self._now() / 1000 - max((0, *self._past(note))) > STALE_SECONDS:
            self.alarms.ring("stalled", where)
        return True

    def _past(self, note: Note) -> Iterator[int]:
        """Yield when witnesses saw it, and ring for whoever saw it in the future: that would hide a standstill."""
        for key in self._trusted.witnesses:
            seen = seen_by(note, key) or 0
            if seen > self._now() / 1000 + CLOCK_SECONDS:
                self.alarms.ring("clock", key.name)
            else:
                yield seen

    def _extend(self, checkpoint: Checkpoint) -> None:
        """Follow from where we stand to `checkpoint`; nothing is believed of it unless the root comes out."""
        frontier = self._frontier()
        if checkpoint.size < frontier.size:
            self.alarms.ring("rolled-back", f"size {checkpoint.size}, was {frontier.size}")
            return
        self._db.execute("BEGIN")
        try:
            fresh = self._add(frontier, checkpoint.size)
            if frontier.root() != (checkpoint.root if checkpoint.size else EMPTY_ROOT):
                self.alarms.ring("forked", f"size {checkpoint.size}")
                return
            self._db.execute(
                "INSERT OR REPLACE INTO state VALUES (1, ?, ?)", (frontier.size, b"".join(frontier.hashes))
            )
            self._db.executemany("DELETE FROM awaited WHERE commitment = ?", [(one,) for one in fresh])
            self._db.execute("COMMIT")
        finally:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")

    def _add(self, frontier: Frontier, size: int) -> Sequence[bytes]:
        fresh: list[bytes] = []
        while frontier.size < size:
            number, place = divmod(frontier.size, WIDTH)
            width = min(size - number * WIDTH, WIDTH)
            for leaf in self._source.bundle(number, width)[place:]:
                frontier.add(leaf_hash(leaf))
                added = self._db.execute(
                    "INSERT OR IGNORE INTO leaf VALUES (?, ?)", (label_in(leaf), commitment_in(leaf))
                )
                if not added.rowcount:
                    self.alarms.ring("replayed", f"leaf {frontier.size - 1}")
                fresh.append(commitment_in(leaf))
        return fresh

    def _frontier(self) -> Frontier:
        row = self._db.execute("SELECT size, hashes FROM state").fetchone()
        if row is None:
            return Frontier()
        return Frontier(row[0], [row[1][at : at + 32] for at in range(0, len(row[1]), 32)])

    def _read_books(self, folder: Path) -> None:
        """Note what was committed since the last look; remove books nobody writes any more."""
        hour = self._now() // HOUR
        for path in sorted(folder.glob("*-*")):
            row = self._db.execute("SELECT offset FROM book WHERE name = ?", (path.name,)).fetchone()
            offset = row[0] if row else 0
            with path.open("rb") as file:
                file.seek(offset)
                data = file.read()
            whole = len(data) // RECORD * RECORD
            awaited = [(one, at) for at, one in read_receipts(data[:whole])]
            self._db.execute("BEGIN")
            self._db.executemany(
                "INSERT OR IGNORE INTO awaited SELECT ?1, ?2 WHERE NOT EXISTS"
                " (SELECT 1 FROM leaf WHERE commitment = ?1)",
                awaited,
            )
            self._db.execute("INSERT OR REPLACE INTO book VALUES (?, ?)", (path.name, offset + whole))
            self._db.execute("COMMIT")
            if hour_of(path) < hour - 1:
                path.unlink(missing_ok=True)
                self._db.execute("DELETE FROM book WHERE name = ?", (path.name,))

    def _miss(self) -> None:
        """Ring for every receipt whose entry should be in the log by now, counted from our own start at most."""
        limit = self._now() - RECEIPT_SECONDS * 1000
        if self._began > limit:
            return
        asked = "SELECT commitment FROM awaited WHERE since < ? LIMIT ?"
        missing = self._db.execute(asked, (limit, MOST)).fetchall()
        for (one,) in missing:
            self.alarms.ring("suppressed", f"commitment {one.hex()}")

    @staticmethod
    def _now() -> int:
        return int(clock.now().timestamp() * 1000)
