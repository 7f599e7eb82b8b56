"""The static files, read once and held in memory: there are few, they are small, and their address holds their hash.

Deliberately ignores HTTP: a door or the composition root serves what `static_file` returns, with `CACHE_CONTROL`.
"""

from functools import lru_cache
from pathlib import PurePosixPath

import msgspec

from carnet.design.environment import STATIC

CACHE_CONTROL = "public, max-age=31536000, immutable"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}


class StaticFile(msgspec.Struct, frozen=True):
    """A file's bytes and its media type."""

    content: bytes
    media_type: str


@lru_cache(maxsize=1)
def _files() -> dict[str, StaticFile]:
    found = (path for path in STATIC.rglob("*") if path.suffix in TYPES)
    return {path.relative_to(STATIC).as_posix(): StaticFile(path.read_bytes(), TYPES[path.suffix]) for path in found}


def static_file(name: str) -> StaticFile | None:
    """Return the file of that name ("vendor/htmx/htmx.min.js"), None when there is none. Never touches the disk twice,
    so no name can leave the folder.
    """
    return _files().get(PurePosixPath(name.lstrip("/")).as_posix())
