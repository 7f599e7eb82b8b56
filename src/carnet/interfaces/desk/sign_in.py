"""Signing in and out for agents and pilots: addresses only, the flow is `journeys.sign_in`."""

from litestar.handlers import HTTPRouteHandler

from carnet.infra.web.audience import Audience
from carnet.journeys.api import SignIn, SignInPaths, WebDoor, sign_in_routes

PATHS = SignInPaths(
    page="/guichet",
    home="/guichet",
    start=["/guichet/connexion"],
    back=["/guichet/connexion/retour"],
    step_up=["/guichet/confirmer-identite"],
    sign_out="/guichet/deconnexion",
    signed_out="/guichet/deconnexion/retour",
    audience=Audience.AGENT,
)


def login_routes(sign_in: SignIn, web: WebDoor) -> list[HTTPRouteHandler]:
    """Return the handlers of signing in and out; they need `SessionMiddleware(web)` above them."""
    return sign_in_routes(sign_in, web, PATHS)
