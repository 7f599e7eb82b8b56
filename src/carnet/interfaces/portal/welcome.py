"""Before anybody is signed in: what Carnet is, where to sign in, how to prove again who one is."""

from typing import Any, get_args

from litestar import Response, get
from litestar.response import Redirect

from carnet.design.door import Asked
from carnet.identity.api import WebSession
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.portal.page import show
from carnet.interfaces.portal.presenters.sign_in import Trouble, present_sign_in, present_step_up
from carnet.interfaces.portal.setting import language_of, portal_of
from carnet.journeys.api import local_path

TROUBLES: tuple[Trouble, ...] = get_args(Trouble)


@get("/", **open_to(Audience.PUBLIC))
async def landing(request: Asked) -> Response[Any]:
    """Say what this is; a signed-in person goes to their own first page."""
    if _is_person(request):
        return Redirect("/accueil", status_code=303)
    return await show(request, "landing.html", None)


@get("/connexion", **open_to(Audience.PUBLIC))
async def sign_in_page(request: Asked) -> Response[Any]:
    """Offer the ways in, and say why the last one failed."""
    back = local_path(request.query_params.get("retour", ""), default="")
    if _is_person(request):
        return Redirect(back or "/accueil", status_code=303)
    asked = request.query_params.get("motif", "")
    trouble: Trouble = next((known for known in TROUBLES if known == asked), "")
    page = present_sign_in(
        language=language_of(request),
        provider=portal_of(request).provider,
        trouble=trouble,
        back=back,
        own=portal_of(request).ways is not None,
    )
    return await show(request, "sign_in.html", page)


@get("/confirmer-identite", **open_to(Audience.PERSON, Audience.DELEGATE))
async def step_up_page(request: Asked) -> Response[Any]:
    """Ask for a fresh proof before a weighty act."""
    back = local_path(request.query_params.get("retour", ""), default="/accueil")
    page = present_step_up(
        language=language_of(request),
        provider=portal_of(request).provider,
        back=back,
        cancel="/accueil",
        own=portal_of(request).ways is not None,
    )
    return await show(request, "step_up.html", page)


def _is_person(request: Asked) -> bool:
    session = getattr(request.state, "session", None)
    return isinstance(session, WebSession) and session.holder.space is not None
