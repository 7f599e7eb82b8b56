"""Files of letters on disk: written whole before anybody counts as written to, named once they do.

One run holds a folder: what it finds there unnamed was left by one that died. Ignored here: what letters say, and who
is written to.
"""

import asyncio
import contextlib
import fcntl
import hashlib
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from uuid import UUID

import msgspec

from carnet.infra.db import Database, work
from carnet.infra.disk import Disk, write_all
from carnet.kernel.errors import Conflict, Problem
from carnet.spaces.queries.campaign import is_batch_known

_DISK = Disk()
ELSEWHERE = Problem(
    code="notify-running",
    fr="Un autre envoi écrit dans ce dossier : attendez qu'il soit fini, ou choisissez un autre dossier.",
    en="Another run is writing into this folder: wait for that to end, or choose another folder.",
)


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold a folder for one run; the lock goes with its process, however that ends. Raises Conflict."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(ELSEWHERE) from None
        yield
    finally:
        os.close(descriptor)


def unnamed(folder: Path, batch_id: UUID) -> Path:
    """Return where a file of letters lies until its people count as written to."""
    return folder / f"lot-{batch_id}.pdf.part"


def keep(part: Path, pdf: bytes, *, number: int, told: dict[str, str]) -> None:
    """Write a file of letters, a page each, and its manifest, with `told` in it; both are on disk when this returns."""
    sha256 = hashlib.sha256(pdf).hexdigest()
    manifest = told | {"file": part.stem, "letters": number, "pages": number, "sha256": sha256}
    _write(part, pdf)
    _write(_manifest(part), msgspec.json.encode(manifest))


def name(part: Path) -> str:
    """Give a file of letters its name: its people count as written to. Return it."""
    _DISK.rename(part, part.with_suffix(""))
    return part.stem


async def settle(folder: Path, batch: Database, at: datetime) -> None:
    """Files of a run that was killed: named when their people count as told, removed when they do not."""
    for part in await asyncio.to_thread(lambda: sorted(folder.glob("lot-*.pdf.part"))):
        batch_id = UUID(part.name.removeprefix("lot-").removesuffix(".pdf.part"))
        async with work(space=None, at=at, database_=batch) as w:
            known = await is_batch_known(w, batch_id)
        if known:
            name(part)
        else:
            part.unlink()
            _manifest(part).unlink(missing_ok=True)


def _manifest(part: Path) -> Path:
    return part.with_suffix("").with_suffix(".json")


def _write(path: Path, data: bytes) -> None:
    """Write a file that is on disk when this returns; only its owner reads it."""
    path.unlink(missing_ok=True)
    descriptor = _DISK.create(path)
    try:
        write_all(_DISK, descriptor, data)
        _DISK.fsync(descriptor)
    finally:
        _DISK.close(descriptor)
    _DISK.fsync_folder(path.parent)
