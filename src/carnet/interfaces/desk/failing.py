"""Every refusal and failure as a page an agent understands, with the same words whatever was not found."""

from pathlib import Path
from traceback import extract_tb
from typing import Any, Final
from urllib.parse import urlencode

from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.response import Redirect

from carnet.infra.telemetry import log
from carnet.interfaces.desk.page import show
from carnet.interfaces.desk.presenters.troubles import present_trouble
from carnet.interfaces.desk.setting import language_of
from carnet.kernel.actors import Actor
from carnet.kernel.errors import (
    CarnetError,
    Conflict,
    Invalid,
    NotFound,
    Refused,
    TooLarge,
    Unauthenticated,
    Unavailable,
)

_STATUSES: Final[tuple[tuple[type[CarnetError], int], ...]] = (
    (NotFound, 404),
    (Refused, 403),
    (TooLarge, 413),
    (Conflict, 409),
    (Invalid, 422),
    (Unavailable, 503),
)
_NOT_FOUND: Final = 404
_SERVER_ERROR: Final = 500
_UNAVAILABLE: Final = 503
Asked = Request[Any, Any, Any]


def on_refusal(request: Asked, error: CarnetError) -> Response[Any]:
    """Answer what the domain refused. Nobody signed in: to the door's first page."""
    if isinstance(error, Unauthenticated):
        lost = getattr(request.state, "session_lost", False)
        return Redirect("/guichet?" + urlencode({"motif": "idle" if lost else "sign_in"}), status_code=303)
    status = next((code for kind, code in _STATUSES if isinstance(error, kind)), 400)
    told = error.problems[0].text(language_of(request).code) if error.problems and status != _NOT_FOUND else ""
    return _page(request, status, told)


def on_http_error(request: Asked, error: HTTPException) -> Response[Any]:
    """Answer what the framework refused: unknown address, wrong method, unreadable form."""
    return _page(request, error.status_code, "")


def on_crash(request: Asked, error: Exception) -> Response[Any]:
    """Answer a fault of ours: its kind goes to the log, never its words: they may name somebody."""
    where = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in extract_tb(error.__traceback__)[-6:]]
    log.error("crash", request=getattr(request.state, "request_id", ""), kind=type(error).__name__, where=where)
    return _page(request, _SERVER_ERROR, "")


def trouble(request: Asked, status: int, *, wait: int = 0) -> Response[str]:
    """Return the page of an HTTP status. wait: seconds before trying again is worth it."""
    return _page(request, status, "", wait=wait)


def _page(request: Asked, status: int, told: str, *, wait: int = 0) -> Response[str]:
    page = present_trouble(
        language=language_of(request),
        status=status,
        told=told,
        reference=str(getattr(request.state, "request_id", "")) if status >= _SERVER_ERROR else "",
        signed_in=isinstance(getattr(request.state, "actor", None), Actor),
    )
    answer = show(request, "trouble.html", page, status=status, path="/guichet")
    if wait or status == _UNAVAILABLE:
        answer.headers["Retry-After"] = str(wait or 30)
    return answer
