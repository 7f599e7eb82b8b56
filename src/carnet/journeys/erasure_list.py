"""The erased spaces, noted outside the database: after a restore of an old backup they are erased again from it.

A file a space in a folder, named by its id, which tells nothing of anybody, and beside them a file a certificate, which
nothing links to a space; kept where backups of the database do not overwrite it. Written after the erasure is
committed; a process that dies in between leaves a row the next run notes.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from uuid import UUID

import msgspec

from carnet.infra.disk import Disk, write_all
from carnet.journeys.certificates import Certificate
from carnet.kernel.ids import SpaceId


class ErasureList:
    """Appends and reads; several processes may share the folder."""

    def __init__(self, folder: Path, *, disk: Disk | None = None) -> None:
        """Take the folder, made at the first use."""
        self._folder = folder
        self._disk = disk or Disk()

    def note(self, space: SpaceId, *, at: datetime) -> None:
        """Note, durably, that `space` was erased at `at`. Twice changes nothing. Raises OSError."""
        self._write(self._folder, str(space), f"{at.isoformat()}\n".encode())

    def keep(self, certificate: Certificate) -> None:
        """Note, durably, a certificate as it was issued. Twice changes nothing. Raises OSError."""
        self._write(self._certificates, str(certificate.certificate_id), msgspec.json.encode(certificate))

    def spaces(self) -> Iterator[SpaceId]:
        """Yield every space noted."""
        if self._folder.exists():
            for path in sorted(self._folder.iterdir()):
                if path.is_file() and not path.name.startswith("."):
                    yield SpaceId(UUID(path.name))

    def certificates(self) -> Iterator[Certificate]:
        """Yield every certificate noted."""
        if self._certificates.exists():
            for path in sorted(self._certificates.iterdir()):
                if not path.name.startswith("."):
                    yield msgspec.json.decode(path.read_bytes(), type=Certificate)

    @property
    def _certificates(self) -> Path:
        return self._folder / "certificates"

    def _write(self, folder: Path, name: str, content: bytes) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path, draft = folder / name, folder / f".{name}"
        draft.unlink(missing_ok=True)
        descriptor = self._disk.create(draft)
        try:
            write_all(self._disk, descriptor, content)
            self._disk.fsync(descriptor)
        finally:
            self._disk.close(descriptor)
        self._disk.rename(draft, path)
        self._disk.fsync_folder(folder)
