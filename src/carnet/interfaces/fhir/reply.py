"""An answer ready to be sent: the thinnest ASGI application there is, because every read goes through it."""

from collections.abc import AsyncIterator, Iterable
from typing import Any, Final

import msgspec
from litestar.types import ASGIApp, Receive, Scope, Send

from carnet.interfaces.fhir.outcome import FHIR_JSON, Answer

_JSON: Final = (b"content-type", FHIR_JSON.encode())


class Reply:
    """Status, headers and a body in memory, or one that is streamed once its first piece is there."""

    __slots__ = ("body", "headers", "rest", "status")

    def __init__(
        self,
        *,
        status: int = 200,
        body: bytes | None = b"",
        headers: Iterable[tuple[bytes, bytes]] = (),
        rest: AsyncIterator[bytes] | None = None,
        announced: bool = False,
    ) -> None:
        """`rest`: what follows `body`. With it, without a body (HEAD) or if `announced`, the caller gave the length."""
        self.status = status
        self.body = body or b""
        self.rest = rest
        self.headers = list(headers)
        if rest is None and body is not None and not announced:
            self.headers.append((b"content-length", str(len(body)).encode()))

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": self.rest is not None})
        if self.rest is not None:
            async for piece in self.rest:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})


def fhir(body: bytes, *, status: int = 200, headers: Iterable[tuple[bytes, bytes]] = ()) -> ASGIApp:
    """Return an answer holding FHIR JSON."""
    return Reply(status=status, body=body, headers=(_JSON, *headers))


def resource(tree: dict[str, Any], *, status: int = 200, headers: Iterable[tuple[bytes, bytes]] = ()) -> ASGIApp:
    """Return an answer holding one resource we just made."""
    return fhir(msgspec.json.encode(tree), status=status, headers=headers)


def nothing(status: int, *, headers: Iterable[tuple[bytes, bytes]] = ()) -> ASGIApp:
    """Return an answer without a body (204, 304)."""
    return Reply(status=status, headers=headers)


def failure(answer: Answer) -> ASGIApp:
    """Return an error as an answer."""
    more = [(name.lower().encode(), value.encode()) for name, value in answer.headers.items()]
    return fhir(answer.body, status=answer.status, headers=more)
