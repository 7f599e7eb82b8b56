"""Signing in and out at the portal: addresses only, the flow is `journeys.sign_in`, the page is beside."""

from litestar.handlers import HTTPRouteHandler

from carnet.infra.web.audience import Audience
from carnet.journeys.api import SignIn, SignInPaths, WebDoor, sign_in_routes

PATHS = SignInPaths(
    page="/connexion",
    home="/accueil",
    start=["/connexion/franceconnect", "/connexion/personne"],
    back=["/connexion/retour"],
    step_up=["/confirmer-identite/personne"],
    sign_out="/deconnexion",
    signed_out="/deconnexion/retour",
    audience=Audience.PERSON,
    also=(Audience.DELEGATE,),
    prove="/opposition/identite",
    proved="/opposition/dire",
)


def login_routes(sign_in: SignIn, web: WebDoor) -> list[HTTPRouteHandler]:
    """Return the handlers of signing in and out; they need `SessionMiddleware(web)` above them."""
    return sign_in_routes(sign_in, web, PATHS)
