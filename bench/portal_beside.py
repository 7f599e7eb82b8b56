"""Somebody at the portal while the campaign works: their first page, a few times a second, and how long it took.

One signed-in person with a few documents, on a web server of its own beside the batch. Ignored here: load on the portal
(`python -m bench` measures that); what is asked is what the nightly work leaves of one person's patience.
"""

import contextlib
import threading
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

import httpx
from joserfc.jwk import ECKey

from bench.house import House, served
from bench.population import populate
from bench.visitors import session_cookie

EVERY = 0.2
PAGE = "/accueil"


class Beside:
    """Asks for the first page until told to stop, in a thread of its own: it keeps asking while the batch is busy."""

    def __init__(self, house: House, cookie: str) -> None:
        self._house, self._cookie = house, cookie
        self._stop = threading.Event()
        self._waits: list[float] = []
        pool = ThreadPoolExecutor(1)
        self._asking = pool.submit(self._ask)
        pool.shutdown(wait=False)  # nothing else is asked of it

    def stop(self) -> None:
        """Stop asking. Raises what went wrong meanwhile."""
        self._stop.set()
        self._asking.result()

    def said(self) -> str:
        """What was measured since this was asked last, in milliseconds. Raises what went wrong: the run ends there."""
        if self._asking.done():
            self._asking.result()
        waits, self._waits = sorted(self._waits), []
        if not waits:
            return "    portal: nothing was asked"
        half, most = waits[len(waits) // 2], waits[min(len(waits) - 1, len(waits) * 99 // 100)]
        return (
            f"    portal beside, {len(waits)} pages: p50 {half * 1e3:.0f} ms, p99 {most * 1e3:.0f} ms, "
            f"longest {waits[-1] * 1e3:.0f} ms"
        )

    def _ask(self) -> None:
        headers = {"cookie": self._cookie}
        with httpx.Client(base_url=self._house.base_url, headers=headers, trust_env=False, timeout=30) as client:
            while not self._stop.is_set():
                begun = time.monotonic()
                answer = client.get(PAGE)
                if answer.status_code != httpx.codes.OK:
                    raise RuntimeError(f"{PAGE} answered {answer.status_code}")
                waited = time.monotonic() - begun
                self._waits.append(waited)
                self._stop.wait(max(EVERY - waited, 0))


@contextlib.asynccontextmanager
async def portal_beside(house: House) -> AsyncIterator[Beside]:
    """Serve the house and ask for one person's first page meanwhile. Needs a connected installation."""
    key = ECKey.generate_key("P-384", {"kid": "bench", "use": "sig"}, private=True)
    people = await populate(spaces=1, documents=3, jwks={"keys": [key.as_dict(private=False)]}, large=0)
    cookie = await session_cookie(people.people[0], number=0)
    with served(house):
        beside = Beside(house, cookie)
        try:
            yield beside
        finally:
            beside.stop()
