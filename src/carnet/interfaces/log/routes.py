"""The public log at its C2SP addresses: `/journal/checkpoint`, `/journal/tile/…`, `/journal/keys`.

What lies in the log's folder is given out as it is; a tile that still grows is cut to the width asked, so that an
address always holds the same bytes and may be kept for ever. Nobody is known here, and nothing here is about anybody.
"""

import re
from pathlib import Path
from typing import Any

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from carnet.infra.web.audience import Audience, open_to
from carnet.journal.api import PROGRAM, WIDTH, read_tile, tile_path

FOR_EVER = "public, max-age=31536000, immutable"
BRIEFLY = "public, max-age=1"
_TILE = re.compile(r"/?(entries|[0-9]|[1-5][0-9])/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")
_BYTES = "application/octet-stream"


def log_routes(folder: Path) -> list[Any]:
    """Return the routes that publish the log in `folder`."""

    @get("/journal/checkpoint", **open_to(Audience.PUBLIC))
    async def checkpoint() -> Response[bytes]:
        """Return the newest signed and witnessed tree head (C2SP tlog-checkpoint)."""
        return _text(folder / "checkpoint")

    @get("/journal/keys", **open_to(Audience.PUBLIC))
    async def keys() -> Response[bytes]:
        """Return the verifier keys of the log and its witnesses, one a line; compare them with the witnesses' own."""
        return _text(folder / "keys")

    @get("/journal/tile/{path:path}", **open_to(Audience.PUBLIC))
    async def tile(path: FromPath[str]) -> Response[bytes]:
        """Return a hash tile or an entry bundle (C2SP tlog-tiles)."""
        asked = _TILE.fullmatch(path)
        if asked is None:
            raise NotFoundException
        level, written, width = asked.groups()
        number = int(written.replace("x", "").replace("/", ""))
        # one address a tile: kept for ever under others, caches could be filled without end
        if tile_path(level, number) != f"{level}/{written}" or width == str(WIDTH):
            raise NotFoundException
        found = read_tile(folder, level, number, int(width or WIDTH))
        if found is None:
            raise NotFoundException
        return Response(found, media_type=_BYTES, headers={"Cache-Control": FOR_EVER})

    @get("/journal/verify_journal.py", **open_to(Audience.PUBLIC))
    async def program() -> Response[bytes]:
        """Return the program that checks a journal offline: one file, Python's standard library."""
        headers = {"Cache-Control": BRIEFLY, "Content-Disposition": 'attachment; filename="verify_journal.py"'}
        return Response(PROGRAM.read_bytes(), media_type="text/x-python", headers=headers)

    return [checkpoint, keys, tile, program]


def _text(path: Path) -> Response[bytes]:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise NotFoundException from None
    return Response(content, media_type="text/plain", headers={"Cache-Control": BRIEFLY})
