"""Routes that every read takes, reached without what a framework does around an answer and they do not need.

A LeanRoute is an ordinary route: it is declared, guarded and described like any other, and answers the same when it is
reached the long way. `LeanApp` finds it by its exact address: what remains is its middleware, its guards, its handler
and its exception handlers, in that order. Whatever is not exactly such an address goes the long way, and so does a
request with a Host that the framework refuses.
"""

from collections.abc import Iterator
from typing import Any, cast

import msgspec
from litestar import Litestar, Request, Response
from litestar._asgi.utils import is_valid_host
from litestar.connection import ASGIConnection
from litestar.handlers import HTTPRouteHandler
from litestar.middleware._internal.exceptions import ExceptionHandlerMiddleware
from litestar.types import ASGIApp, LifeSpanReceive, LifeSpanScope, LifeSpanSend, Receive, Scope, Send
from litestar.utils.scope.state import ScopeState

from carnet.kernel.errors import CarnetError


class LeanRoute(HTTPRouteHandler):
    """As HTTPRouteHandler, for handlers of one request that return an ASGI application and guards that change nothing.

    Its address is fixed, or ends in one `{name:str}`; another (a parameter in the middle) has no short way.
    """

    async def authorize_connection(self, connection: ASGIConnection[Any, Any, Any, Any]) -> None:
        """Run every guard."""
        for guard in self.resolve_guards():
            await cast("Any", guard)(connection, self)

    async def to_response(self, app: Litestar, data: Any, request: Request[Any, Any, Any]) -> ASGIApp:
        """Return the answer as it is; a Litestar response (an exception handler's) is turned into one."""
        if isinstance(data, Response):
            return await super().to_response(app=app, data=data, request=request)
        return cast("ASGIApp", data)


class LeanApp(Litestar):
    """Litestar that goes straight to its LeanRoutes."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._shortcuts = {(one.method, one.begin, one.name is not None): one for one in _shortcuts(self)}
        self._fixed = frozenset(route.path_format for route in self.routes)

    async def __call__(
        self, scope: Scope | LifeSpanScope, receive: Receive | LifeSpanReceive, send: Send | LifeSpanSend
    ) -> None:
        """Answer by the short way when there is one."""
        known = cast("dict[str, Any]", scope)
        shortcut = self._shortcut(known) if known["type"] == "http" else None
        if shortcut is None:
            await super().__call__(scope, receive, send)
        else:
            await shortcut.app(cast("Scope", scope), cast("Receive", receive), cast("Send", send))

    def _shortcut(self, scope: dict[str, Any]) -> "_Shortcut | None":
        """Return the short way of a request, and prepare its scope as the framework would."""
        if scope.get("root_path"):
            return None
        method, path = scope["method"], scope["path"]
        found, params = self._shortcuts.get((method, path, False)), {}
        if found is None:
            begin, _, last = path.rpartition("/")
            found = self._shortcuts.get((method, begin, True)) if last else None
            if found is None or path in self._fixed:
                return None
            params = {found.name: last}
        if any(name == b"host" and not is_valid_host(value) for name, value in scope["headers"]):
            return None
        scope["app"] = scope["litestar_app"] = self
        scope["route_handler"], scope["path_params"] = found.handler, params
        ScopeState.from_scope(cast("Scope", scope)).exception_handlers = found.handler.resolve_exception_handlers()
        return found


class _Shortcut(msgspec.Struct, frozen=True, kw_only=True):
    """The short way to one route. begin: its address without the last part, which is the parameter `name` if any."""

    method: str
    begin: str
    name: str | None
    handler: LeanRoute
    app: ASGIApp


def _shortcuts(app: Litestar) -> Iterator[_Shortcut]:
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if not isinstance(handler, LeanRoute):
                continue
            begin, name = _address(route.path_format)
            if "{" in begin:
                continue
            stack = _stack(handler)
            for method in handler.http_methods:
                yield _Shortcut(method=str(method), begin=begin, name=name, handler=handler, app=stack)


def _address(path: str) -> tuple[str, str | None]:
    begin, _, last = path.rpartition("/")
    return (begin, last[1:-1]) if last.startswith("{") else (path, None)


def guards_of(handler: LeanRoute) -> tuple[Any, ...]:
    """Return what must let a request in before its handler runs."""
    return tuple(handler.resolve_guards())


def _stack(handler: LeanRoute) -> ASGIApp:
    guards = guards_of(handler)
    refused = handler.resolve_exception_handlers().get(CarnetError)

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        request: Request[Any, Any, Any] = Request(scope, receive, send)
        try:
            for guard in guards:
                await guard(request, handler)
            reply = await handler.fn(request)
        except CarnetError as error:
            if refused is None:
                raise
            reply = cast("Any", refused)(request, error).to_asgi_response(app=None, request=request)
        await reply(scope, receive, send)

    app: ASGIApp = answer
    for middleware in handler.resolve_middleware():
        app = cast("Any", middleware)(app=app)
    return ExceptionHandlerMiddleware(app=app, debug=None)
