"""One reader going everywhere once: every route of their door, every link they are shown, and what they try beside.

The requests come from the route table, so that a new route is visited the day it is declared.
"""

import asyncio
import contextlib
import hashlib
import itertools
import logging
import re
from collections import deque
from collections.abc import Iterator, Sequence
from html import unescape

import httpx
import msgspec
from litestar.types import ASGIApp, Message, Receive, ReceiveMessage, Scope, Send
from structlog.testing import capture_logs

from carnet.infra.web.audience import Audience
from carnet.kernel.actors import Actor
from factories.labour import Step, labour

SITE = "https://carnet.test"
MOST_LINKS = 150
_FIRST_NEWS = 2
"""Chunks of a stream of events that say how things stand: when to come back, and the first event."""
_SEALED = re.compile(rb"[A-Za-z0-9_-]{40,}={0,2}")  # base64url of 30 bytes or more, ids in hexadecimal excepted below
_HEXADECIMAL = re.compile(rb"[0-9a-f]{64}")
_CSRF = re.compile(r'name="_csrf_token" value="([^"]+)"')
_LINK = re.compile(r'(?:href|src|hx-get)="(/[^"#]*)"')
_NEXT = re.compile(r'"relation":"next","url":"https://carnet\.test([^"]+)"')
_PARAMETER = re.compile(r"\{(\w+):\w+\}")
_FIELD = re.compile(r"<(?:input|select|textarea|button)[^>]*>")
_NAME, _VALUE = re.compile(r'\bname="([^"]*)"'), re.compile(r'\bvalue="([^"]*)"')


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """One request. `form`: fields of a page's form (the form token is added); `body`: JSON."""

    method: str = "GET"
    path: str
    form: tuple[tuple[str, str], ...] | None = None
    body: bytes | None = None
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> str:
        """The name of the request, the same in every world."""
        sent = hashlib.sha256(self.body).hexdigest()[:8] if self.body else "nothing"
        beside = "".join(f", {name}: {lengths(value.encode()).decode()}" for name, value in self.headers)
        return f"{self.method} {lengths(self.path.encode()).decode()} with {sent}{beside}"


class Answer(msgspec.Struct, frozen=True):
    """All that can be observed of one answer, with what was logged meanwhile and what work it was (`labour.py`)."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    logs: tuple[str, ...]
    work: tuple[Step, ...] = ()


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who looks. values: what a name between braces in a route may stand for; bodies: what programs send.

    beside: requests made after the reading and before the writing, which no route and no link would suggest;
    actor: as their session knows them.
    """

    audience: Audience
    prefixes: tuple[str, ...]
    headers: dict[str, str]
    values: dict[str, tuple[str, ...]]
    queries: dict[str, tuple[str, ...]] = {}
    bodies: dict[tuple[str, str], tuple[bytes, ...]] = {}
    beside: tuple[Ask, ...] = ()
    actor: Actor | None = None


def _left_after_the_first_news(app: ASGIApp) -> ASGIApp:
    """Hang up on a stream of events once it has said what there is: it would never end by itself."""

    async def watched(scope: Scope, receive: Receive, send: Send) -> None:
        left, events, complete = asyncio.Event(), 0, False

        async def listened() -> ReceiveMessage:
            if not events:
                return await receive()
            await left.wait()
            return {"type": "http.disconnect"}

        async def heard(message: Message) -> None:
            nonlocal events, complete
            await send(message)
            if message["type"] == "http.response.start":
                events = any(value.startswith(b"text/event-stream") for _, value in message["headers"])
            elif message["type"] == "http.response.body":
                complete = not message["more_body"]
                events += bool(events)
                if events > _FIRST_NEWS:
                    left.set()

        await app(scope, listened, heard)
        if not complete:
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    return watched


class _Heard(logging.Handler):
    """Keeps what libraries and our own modules say through `logging`, as it would be printed."""

    def __init__(self, kept: list[str]) -> None:
        super().__init__()
        self._kept = kept

    def emit(self, record: logging.LogRecord) -> None:
        self._kept.append(f"{record.levelname} {record.name}: {self.format(record)}")


@contextlib.contextmanager
def house_lines() -> Iterator[list[str]]:
    """Collect every line the house would write to its log: its structured ones, and those of `logging`.

    How long something took and the number of a request are chance.
    """
    kept: list[str] = []
    heard = _Heard(kept)
    logging.getLogger().addHandler(heard)
    try:
        with capture_logs() as lines:
            yield kept
    finally:
        logging.getLogger().removeHandler(heard)
        kept += [str({key: value for key, value in one.items() if key not in {"ms", "request"}}) for one in lines]


class UnknownParameterError(AssertionError):
    """A route has a parameter the harness was never told about: teach it, or the route is not covered."""


