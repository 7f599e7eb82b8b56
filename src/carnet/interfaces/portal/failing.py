"""Every refusal and failure as a page a person understands, with the same words whatever was hidden."""

from typing import Any
from urllib.parse import urlencode

from litestar import Response
from litestar.exceptions import HTTPException
from litestar.response import Redirect

from carnet.design.door import Asked
from carnet.infra.web.refusals import SERVER_ERROR, UNAVAILABLE, log_crash, reference_of, status_of, told
from carnet.interfaces.portal.page import answer
from carnet.interfaces.portal.presenters.agenda import ADDRESS as AGENDA
from carnet.interfaces.portal.presenters.errors import present_error
from carnet.interfaces.portal.presenters.leaving import CLOSED
from carnet.interfaces.portal.presenters.shell import PROFILES
from carnet.interfaces.portal.presenters.unsent import present_unsent
from carnet.interfaces.portal.setting import language_of
from carnet.interfaces.portal.unsent import unsent_of
from carnet.journeys.api import StepUpNeeded
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Reason
from carnet.kernel.errors import CarnetError, Refused, Unauthenticated

HOME = "/accueil"
_SIGN_IN_FIRST = 403


def on_refusal(request: Asked, error: CarnetError) -> Response[Any]:
    """Answer what the domain refused. Nobody signed in: to the sign-in page and back; step-up: to a fresh proof."""
    if isinstance(error, Unauthenticated) and (said := unsent_of(request)):
        page = present_unsent(
            language=language_of(request), address=request.url.path, said=said, back=_page_of(request)
        )
        return answer(request, "unsent.html", page, status=_SIGN_IN_FIRST, path="/")
    if isinstance(error, Unauthenticated):
        return _to("/connexion", request, "idle" if getattr(request.state, "session_lost", False) else "")
    if isinstance(error, StepUpNeeded):
        return _to("/confirmer-identite", request, back=error.back)
    if isinstance(error, Refused) and any(one.code == Reason.DELEGATION_OVER for one in error.problems):
        return _to(PROFILES, request, "fini", back=HOME)
    if _has_agenda_only(request, error):
        return Redirect(AGENDA, status_code=303)
    if _is_closed(request, error):
        return Redirect(CLOSED, status_code=303)
    return _page(request, status_of(error), told(error, language_of(request).code))


def _has_agenda_only(request: Asked, error: CarnetError) -> bool:
    """Tell whether somebody met the first page of a space of which they were given the agenda only: that is theirs."""
    beyond = isinstance(error, Refused) and any(one.code == Reason.BEYOND_DELEGATION for one in error.problems)
    return beyond and request.method == "GET" and request.url.path == HOME


def _is_closed(request: Asked, error: CarnetError) -> bool:
    """Tell whether a signed-in person met their own space closed: there is one page for that."""
    actor = getattr(request.state, "actor", None)
    mine = isinstance(actor, Actor) and actor.kind is ActorKind.PERSON and isinstance(error, Refused)
    return mine and any(one.code == Reason.SPACE_NOT_OPEN for one in error.problems)


def on_http_error(request: Asked, error: HTTPException) -> Response[Any]:
    """Answer what the framework refused: unknown address, wrong method, unreadable form."""
    return _page(request, error.status_code, "")


def on_crash(request: Asked, error: Exception) -> Response[Any]:
    """Answer a fault of ours: kind and place go to the log, never its words (they may hold health)."""
    log_crash(request, error)
    return _page(request, SERVER_ERROR, "")


def _page(request: Asked, status: int, told: str) -> Response[Any]:
    signed_in = isinstance(getattr(request.state, "actor", None), Actor)
    page = present_error(
        language=language_of(request),
        status=status,
        told=told,
        reference=reference_of(request, status),
        signed_in=signed_in,
    )
    response = answer(request, "pages/error.html", page, status=status, path="/")  # what was typed is not repeated
    if status == UNAVAILABLE:
        response.headers["Retry-After"] = "30"
    return response


def _to(address: str, request: Asked, why: str = "", *, back: str = "") -> Response[Any]:
    query = {"retour": back or _page_of(request)} | ({"motif": why} if why else {})
    target = f"{address}?{urlencode(query)}"
    if request.headers.get("hx-request"):
        return Response("", status_code=204, headers={"HX-Redirect": target})
    return Redirect(target, status_code=303)


def _page_of(request: Asked) -> str:
    """Return the page the request was made from, as far as its own address is one; the first page otherwise."""
    if request.method == "GET":
        return request.url.path + (f"?{request.url.query}" if request.url.query else "")
    known = request.app.route_handler_method_map.get(request.scope["path_template"], {})
    return request.url.path if "GET" in known else HOME
