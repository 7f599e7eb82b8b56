"""SMTP as we speak it, stricter and quicker than the library: commands end in CR LF, a message is read in one piece.

The library takes commands that end in a bare line feed and reads a message line by line, which is most of the work of
taking one in. Whoever opens many connections at once is turned away before anything is said (threats T37).
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiosmtpd.smtp import SMTP

MOST_OPEN: Final = 500
MOST_FROM_ONE: Final = 50
LONGEST_COMMAND: Final = 2048
_CHUNK: Final = 1 << 18
_END: Final = b"\r\n.\r\n"
# aiosmtpd repeats in its log whatever it does not understand, and that may be a line of somebody's letter (threats T19)
logging.getLogger("mail.log").setLevel(logging.CRITICAL)


class Crowd:
    """Who is connected. welcome: whether an address is a server of ours, which may open as many as it likes."""

    def __init__(self, welcome: Callable[[str], bool]) -> None:
        self._welcome = welcome
        self._open: Counter[str] = Counter()

    def enter(self, address: str) -> bool:
        """Count one more connection from `address`; False when there are too many."""
        if self._open.total() >= MOST_OPEN or (self._open[address] >= MOST_FROM_ONE and not self._welcome(address)):
            return False
        self._open[address] += 1
        return True

    def leave(self, address: str) -> None:
        """One connection is over."""
        self._open[address] -= 1
        if self._open[address] <= 0:
            del self._open[address]


class Lines:
    """What is read from a connection, for commands and messages; it stands where aiosmtpd has its reader.

    odd: what is done about a line that is none (bare CR or LF, NUL, too long); nothing is read after it.
    """

    def __init__(self, reader: asyncio.StreamReader, *, odd: Callable[[], Awaitable[None]]) -> None:
        self._reader: Any = reader
        self._odd = odd
        self._held = bytearray()

    @property
    def _transport(self) -> asyncio.BaseTransport:
        """Where bytes come from; aiosmtpd sets it when TLS begins."""
        transport: asyncio.BaseTransport = self._reader._transport  # noqa: SLF001 - as aiosmtpd does
        return transport

    @_transport.setter
    def _transport(self, transport: asyncio.BaseTransport) -> None:
        self._reader._transport = transport  # noqa: SLF001 - as aiosmtpd does

    @property
    def _buffer(self) -> "Lines":
        """What aiosmtpd clears when TLS begins: nothing said before counts (RFC 3207 §6)."""
        return self

    def clear(self) -> None:
        """Forget what was received and not used."""
        self._held.clear()
        self._reader._buffer.clear()  # noqa: SLF001 - as aiosmtpd does

    async def readuntil(self) -> bytes:
        """Return the next command."""
        while (end := self._held.find(b"\n")) < 0 and len(self._held) <= LONGEST_COMMAND:
            self._held += await self._read()
        line = bytes(self._held[: end + 1])
        if end < 0 or end >= LONGEST_COMMAND or not line.endswith(b"\r\n") or b"\r" in line[:-2] or b"\x00" in line:
            await self._odd()
            await _nothing_more()
        del self._held[: end + 1]
        return line

    async def message(self, *, most_bytes: int) -> bytes | None:
        """Return a message without its dots (RFC 5321 §4.5.2), None when it was too large: it is read to its end."""
        held, self._held = bytearray(b"\r\n") + self._held, bytearray()
        seen, too_large = 0, False
        while (end := held.find(_END, seen)) < 0:
            seen = max(0, len(held) - len(_END) + 1)
            if len(held) > most_bytes + len(_END):
                too_large = True
                del held[:seen]
                seen = 0
            held += await self._read()
        self._held = held[end + len(_END) :]
        if too_large or end > most_bytes:
            return None
        return bytes(held[: end + 2].replace(b"\r\n.", b"\r\n")[2:])

    async def _read(self) -> bytes:
        piece: bytes = await self._reader.read(_CHUNK)
        if not piece:
            await _nothing_more()
        return piece


async def _nothing_more() -> None:
    """Wait until aiosmtpd cancels whoever reads: the connection is closed, or about to be."""
    await asyncio.get_running_loop().create_future()


class Speaker(SMTP):  # type: ignore[misc]  # aiosmtpd is untyped to mypy here
    """One connection. crowd: who else is connected."""

    def __init__(self, handler: object, *, crowd: Crowd, **told: Any) -> None:
        super().__init__(handler, **told)
        self._crowd = crowd
        self._address: str | None = None
        self._refused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, unless there are too many; called again when TLS begins."""
        if self.transport is None:
            peer = transport.get_extra_info("peername")
            address = str(peer[0]) if isinstance(peer, tuple) else ""
            if not self._crowd.enter(address):
                self._refused = True
                if isinstance(transport, asyncio.Transport):
                    transport.write(b"421 4.7.0 Too many connections\r\n")
                transport.close()
                return
            self._address = address
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """End; whoever was turned away was never here."""
        if self._refused:
            return
        if self._address is not None:
            self._crowd.leave(self._address)
            self._address = None
        super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        """Take what was said, but from whom was turned away."""
        if not self._refused:
            super().data_received(data)

    def eof_received(self) -> bool | None:
        """The peer has nothing more to say."""
        return None if self._refused else super().eof_received()

    def _cb_client_connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader: Any = Lines(reader, odd=self._odd_line)
        self._writer = writer

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd's name
        """Read a message in one piece and have it judged (RFC 5321 §4.1.1.4)."""
        if await self.check_helo_needed():
            return
        assert self.envelope is not None  # for the type: it is made with the connection
        if not self.envelope.rcpt_tos:
            await self.push("503 5.5.1 RCPT first")
            return
        if arg:
            await self.push("501 5.5.4 DATA takes nothing")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        content = await self._reader.message(most_bytes=self.data_size_limit or 0)
        if content is None:
            self._set_post_data_state()
            await self.push("552 5.3.4 Too much mail data")
            return
        self._reset_timeout()
        self.envelope.content = self.envelope.original_content = content
        status = await self._call_handler_hook("DATA")
        self._set_post_data_state()
        await self.push(status)

    async def _odd_line(self) -> None:
        """Say that a line was none, and hang up: what follows could be anything."""
        await self.push("500 5.5.2 A command is one line that ends in CR LF")
        if self.transport is not None:
            self.transport.close()
