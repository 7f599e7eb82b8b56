"""Calls to the services of the country (identity providers, INS): bounded in time and size, or a clear "unavailable".

No redirect is followed and no proxy is taken from the environment: the addresses are settings, and what they answer
decides who somebody is.
"""

import asyncio
from typing import Any

import httpx
import msgspec

from carnet.kernel.errors import Problem, Unavailable

MAX_ANSWER = 256 * 1024


class Answer(msgspec.Struct, frozen=True):
    """What a service answered. media_type: without parameters, lower case."""

    status: int
    media_type: str
    body: bytes

    def json(self) -> Any:
        """Return the body as JSON; raises ValueError when it is not."""
        try:
            return msgspec.json.decode(self.body)
        except msgspec.DecodeError as error:
            raise ValueError("not JSON") from error


class Outside:
    """One HTTP client for one service; opened at first use, in the event loop that uses it."""

    def __init__(self, *, down: Problem, seconds: float = 5.0) -> None:
        """down: what people are told when the service does not answer. seconds: for a whole exchange."""
        self._down = down
        self._seconds = seconds
        self._client: httpx.AsyncClient | None = None

    async def get(self, url: str, *, headers: dict[str, str] | None = None) -> Answer:
        """Send GET; raises Unavailable when there is no usable answer in time."""
        return await self._send("GET", url, headers=headers)

    async def post_form(self, url: str, form: dict[str, str], *, auth: tuple[str, str] | None = None) -> Answer:
        """Send a form; auth: client id and secret for HTTP Basic."""
        return await self._send("POST", url, data=form, auth=auth, headers={"Accept": "application/json"})

    async def post_json(self, url: str, content: Any) -> Answer:
        """Send JSON."""
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        return await self._send("POST", url, content=msgspec.json.encode(content), headers=headers)

    def unavailable(self) -> Unavailable:
        """Return the refusal for an answer that makes no sense."""
        return Unavailable(self._down)

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _send(self, method: str, url: str, **what: Any) -> Answer:
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=self._seconds, follow_redirects=False, trust_env=False)
        try:
            async with asyncio.timeout(self._seconds), self._client.stream(method, url, **what) as answer:
                body = await self._bounded(answer)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError) as error:
            raise self.unavailable() from error
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise self.unavailable()
        media_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        return Answer(answer.status_code, media_type, body)

    async def _bounded(self, answer: httpx.Response) -> bytes:
        body = bytearray()
        async for chunk in answer.aiter_bytes():
            body += chunk
            if len(body) > MAX_ANSWER:
                raise self.unavailable()
        return bytes(body)
