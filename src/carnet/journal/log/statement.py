"""The house's signature under a journal it hands out on paper: a C2SP signed note over the hash of the data attached.

It says "this is what we handed out", no more; that it is true and whole is proved by the data itself. The key is
not the log's: whoever takes it over can sign papers, and seal nothing.
"""

import base64
import contextlib
import hashlib
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from carnet.infra.disk import Disk, write_all
from carnet.journal.rules.notes import LOG, Note, VerifierKey, public_key, sign


class StatementKey:
    """Signs statements as `name`. The key file (raw seed, mode 0600) is made on first use."""

    def __init__(self, path: Path, *, name: str) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(_seed(path))
        self.name = name

    @property
    def public(self) -> VerifierKey:
        """The key statements are verified with."""
        return public_key(self._key, name=self.name, kind=LOG)

    def note(self, data: bytes, *, entries: int) -> str:
        """Return the signed note for `data`: name, number of entries, SHA-256 in base64."""
        text = f"{self.name}\n{entries}\n{base64.b64encode(hashlib.sha256(data).digest()).decode()}\n"
        return str(Note(text, (sign(text, key=self._key, name=self.name),)))


def _seed(path: Path) -> bytes:
    """Return the seed in `path`; of several processes that start at once, one makes it."""
    disk = Disk()
    with contextlib.suppress(FileExistsError):
        draft = Ed25519PrivateKey.generate().private_bytes_raw()
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            beside = path.with_name(f".{path.name}.{draft[:4].hex()}")
            descriptor = disk.create(beside)
            try:
                write_all(disk, descriptor, draft)
                disk.fsync(descriptor)
            finally:
                disk.close(descriptor)
            try:
                disk.link(beside, path)
            finally:
                disk.unlink(beside)
            disk.fsync_folder(path.parent)
    return path.read_bytes()


_seated: list[tuple[Path, str]] = []
_loaded: dict[Path, StatementKey] = {}


def seat_statement_key(path: Path | None, *, name: str = "") -> None:
    """Say where this process finds the key; it is opened when the first statement is signed."""
    _seated[:] = [(path, name)] if path else []


def statement_key() -> StatementKey:
    """Return the key of this process; RuntimeError when nothing said where it is."""
    if not _seated:
        raise RuntimeError("no statement key: `seat_statement_key` has not run")
    path, name = _seated[0]
    if path not in _loaded:
        _loaded[path] = StatementKey(path, name=name)
    return _loaded[path]
