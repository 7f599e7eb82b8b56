"""What a signer or a witness must never forget: how large a log was when it last put its name to it, and its root.

One small file outside PostgreSQL, durable before any signature leaves. A tree that is smaller, or does not begin with
the remembered one, is refused: that is the whole of what makes a roll-back or a fork impossible to sign.
"""

import base64
import threading
from collections.abc import Sequence
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from carnet.journal.log.tiles import write_durably
from carnet.journal.rules.merkle import EMPTY_ROOT, ProofError, check_consistency
from carnet.journal.rules.notes import Checkpoint


class MemoryLostError(RuntimeError):
    """There is a key but not what it signed last: going on could sign two histories."""


class Smaller(Exception):
    """The tree is smaller than one already signed: a log that was rolled back."""

    def __init__(self, size: int) -> None:
        super().__init__(f"a tree of {size} leaves was already signed")
        self.size = size


class Forked(Exception):
    """The tree does not begin with the one already signed: another history."""


class _Remembered(msgspec.Struct):
    size: int = 0
    root: str = ""


class Memory:
    """The last checkpoint of one log. Safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            raise MemoryLostError(f"{path} is gone: what was signed last is not known. Restore it, or retire the key.")
        self._path = path
        self._lock = threading.Lock()
        self._last = msgspec.json.decode(path.read_bytes(), type=_Remembered)

    @classmethod
    def begin(cls, path: Path) -> "Memory":
        """Return the memory of a log never seen before."""
        write_durably(path, msgspec.json.encode(_Remembered()), mode=0o600)
        return cls(path)

    @property
    def size(self) -> int:
        """How many leaves the last signed tree had."""
        return self._last.size

    @property
    def root(self) -> bytes:
        """The root of the last signed tree."""
        return base64.b64decode(self._last.root) if self._last.root else EMPTY_ROOT

    def advance(self, checkpoint: Checkpoint, proof: Sequence[bytes], *, old: int | None = None) -> None:
        """Remember `checkpoint`, durably, if the tree only grew. old: the size the proof starts from, when told.

        Raises Smaller (also when `old` is not what is remembered) and Forked.
        """
        with self._lock:
            if checkpoint.size < self.size or (old is not None and old != self.size):
                raise Smaller(self.size)
            try:
                check_consistency(self.size, self.root, checkpoint.size, checkpoint.root, proof)
            except ProofError as error:
                raise Forked(str(error)) from error
            if checkpoint.size != self.size:
                last = _Remembered(checkpoint.size, base64.b64encode(checkpoint.root).decode())
                write_durably(self._path, msgspec.json.encode(last), mode=0o600)
                self._last = last


def open_key(
    folder: Path, origins: Sequence[str], *, accept_new: bool = False
) -> tuple[Ed25519PrivateKey, list[Memory]]:
    """Return the Ed25519 key in `folder` (raw seed, mode 0600) and what it signed last of each log.

    Key and empty memories are made together, on first use; later a log without a memory is one that was lost, unless
    `accept_new`. Raises MemoryLostError, and PermissionError when others may read the key.
    """
    path, names = folder / "key", [_memory_path(folder, origin) for origin in origins]
    if path.exists():
        if path.stat().st_mode & 0o077:
            raise PermissionError(f"{path} may be read by others: chmod 600")
        key = Ed25519PrivateKey.from_private_bytes(path.read_bytes())
        return key, [Memory.begin(one) if accept_new and not one.exists() else Memory(one) for one in names]
    (folder / "memory").mkdir(exist_ok=True, parents=True, mode=0o700)
    folder.chmod(0o700)
    memories = [Memory.begin(one) for one in names]
    key = Ed25519PrivateKey.generate()
    write_durably(path, key.private_bytes_raw(), mode=0o600)
    return key, memories


def _memory_path(folder: Path, origin: str) -> Path:
    return folder / "memory" / base64.urlsafe_b64encode(origin.encode()).decode().rstrip("=")
