"""Somebody at the portal while the campaign works: first page and list of documents, and how long each took.

Several browsers, each a signed-in person with a few documents, in a process of their own beside a web server of its
own: they wait for the house and never for the batch's interpreter. Each waits for its page before it asks for the next,
as people do. Ignored here: load on the portal (`python -m bench` measures that); what is asked is what the nightly
work leaves of people's patience.
"""

import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import msgspec
from joserfc.jwk import ECKey

from bench.house import SOURCES, House, served
from bench.population import populate
from bench.visitors import session_cookie

EVERY = 0.1
BROWSERS = 4
PAGES = ("/accueil", "/documents")


class Waits(msgspec.Struct, frozen=True, kw_only=True):
    """What pages took, in seconds, in order of length; empty when none was asked for."""

    pages: tuple[float, ...]

    def at(self, percent: float) -> float:
        """Return the percentile in milliseconds: the next page that was really waited for, never one in between."""
        place = -(-len(self.pages) * percent // 100)
        return self.pages[max(int(place) - 1, 0)] * 1e3

    def __str__(self) -> str:
        if not self.pages:
            return "    portal: nothing was asked"
        late = sum(one > 0.1 for one in self.pages)
        return (
            f"    portal beside, {len(self.pages):,} pages: p50 {self.at(50):.0f} ms, p95 {self.at(95):.0f} ms, "
            f"p99 {self.at(99):.0f} ms, longest {self.at(100):.0f} ms, {late} over 100 ms"
        )


class Beside:
    """Browsers in a process of their own, and what they wrote down."""

    def __init__(self, process: subprocess.Popen[bytes], written: Path) -> None:
        self._process, self._written, self._read = process, written, 0

    def stop(self) -> None:
        """Stop asking. Raises RuntimeError when a page went wrong meanwhile."""
        self._lively()
        self._process.terminate()
        self._process.wait()

    def said(self) -> Waits:
        """What was measured since this was asked last. Raises what went wrong: the run ends there."""
        self._lively()
        with self._written.open("rb") as file:
            file.seek(self._read)
            text = file.read()
        whole = text[: text.rfind(b"\n") + 1]
        self._read += len(whole)
        return Waits(pages=tuple(sorted(float(line) for line in whole.split())))

    def _lively(self) -> None:
        if self._process.poll() is not None:
            raise RuntimeError("the browsers beside stopped: " + self._written.with_suffix(".err").read_text()[-500:])


@contextlib.asynccontextmanager
async def portal_beside(house: House) -> AsyncIterator[Beside]:
    """Serve the house and ask for people's pages meanwhile. Needs a connected installation."""
    key = ECKey.generate_key("P-384", {"kid": "bench", "use": "sig"}, private=True)
    keys = {"keys": [key.as_dict(private=False)]}
    people = await populate(spaces=BROWSERS, documents=3, jwks=keys, large=0)
    cookies = [await session_cookie(one, number=place) for place, one in enumerate(people.people[:BROWSERS])]
    with served(house), _browsers(house, cookies) as beside:
        yield beside


@contextlib.contextmanager
def _browsers(house: House, cookies: list[str]) -> Iterator[Beside]:
    written = house.home / "portal.waits"
    written.touch()
    command = [sys.executable, "-m", "bench.portal_beside", house.base_url, str(written), *cookies]
    environment = house.environment | {"PYTHONPATH": f"{SOURCES}:{SOURCES.parent}"}
    with written.with_suffix(".err").open("wb") as errors:
        beside = Beside(subprocess.Popen(command, env=environment, stderr=errors), written)
    try:
        yield beside
    finally:
        beside.stop()


def _browse(address: str, cookie: str, written: Path, late: float) -> None:
    """Ask for one page after another, at its own moments; one line a page, in seconds."""
    number = 0
    with (
        httpx.Client(base_url=address, headers={"cookie": cookie}, trust_env=False, timeout=30) as client,
        written.open("a", buffering=1) as file,
    ):
        time.sleep(late)
        while True:
            begun = time.monotonic()
            answer = client.get(PAGES[number % len(PAGES)])
            waited = time.monotonic() - begun
            if answer.status_code != httpx.codes.OK:
                raise RuntimeError(f"{PAGES[number % len(PAGES)]} answered {answer.status_code}")
            file.write(f"{waited:.6f}\n")
            number += 1
            time.sleep(max(EVERY - waited, 0))


def main(arguments: list[str]) -> int:
    """Browse until stopped; 1 when a page went wrong."""
    address, written, *cookies = arguments
    ended = threading.Event()

    def browser(cookie: str, late: float) -> None:
        try:
            _browse(address, cookie, Path(written), late)
        finally:
            ended.set()

    for place, cookie in enumerate(cookies):
        threading.Thread(target=browser, args=(cookie, place * EVERY / len(cookies)), daemon=True).start()
    ended.wait()
    return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
