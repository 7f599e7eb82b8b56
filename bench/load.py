"""Sending requests as fast as they are answered, and saying how it went: wrk when it is there, else a client of ours.

Both keep a number of connections busy, each waiting for its answer before it asks again, and count every answer that is
not a success. Ours costs more processor than wrk and therefore shows less; the report says which one was used.
"""

import asyncio
import base64
import itertools
import resource
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

MICRO = 1_000_000
NUMBER_MARK, BASE64_MARK = b"\x01N", b"\x01B"
_LUA = Path(__file__).parent / "requests.lua"


class Requests(msgspec.Struct, frozen=True, kw_only=True):
    """What to send in turn: paths, bodies, cookies. Bodies hold marks where the running number goes."""

    method: str
    paths: tuple[str, ...]
    headers: dict[str, str]
    bodies: tuple[bytes, ...] = ()
    cookies: tuple[str, ...] = ()

    def numbered(self, number: int) -> tuple[str, bytes]:
        """Return the path and body of request `number`."""
        path = self.paths[number % len(self.paths)]
        if not self.bodies:
            return path, b""
        return path, with_number(self.bodies[number % len(self.bodies)], number)


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen: answers, of which not successful, seconds, latencies in milliseconds; and what asking cost."""

    answers: int
    failures: int
    seconds: float
    p50: float
    p99: float
    client_cpu: float

    @property
    def rate(self) -> float:
        return self.answers / self.seconds


def with_number(body: bytes, number: int) -> bytes:
    """Return `body` with its marks replaced by `number` as twelve digits, plain and in base64."""
    digits = b"%012d" % number
    return body.replace(NUMBER_MARK, digits).replace(BASE64_MARK, base64.b64encode(digits))


def wrk() -> str | None:
    """Return where wrk is, None when it is not installed."""
    return shutil.which("wrk")


def run(requests: Requests, *, url: str, connections: int, seconds: float, folder: Path, first: int) -> Outcome:
    """Send for `seconds` over `connections`; `first`: the first running number, never to be used again."""
    if wrk():
        return _run_wrk(requests, url=url, connections=connections, seconds=seconds, folder=folder, first=first)
    return asyncio.run(_Client(requests, url=url, first=first).run(connections=connections, seconds=seconds))


def _run_wrk(requests: Requests, *, url: str, connections: int, seconds: float, folder: Path, first: int) -> Outcome:
    plan = folder / "requests"
    plan.mkdir(exist_ok=True)
    for old in plan.iterdir():
        old.unlink()
    (plan / "paths").write_text("\n".join(requests.paths) + "\n")
    (plan / "headers").write_text("".join(f"{name}: {value}\n" for name, value in requests.headers.items()))
    (plan / "cookies").write_text("".join(f"{cookie}\n" for cookie in requests.cookies))
    for place, body in enumerate(requests.bodies):
        (plan / f"body-{place}").write_bytes(body)
    command = [
        "wrk",
        "-t1",
        f"-c{connections}",
        f"-d{max(round(seconds), 1)}s",
        "--timeout",
        "10s",
        "-s",
        str(_LUA),
        url,
    ]
    command += ["--", str(plan), requests.method, str(len(requests.bodies)), str(first)]
    before = _children_cpu()
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + 60)
    line = next(line for line in done.stdout.splitlines() if line.startswith("RESULT "))
    answers, failures, micros, p50, p99 = (float(part) for part in line.split()[1:])
    return Outcome(
        answers=int(answers),
        failures=int(failures),
        seconds=micros / MICRO,
        p50=p50 / 1000,
        p99=p99 / 1000,
        client_cpu=_children_cpu() - before,
    )


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class _Client:
    """The smallest HTTP/1.1 client that will do: one request at a time a connection, lengths announced."""

    def __init__(self, requests: Requests, *, url: str, first: int) -> None:
        self._requests = requests
        self._host, _, port = url.removeprefix("http://").rstrip("/").partition(":")
        self._port = int(port)
        self._numbers = itertools.count(first)
        self._latencies: list[float] = []
        self._failures = 0

    async def run(self, *, connections: int, seconds: float) -> Outcome:
        begun, spent = time.perf_counter(), time.process_time()
        await asyncio.gather(*(self._visit(lambda: time.perf_counter() < begun + seconds) for _ in range(connections)))
        latencies = sorted(self._latencies)
        return Outcome(
            answers=len(latencies),
            failures=self._failures,
            seconds=time.perf_counter() - begun,
            p50=latencies[len(latencies) // 2] * 1000,
            p99=latencies[len(latencies) * 99 // 100] * 1000,
            client_cpu=time.process_time() - spent,
        )

    async def _visit(self, going: Callable[[], bool]) -> None:
        reader, writer = await asyncio.open_connection(self._host, self._port, limit=1 << 20)
        cookies = itertools.cycle(self._requests.cookies) if self._requests.cookies else None
        while going():
            path, body = self._requests.numbered(next(self._numbers))
            lines = [f"{self._requests.method} {path} HTTP/1.1", f"Host: {self._host}", f"Content-Length: {len(body)}"]
            lines += [f"{name}: {value}" for name, value in self._requests.headers.items()]
            if cookies:
                lines.append(f"Cookie: {next(cookies)}")
            begun = time.perf_counter()
            writer.write("\r\n".join([*lines, "", ""]).encode() + body)
            await writer.drain()
            status = await self._answer(reader)
            self._latencies.append(time.perf_counter() - begun)
            self._failures += not 200 <= status < 300
        writer.close()
        await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader) -> int:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        status = int(head.split(" ", 2)[1])
        _, found, rest = head.partition("content-length:")
        if found:
            await reader.readexactly(int(rest.split("\r\n", 1)[0]))
        else:
            while size := int(await reader.readline(), 16):
                await reader.readexactly(size + 2)
            await reader.readexactly(2)
        return status