class Visit:
    """One reader going everywhere once: every route of their door, then every link of what they were shown."""

    def __init__(self, app: ASGIApp, routes: Sequence[tuple[str, str, Sequence[Audience]]], reader: Reader) -> None:
        self._app, self._offered_routes, self._reader = app, routes, reader
        self._answers: dict[str, Answer] = {}
        self._csrf = ""

    async def everything(self) -> dict[str, Answer]:
        """Return every answer by request. Reading comes first: what is changed later cannot disturb it."""
        await self._read([ask for ask in self._routes() if ask.method in {"GET", "HEAD"}])
        for ask in self._reader.beside:
            await self._keep(ask)
        for ask in self._routes():
            if ask.method not in {"GET", "HEAD"}:
                await self._keep(ask)
        return self._answers

    async def glance(self) -> dict[str, Answer]:
        """Return the answers to what can be read by its route alone, no link followed: enough to have eyes."""
        for ask in self._routes():
            if ask.method == "GET":
                await self._keep(ask)
        return self._answers

    async def ask(self, ask: Ask) -> Answer:
        """Send one request and return all there is to observe."""
        transport = httpx.ASGITransport(app=_left_after_the_first_news(self._app))
        with house_lines() as logs, labour() as work:
            async with httpx.AsyncClient(transport=transport, base_url=SITE, headers=self._reader.headers) as client:
                if ask.form is not None:
                    data = {"_csrf_token": await self._form_token(client)} | dict(ask.form)
                    answer = await client.request(ask.method, ask.path, data=data)
                else:
                    kind = "json-patch+json" if ask.method == "PATCH" else "fhir+json"
                    headers = [("content-type", f"application/{kind}")] if ask.body else []
                    headers += ask.headers
                    answer = await client.request(ask.method, ask.path, content=ask.body, headers=headers)
        assert logs, "the house logs every request: nothing was captured"
        return Answer(answer.status_code, tuple(answer.headers.raw), answer.content, tuple(logs), tuple(work))

    async def _form_token(self, client: httpx.AsyncClient) -> str:
        if not self._csrf:
            homes = {Audience.PERSON: "/reglages", Audience.DELEGATE: "/proches"}
            home = homes.get(self._reader.audience, "/pro/patient")
            found = _CSRF.search((await client.get(home)).text)
            assert found, "the reader is not signed in"
            self._csrf = found[1]
        return self._csrf

    async def _read(self, first: list[Ask]) -> None:
        queue, followed = deque(first), 0
        while queue:
            ask = queue.popleft()
            answer = await self._keep(ask)
            if answer is None or answer.status != 200:
                continue
            for path in _links(answer.body):
                if followed < MOST_LINKS and self._mine(path) and Ask(path=path).key not in self._answers:
                    followed += 1
                    queue.append(Ask(path=path))

    async def _keep(self, ask: Ask) -> Answer | None:
        if ask.key in self._answers:
            return None
        self._answers[ask.key] = answer = await self.ask(ask)
        return answer

    def _mine(self, path: str) -> bool:
        return path.startswith(self._reader.prefixes) and not path.startswith(("/static", "/fhir/openapi"))

    def _routes(self) -> Iterator[Ask]:
        """Every request the route table offers this reader; POSTs that end the session come last."""
        asked = [
            (path, method)
            for path, method, who in self._offered_routes
            if path.startswith(self._reader.prefixes) and self._reader.audience in who
        ]
        for path, method in sorted(asked, key=lambda one: "deconnexion" in one[0]):
            for filled in self._filled(path):
                yield from self._variants(path, method, filled)

    def _variants(self, path: str, method: str, filled: str) -> Iterator[Ask]:
        if method in {"GET", "HEAD"}:
            for query in ("", *self._reader.queries.get(path, ())):
                yield Ask(method=method, path=filled + query)
        elif self._reader.prefixes == ("/fhir",):
            for body in self._reader.bodies.get((method, path), (b"{}",)):
                yield Ask(method=method, path=filled, body=None if method == "DELETE" else body)
        else:
            yield Ask(method=method, path=filled, form=self._offered(filled))

    def _offered(self, path: str) -> tuple[tuple[str, str], ...]:
        """The fields of the form that the page of the same address shows, as it shows them."""
        page = self._answers.get(Ask(path=path).key)
        fields = _FIELD.findall(page.body.decode(errors="replace")) if page else []
        named = [(_NAME.search(tag), _VALUE.search(tag)) for tag in fields]
        return tuple((name[1], unescape(value[1]) if value else "x") for name, value in named if name)

    def _filled(self, path: str) -> list[str]:
        names = _PARAMETER.findall(path)
        if unknown := [name for name in names if name not in self._reader.values]:
            raise UnknownParameterError(f"{path}: what may {unknown} stand for? Teach the harness (Reader.values).")
        choices = itertools.product(*(self._reader.values[name] for name in names))
        return [_fill(path, dict(zip(names, chosen, strict=True))) for chosen in choices]


def _fill(path: str, values: dict[str, str]) -> str:
    return _PARAMETER.sub(lambda found: values[found[1]], path)


def _links(body: bytes) -> list[str]:
    text = body.decode(errors="replace")
    return [unescape(one) for one in (*_LINK.findall(text), *_NEXT.findall(text))]


def lengths(text: bytes) -> bytes:
    """Put in the place of everything sealed its length; ids in hexadecimal stay."""
    return _SEALED.sub(lambda found: found[0] if _HEXADECIMAL.fullmatch(found[0]) else b"<%d>" % len(found[0]), text)
