"""Every route says who may use it; a route that does not say so keeps the application from starting.

The door's own authentication puts the actor in `request.state.actor`; the guard here only compares. Rights on a space
are decided much deeper: this is the outer fence, so that a forgotten decision still meets a closed gate.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler

from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.errors import Problem, Refused, Unauthenticated

KEY = "audience"


class Audience(StrEnum):
    """Who a route is for. DELEGATE: a representative or carer, in the space of somebody else."""

    PUBLIC = "public"
    PERSON = "person"
    DELEGATE = "delegate"
    PROFESSIONAL = "professional"
    SOFTWARE = "software"
    AGENT = "agent"
    PILOT = "pilot"


_KINDS = {
    Audience.PERSON: frozenset({ActorKind.PERSON}),
    Audience.DELEGATE: frozenset({ActorKind.REPRESENTATIVE, ActorKind.CARER}),
    Audience.PROFESSIONAL: frozenset({ActorKind.PROFESSIONAL}),
    Audience.SOFTWARE: frozenset({ActorKind.SOFTWARE}),
    Audience.AGENT: frozenset({ActorKind.AGENT}),
    Audience.PILOT: frozenset({ActorKind.PILOT}),
}
SIGN_IN = Problem("sign-in", "Connectez-vous pour continuer.", "Sign in to continue.")
NOT_FOR_YOU = Problem("not-for-you", "Cette adresse n'est pas pour vous.", "This address is not for you.")


class UndeclaredRouteError(RuntimeError):
    """A route does not say who may use it."""


def open_to(*who: Audience) -> dict[str, Any]:
    """Return the `opt` entry of a route open to `who`: `@get("/x", **open_to(Audience.PERSON))`."""
    return {"opt": {KEY: frozenset(who)}, "guards": [check_audience]}


async def check_audience(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Guard a route: raise Unauthenticated without an actor, Refused for an actor of another kind.

    Async so that Litestar keeps the function as it is and `declared_routes` can recognise it.
    """
    wanted: frozenset[Audience] = handler.opt[KEY]
    if Audience.PUBLIC in wanted:
        return
    actor = getattr(connection.state, "actor", None)
    if not isinstance(actor, Actor):
        raise Unauthenticated(SIGN_IN)
    if not any(actor.kind in _KINDS[audience] for audience in wanted):
        raise Refused(NOT_FOR_YOU)


def declared_routes(app: Litestar) -> Iterator[tuple[str, str, frozenset[Audience]]]:
    """Yield (path, method, audience) of every HTTP route; raise UndeclaredRouteError on the first silent one."""
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if not isinstance(handler, HTTPRouteHandler):
                raise UndeclaredRouteError(f"{route.path}: not an HTTP handler")
            who = handler.opt.get(KEY)
            guarded = any(guard is check_audience for guard in handler.resolve_guards())
            for method in sorted(handler.http_methods - {"OPTIONS"}):
                if not isinstance(who, frozenset) or not who or not guarded:
                    raise UndeclaredRouteError(f"{method} {route.path} does not say who may use it")
                yield route.path, method, who
