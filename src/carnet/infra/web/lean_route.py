"""A route whose handler answers with an ASGI application: what Litestar does around an answer, less what is not needed.

For the paths that every read takes. Guards run as always; what is left out is a copy of the handler for each guard and
the search for a way to turn the answer into one.
"""

from typing import Any, cast

from litestar import Litestar, Request, Response
from litestar.connection import ASGIConnection
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp


class LeanRoute(HTTPRouteHandler):
    """As HTTPRouteHandler, for handlers that return an ASGI application and guards that change no handler."""

    async def authorize_connection(self, connection: ASGIConnection[Any, Any, Any, Any]) -> None:
        """Run every guard."""
        for guard in self.resolve_guards():
            await cast("Any", guard)(connection, self)

    async def to_response(self, app: Litestar, data: Any, request: Request[Any, Any, Any]) -> ASGIApp:
        """Return the answer as it is; a Litestar response (an exception handler's) is turned into one."""
        if isinstance(data, Response):
            return await super().to_response(app=app, data=data, request=request)
        return cast("ASGIApp", data)
