"""A wire between the house and its PostgreSQL that counts round trips: every Sync and every simple Query sent.

Counted on the wire, so that no way of talking to the database can go unnoticed. PostgreSQL protocol 3.0, §53.7.
"""

import asyncio
import contextlib
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit, urlunsplit


class Wire:
    """Forwards one Unix socket to another."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url = urlsplit(url)
        options = parse_qs(self._url.query)
        self._target = f"{options['host'][0]}/.s.PGSQL.{options.get('port', ['5432'])[0]}"
        self._folder = folder
        self._server: asyncio.Server | None = None
        self.trips = 0

    @property
    def url(self) -> str:
        """The address that goes through the wire."""
        return urlunsplit(self._url._replace(query=f"host={quote(str(self._folder), safe='')}&port=5432"))

    async def start(self) -> None:
        self._server = await asyncio.start_unix_server(self._serve, str(self._folder / ".s.PGSQL.5432"))

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        down_reader, down_writer = await asyncio.open_unix_connection(self._target)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await asyncio.gather(self._up(reader, down_writer), self._down(down_reader, writer))
        for one in (writer, down_writer):
            one.close()

    async def _up(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        length = await reader.readexactly(4)  # the startup message has no type
        writer.write(length + await reader.readexactly(int.from_bytes(length, "big") - 4))
        while kind := await reader.read(1):
            length = await reader.readexactly(4)
            body = await reader.readexactly(int.from_bytes(length, "big") - 4)
            self.trips += kind in {b"S", b"Q"}
            writer.write(kind + length + body)
            await writer.drain()
        writer.close()

    @staticmethod
    async def _down(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()
        writer.close()
