"""Signing in and out for professionals: addresses only, the flow is `journeys.sign_in`."""

from litestar.handlers import HTTPRouteHandler

from carnet.infra.web.audience import Audience
from carnet.journeys.api import SignIn, SignInPaths, WebDoor, sign_in_routes

PATHS = SignInPaths(
    page="/pro",
    home="/pro/accueil",
    start=["/pro/connexion"],
    back=["/pro/connexion/retour"],
    step_up=["/pro/confirmer-identite"],
    sign_out="/pro/deconnexion",
    signed_out="/pro/deconnexion/retour",
    audience=Audience.PROFESSIONAL,
)


def login_routes(sign_in: SignIn, web: WebDoor) -> list[HTTPRouteHandler]:
    """Return the handlers of signing in and out; they need `SessionMiddleware(web)` above them."""
    return sign_in_routes(sign_in, web, PATHS)
