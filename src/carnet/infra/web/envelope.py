"""What every request passes through first and every answer last: one thin ASGI layer, because it is on every path.

It gives a request id, refuses what comes on top of what the process can work on, refuses bodies by their declared size
before reading and by their counted size while reading, bounds the time a slow client may take, bounds the time to an
answer, adds the security headers, and writes one line.
"""

import asyncio
import functools
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from litestar.exceptions import LitestarException

from carnet.infra import randomness
from carnet.infra.telemetry import DURATION, REQUESTS, RUNNING, log

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


def page_policy(form_targets: tuple[str, ...] = ()) -> bytes:
    """Return the Content-Security-Policy of pages. `form_targets`: origins a form may end at (identity providers)."""
    targets = " ".join(("'self'", *form_targets))
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"connect-src 'self'; form-action {targets}; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'"
    ).encode()


COMMON_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-embedder-policy", b"require-corp"),
    (b"permissions-policy", b"camera=(self), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()"),
    (b"strict-transport-security", b"max-age=63072000; includeSubDomains"),
    (b"x-frame-options", b"SAMEORIGIN"),
)


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes and seconds. body: default largest body; bodies: by path prefix, the first that fits.

    at_once: requests being read or worked on in this process; whoever comes on top is told to come back (threats T55).
    send_seconds: how long a client may take nothing of a streamed answer before it is cut off.
    """

    at_once: int = 256
    body: int = 64 * 1024
    bodies: Mapping[str, int] = {}
    receive_seconds: float = 15.0
    body_seconds: float = 60.0
    answer_seconds: float = 30.0
    send_seconds: float = 30.0
    policy: bytes = page_policy()


_ALWAYS = frozenset({"healthz", "readyz"})


class BodyTooLargeError(Exception):
    """The client sent more than the route takes."""


class ClientTooSlowError(Exception):
    """The client did not send in time."""


def door_of(path: str) -> str:
    """Return the door a path belongs to, for logs and metrics (never the path itself: it may hold ids)."""
    first = path.split("/", 2)[1] if path.startswith("/") else ""
    return first if first in {"fhir", "oauth", "pro", "static", "healthz", "readyz"} else "portal"


@functools.lru_cache(maxsize=1024)
def _counter(door: str, method: str, status: int) -> Any:
    return REQUESTS.labels(door, method, str(status))


@functools.lru_cache(maxsize=64)
def _timer(door: str) -> Any:
    return DURATION.labels(door)


class Envelope:
    """ASGI middleware; wrap the whole application in it."""

    def __init__(self, app: App, *, limits: Limits) -> None:
        self.app = app
        self.limits = limits
        self._working: set[_Exchange] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        await _Exchange(self.app, self.limits, scope, receive, send, working=self._working).run()


class _Exchange:
    """One request and its answer."""

    def __init__(
        self, app: App, limits: Limits, scope: Scope, receive: Receive, send: Send, *, working: set["_Exchange"]
    ) -> None:
        self.app, self.limits, self.scope = app, limits, scope
        self._receive, self._send, self._working = receive, send, working
        self._cut: tuple[int, str] | None = None
        self.request_id = randomness.token_urlsafe(9)
        self.path: str = scope["path"]
        self.door = door_of(self.path)
        self.largest = next((n for prefix, n in limits.bodies.items() if self.path.startswith(prefix)), limits.body)
        self.received = 0
        self.status = 0
        self.begun = time.monotonic()
        self.body_deadline = self.begun + limits.body_seconds
        self._handed_over: float | None = None
        self._watch: asyncio.TimerHandle | None = None

    async def run(self) -> None:
        scope = self.scope
        scope.setdefault("state", {})["request_id"] = self.request_id
        RUNNING.inc()
        try:
            if len(self._working) >= self.limits.at_once and self.door not in _ALWAYS:
                await self._refuse(503, "busy", (b"retry-after", b"2"))
                return
            self._working.add(self)
            if self._declared_too_large():
                await self._refuse(413, "too-large")
                return
            try:
                async with asyncio.timeout(self.limits.answer_seconds + self.limits.body_seconds) as self.timeout:
                    await self.app(scope, self.receive, self.send)
            except BodyTooLargeError:
                await self._refuse(413, "too-large")
            except ClientTooSlowError:
                await self._refuse(408, "too-slow")
            except TimeoutError:
                await self._refuse(503, "timeout", (b"retry-after", b"5"))
            except LitestarException:
                if self._cut is None:
                    raise
                # an answer that had begun is left unfinished: the server closes the connection
        finally:
            if self._watch is not None:
                self._watch.cancel()
            self._working.discard(self)
            RUNNING.dec()
            self._note()

    def _declared_too_large(self) -> bool:
        for name, value in self.scope["headers"]:
            if name == b"content-length":
                return not value.isdigit() or int(value) > self.largest
        return False

    async def receive(self) -> Message:
        budget = min(self.limits.receive_seconds, self.body_deadline - time.monotonic())
        if self.status:
            return await self._receive()  # answering: only a disconnection can come
        try:
            async with asyncio.timeout(max(budget, 0.001)):
                message = await self._receive()
        except TimeoutError as error:
            self._cut = (408, "too-slow")
            raise ClientTooSlowError from error
        self.received += len(message.get("body", b""))
        if self.received > self.largest:
            self._cut = (413, "too-large")
            raise BodyTooLargeError
        return message

    async def send(self, message: Message) -> None:
        if self._cut is not None:
            # the application made something of our exception: what happened is the client's doing, not ours
            await self._refuse(*self._cut)
            return
        if message["type"] == "http.response.start":
            self.status = message["status"]
            # what is left is the client's pace: a slow download keeps nobody out
            self._working.discard(self)
            # a long download may take its time; the handler itself answered
            self.timeout.reschedule(None)
            headers: list[tuple[bytes, bytes]] = list(message.get("headers", ()))
            present = {name.lower() for name, _ in headers}
            headers += [pair for pair in COMMON_HEADERS if pair[0] not in present]
            if b"content-security-policy" not in present:
                headers.append((b"content-security-policy", self.limits.policy))
            if b"cache-control" not in present:
                headers.append((b"cache-control", b"no-store"))
            headers.append((b"x-request-id", self.request_id.encode()))
            message = {**message, "headers": headers}
        if not message.get("more_body"):
            await self._send(message)
            return
        self._handed_over = time.monotonic()
        if self._watch is None:
            self._watch = asyncio.get_running_loop().call_later(self.limits.send_seconds, self._look_after)
        await self._send(message)
        self._handed_over = None

    def _look_after(self) -> None:
        """Cut off a client that takes nothing. One timer an answer, not one a piece."""
        loop, left = asyncio.get_running_loop(), self.limits.send_seconds
        if self._handed_over is not None:
            left -= time.monotonic() - self._handed_over
        if left > 0:
            self._watch = loop.call_later(left, self._look_after)
        else:
            self._cut = (408, "too-slow")
            self.timeout.reschedule(loop.time())

    async def _refuse(self, status: int, code: str, *more: tuple[bytes, bytes]) -> None:
        if self.status:
            return  # the answer had begun: the connection is cut by the server
        self.status = status
        body = msgspec.json.encode({"error": code, "request": self.request_id})
        headers = [(b"content-type", b"application/json"), (b"connection", b"close"), *COMMON_HEADERS, *more]
        headers += [(b"cache-control", b"no-store"), (b"x-request-id", self.request_id.encode())]
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})

    def _note(self) -> None:
        seconds = time.monotonic() - self.begun
        _counter(self.door, self.scope["method"], self.status).inc()
        _timer(self.door).observe(seconds)
        log.info(
            "request",
            request=self.request_id,
            door=self.door,
            method=self.scope["method"],
            status=self.status,
            ms=round(seconds * 1000, 1),
            bytes_in=self.received,
        )
