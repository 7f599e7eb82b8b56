"""What the house says to PostgreSQL while it answers one request: the very statements, for the floor to repeat.

The request runs in this process, through the whole application; statements are noted where they leave for the wire.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from bench.load import Requests
from carnet.infra.db import message
from carnet.infra.db.database import Connection

Said = tuple[str, Mapping[str, Any]]


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """One request: its status, and the messages that left for PostgreSQL, each a list of statements."""

    status: int
    messages: list[list[Said]]


async def capture(app: Any, requests: Requests, *, turn: int) -> Answered:
    """Send request number `turn` of `requests` to `app` and return what was said meanwhile."""
    path, body = requests.numbered(turn)
    cookies = {"cookie": requests.cookies[turn % len(requests.cookies)]} if requests.cookies else {}
    with _listening() as messages:
        status = await ask(app, requests.method, path, {**requests.headers, **cookies}, body)
    return Answered(status=status, messages=[said for said in messages if said])


@contextlib.contextmanager
def _listening() -> Iterator[list[list[Said]]]:
    messages: list[list[Said]] = []
    queue, execute = message._Message.queue, Connection.execute  # noqa: SLF001 - the wire itself is what we listen to

    def heard(self: Any, statements: Sequence[message.Statement], before: message.Plain, after: message.Plain) -> None:
        begin, end = _plain(before), _plain(after)
        messages.append([*begin, *((one.sql, dict(one.params or {})) for one in statements), *end])
        queue(self, statements, before, after)

    async def heard_alone(self: Any, query: Any, params: Any = None, **options: Any) -> Any:
        if isinstance(query, str) and not isinstance(params, Sequence):
            messages.append([(query, dict(params or {}))])
        return await execute(self, query, params, **options)

    message._Message.queue = heard  # type: ignore[method-assign]  # noqa: SLF001
    Connection.execute = heard_alone  # type: ignore[method-assign]
    try:
        yield messages
    finally:
        message._Message.queue = queue  # type: ignore[method-assign]  # noqa: SLF001
        Connection.execute = execute  # type: ignore[method-assign]


def _plain(statements: message.Plain) -> list[Said]:
    return [(sql.decode(), {}) for sql in statements]


async def ask(app: Any, method: str, path: str, headers: Mapping[str, str], body: bytes) -> int:
    """Return the status of one HTTP exchange with an ASGI application, no network."""
    place, _, query = path.partition("?")
    lines = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": place,
        "raw_path": place.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(b"host", b"bench"), (b"content-length", str(len(body)).encode()), *lines],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "state": {},
    }
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(sent: dict[str, Any]) -> None:
        if sent["type"] == "http.response.start":
            statuses.append(sent["status"])

    await app(scope, receive, send)
    return statuses[0]
