"""Every refusal and failure as a page a professional understands, with the same words whatever was hidden."""

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.response import Redirect

from carnet.infra.web.refusals import NOT_FOUND, SERVER_ERROR, UNAVAILABLE, log_crash, status_of
from carnet.interfaces.pro.page import show
from carnet.interfaces.pro.presenters.troubles import present_trouble
from carnet.interfaces.pro.setting import language_of
from carnet.kernel.actors import Actor
from carnet.kernel.errors import CarnetError, Unauthenticated

Asked = Request[Any, Any, Any]


def on_refusal(request: Asked, error: CarnetError) -> Response[Any]:
    """Answer what the domain refused. Nobody signed in: to the door's first page."""
    if isinstance(error, Unauthenticated):
        lost = getattr(request.state, "session_lost", False)
        return Redirect("/pro?" + urlencode({"motif": "idle" if lost else "sign_in"}), status_code=303)
    status = status_of(error)
    told = error.problems[0].text(language_of(request).code) if error.problems and status != NOT_FOUND else ""
    return _page(request, status, told)


def on_http_error(request: Asked, error: HTTPException) -> Response[Any]:
    """Answer what the framework refused: unknown address, wrong method, unreadable form."""
    return _page(request, error.status_code, "")


def on_crash(request: Asked, error: Exception) -> Response[Any]:
    """Answer a fault of ours: its kind goes to the log, never its words: they may hold health."""
    log_crash(request, error)
    return _page(request, SERVER_ERROR, "")


def trouble(request: Asked, status: int, *, wait: int = 0) -> Response[str]:
    """Return the page of an HTTP status. wait: seconds before trying again is worth it."""
    return _page(request, status, "", wait=wait)


def _page(request: Asked, status: int, told: str, *, wait: int = 0) -> Response[str]:
    page = present_trouble(
        language=language_of(request),
        status=status,
        told=told,
        reference=str(getattr(request.state, "request_id", "")) if status >= SERVER_ERROR else "",
        signed_in=isinstance(getattr(request.state, "actor", None), Actor),
    )
    answer = show(request, "trouble.html", page, status=status, path="/pro")
    if wait or status == UNAVAILABLE:
        answer.headers["Retry-After"] = str(wait or 30)
    return answer
