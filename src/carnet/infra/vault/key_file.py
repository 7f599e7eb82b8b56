"""Files that hold secrets: born whole, durable, and readable by their owner alone.

A key file appears under its name only once its bytes are on the disk, and never takes the place of another by
accident. What is inside is the business of the caller.
"""

import contextlib
import os
import stat
from pathlib import Path

from carnet.infra import randomness
from carnet.infra.disk import Disk, write_all
from carnet.infra.vault.errors import key_file_problem

_TOO_WIDE = 0o077


def read_key_file(path: Path) -> bytes:
    """Return the content of the key file at `path`.

    Raises KeyFileUnusable when it is absent, is open to group or others (wider than 0600), or belongs to somebody
    other than this process's user or root.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        raise key_file_problem("key-file-missing", path=str(path), fr="fichier absent", en="no such file") from None
    with os.fdopen(descriptor, "rb") as file:
        facts = os.fstat(descriptor)
        if stat.S_IMODE(facts.st_mode) & _TOO_WIDE or facts.st_uid not in (os.geteuid(), 0):
            raise key_file_problem(
                "key-file-exposed",
                path=str(path),
                fr="ce fichier doit appartenir à l'utilisateur de Carnet et n'être lisible que par lui (chmod 600)",
                en="this file must belong to Carnet's user and be readable by it alone (chmod 600)",
            )
        return file.read()


def create_key_file(path: Path, content: bytes, *, disk: Disk) -> bytes:
    """Give `path` this `content` unless another process was quicker; return what the file now holds."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = _write_draft(path, content, disk=disk)
    try:
        disk.link(draft, path)
    except FileExistsError:
        return read_key_file(path)
    finally:
        disk.unlink(draft)
    disk.fsync_folder(path.parent)
    return content


def replace_key_file(path: Path, content: bytes, *, disk: Disk) -> None:
    """Put `content` in the place of the key file at `path`, in one step that a crash cannot split."""
    draft = _write_draft(path, content, disk=disk)
    disk.rename(draft, path)
    disk.fsync_folder(path.parent)


def _write_draft(path: Path, content: bytes, *, disk: Disk) -> Path:
    draft = path.with_name(f".{path.name}.{randomness.token_urlsafe(8)}")
    descriptor = disk.create(draft)
    try:
        write_all(disk, descriptor, content)
        disk.fsync(descriptor)
    except OSError:
        with contextlib.suppress(OSError):
            disk.unlink(draft)
        raise
    finally:
        disk.close(descriptor)
    return draft
