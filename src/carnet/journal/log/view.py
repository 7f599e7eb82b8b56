"""The published log as the doors that serve persons see it: checkpoint, leaves, proofs up to that checkpoint."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from carnet.journal import verify_journal
from carnet.journal.log.tiles import WIDTH, TileStore, split_bundle
from carnet.journal.rules.merkle import batch_proof
from carnet.journal.rules.notes import Note

PROGRAM = Path(verify_journal.__file__)
"""The program that checks a journal offline, to be handed out as it is."""


class LogView:
    """One published state of the log: later growth does not change what it says. empty: nothing published yet."""

    def __init__(self, folder: Path, *, quorum: int = 0) -> None:
        self._store = TileStore(folder)
        self.quorum = quorum
        self.checkpoint = self._store.checkpoint()
        found = Note.parse(self.checkpoint).checkpoint() if self.checkpoint else None
        self.size = found.size if found else 0
        self.origin = found.origin if found else ""
        self._bundle: tuple[int, list[bytes]] = (-1, [])

    @property
    def keys(self) -> list[str]:
        """The verifier keys of the log and its witnesses, as published."""
        try:
            return (self._store.folder / "keys").read_text(encoding="utf-8").split()
        except FileNotFoundError:
            return []

    def leaf(self, index: int) -> bytes:
        """Return a leaf. Ask in ascending order: the bundle last read is kept."""
        number, place = divmod(index, WIDTH)
        if self._bundle[0] != number:
            self._bundle = (number, split_bundle(self._store.read("entries", number)))
        return self._bundle[1][place]

    def proof(self, indices: Sequence[int]) -> Iterator[bytes]:
        """Yield the batch proof of the leaves at `indices` (any order)."""
        return batch_proof(sorted(indices), self.size, self._store.hash_of)


_seated: list[tuple[Path, int]] = []


def seat_log(folder: Path | None, *, quorum: int = 0) -> None:
    """Say where this process finds the published log; None: nowhere."""
    _seated[:] = [(folder, quorum)] if folder else []


def published_log() -> LogView:
    """Return the log as published now; an empty one when this process has none."""
    folder, quorum = _seated[0] if _seated else (Path("/nonexistent"), 0)
    return LogView(folder, quorum=quorum)
