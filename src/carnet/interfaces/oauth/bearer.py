"""The bearer token of a FHIR request, read into an actor.

Sets `request.state.actor`, or None: the route's own guard then answers 401, to which the `WWW-Authenticate` header is
added here (RFC 6750 §3). Routes that do not ask the access gate are checked here against the register, so that a
suspended software is out at once wherever it knocks.
"""

from typing import Any

from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from carnet.identity.api import is_live
from carnet.infra import clock
from carnet.infra.signed_tokens import TokenRefused
from carnet.infra.web.audience import KEY, Audience
from carnet.infra.web.gated import CHECKED_BY_GATE
from carnet.interfaces.oauth.access_tokens import TokenReader
from carnet.kernel.actors import Actor

_UNAUTHORISED = 401
_ABSENT = 'Bearer realm="carnet"'
_INVALID = 'Bearer realm="carnet", error="invalid_token"'


class BearerMiddleware(ASGIMiddleware):
    """For the FHIR routes: `middleware=[BearerMiddleware(reader)]`; no query for routes opened through the gate."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, reader: TokenReader) -> None:
        self._reader = reader

    def __deepcopy__(self, _memo: dict[int, Any]) -> "BearerMiddleware":
        return self  # Litestar copies handlers with all they hold; there is one reader and one cache

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        token = _token(scope)
        state = scope.setdefault("state", {})
        state["actor"] = None if token is None else await self._actor(token, scope)
        challenge = _ABSENT if token is None else _INVALID

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == _UNAUTHORISED:
                MutableScopeHeaders.from_message(message)["WWW-Authenticate"] = challenge
            await send(message)

        await next_app(scope, receive, answer)

    async def _actor(self, token: str, scope: Scope) -> Actor | None:
        try:
            actor = self._reader.read(token, at=clock.now())
        except TokenRefused:
            return None
        declared = scope["route_handler"].opt
        if declared.get(CHECKED_BY_GATE) or Audience.PUBLIC in declared.get(KEY, ()):
            return actor
        live = await is_live(client_id=actor.client_id, rpps=actor.rpps, finess=actor.organisation)
        return actor if live else None


def _token(scope: Scope) -> str | None:
    """Return the token of the one Authorization header; "" (which nothing verifies) when it is not a bearer token."""
    given = [value for name, value in scope["headers"] if name == b"authorization"]
    if not given:
        return None
    scheme, _, token = given[0].decode("latin-1").partition(" ")
    return token.strip() if len(given) == 1 and scheme.lower() == "bearer" else ""
