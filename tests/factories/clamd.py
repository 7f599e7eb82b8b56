"""A clamd that speaks INSTREAM, says what it is told, or misbehaves."""

import asyncio
import contextlib

from carnet.infra.scanning import Clamd

EICAR = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"


class FakeClamd:
    """Reads INSTREAM as clamd does and answers by content."""

    def __init__(self, *, answer=None, most=10_000_000, silent=False):
        self.received: list[bytes] = []
        self.answer, self.most, self.silent = answer, most, silent

    async def __call__(self, reader, writer):
        assert await reader.readexactly(10) == b"zINSTREAM\0"
        content = b""
        while length := int.from_bytes(await reader.readexactly(4), "big"):
            content += await reader.readexactly(length)
            if len(content) > self.most:
                writer.write(b"INSTREAM size limit exceeded. ERROR\0")
                writer.close()
                return
        self.received.append(content)
        if self.silent:
            await asyncio.sleep(5)
        writer.write(self.answer or (b"stream: Eicar FOUND\0" if EICAR in content else b"stream: OK\0"))
        writer.close()


@contextlib.asynccontextmanager
async def tcp(fake):
    server = await asyncio.start_server(fake, "127.0.0.1", 0)
    try:
        yield Clamd(f"127.0.0.1:{server.sockets[0].getsockname()[1]}", seconds=1)
    finally:
        server.close()
