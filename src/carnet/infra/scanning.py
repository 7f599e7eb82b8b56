"""Asking clamd whether bytes carry a virus, before anything is stored.

clamd's INSTREAM conversation over TCP or a Unix socket: a command, pieces of bytes each behind its length in four
octets, an empty length, one line back. Without a scanner nothing is claimed: the document is labelled not scanned.
Deliberately ignored: what the virus is called (it goes to no answer and no log) and what clamd does not look into.
Source: clamd(8), "INSTREAM"; answers "stream: OK", "stream: <name> FOUND", "… ERROR".
"""

import asyncio
import contextlib
from enum import StrEnum
from typing import Final

import msgspec

from carnet.kernel.errors import Invalid, Problem, Unavailable

INFECTED: Final = Problem(
    "content-infected",
    "Ce fichier contient un programme malveillant : il n'a pas été enregistré.",
    "This file contains malicious code: it was not stored.",
)
SCANNER_DOWN: Final = Problem(
    "scanner-unavailable",
    "La recherche de virus ne répond pas. Rien n'a été enregistré ; réessayez bientôt.",
    "The virus scanner does not answer. Nothing was stored; please try again soon.",
)
_CHUNK: Final = 256 * 1024
_LONGEST_ANSWER: Final = 1024


class Scan(StrEnum):
    """What is known of a document's bytes; the words of its row."""

    CLEAN = "clean"
    NOT_SCANNED = "not-scanned"


class Clamd(msgspec.Struct, frozen=True):
    """Where clamd listens: "host:port", or the path of a socket. seconds: for one whole conversation."""

    address: str
    seconds: float = 20.0

    async def scan(self, content: bytes) -> Scan:
        """Return CLEAN. Raises Invalid (`content-infected`) or Unavailable (no answer, an error, too large for it)."""
        try:
            async with asyncio.timeout(self.seconds):
                answer = await self._ask(content)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            raise Unavailable(SCANNER_DOWN) from error
        if answer.endswith(" FOUND"):
            raise Invalid(INFECTED)
        if answer != "stream: OK":
            raise Unavailable(SCANNER_DOWN)
        return Scan.CLEAN

    async def _ask(self, content: bytes) -> str:
        reader, writer = await self._connect()
        try:
            writer.write(b"zINSTREAM\0")
            for start in range(0, len(content), _CHUNK):
                piece = content[start : start + _CHUNK]
                writer.write(len(piece).to_bytes(4, "big"))
                writer.write(piece)
                await writer.drain()
            writer.write(bytes(4))
            await writer.drain()
            return (await reader.readuntil(b"\0")).rstrip(b"\0").decode("ascii", "replace").strip()
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self.address.startswith("/"):
            return await asyncio.open_unix_connection(self.address, limit=_LONGEST_ANSWER)
        host, _, port = self.address.rpartition(":")
        return await asyncio.open_connection(host.strip("[]"), int(port), limit=_LONGEST_ANSWER)


async def scan(content: bytes, *, scanner: Clamd | None) -> Scan:
    """Return what the scanner says of `content`; NOT_SCANNED when there is none. Raises as `Clamd.scan`."""
    return Scan.NOT_SCANNED if scanner is None else await scanner.scan(content)
