"""Every refusal and failure of a door of people at work as a page they understand, the same whatever was not found.

Each door has its own words (`trouble_page`) and way in.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Response
from litestar.exceptions import HTTPException
from litestar.response import Redirect

from carnet.design.door import Asked, Door
from carnet.design.parts import ErrorPage
from carnet.infra.web.refusals import SERVER_ERROR, UNAVAILABLE, log_crash, reference_of, status_of, told
from carnet.kernel.actors import Actor
from carnet.kernel.errors import CarnetError, Unauthenticated


class Failing(msgspec.Struct, frozen=True, kw_only=True):
    """How a door fails. entrance: where one signs in, and where choosing a language on a failed page leads."""

    door: Door
    entrance: str
    trouble_page: Callable[..., ErrorPage]

    def on_refusal(self, request: Asked, error: CarnetError) -> Response[Any]:
        """Answer what the domain refused. Nobody signed in: to the door's first page."""
        if isinstance(error, Unauthenticated):
            lost = getattr(request.state, "session_lost", False)
            target = f"{self.entrance}?{urlencode({'motif': 'idle' if lost else 'sign_in'})}"
            if request.headers.get("hx-request"):  # a part of a page: the whole of it leaves
                return Response("", status_code=204, headers={"HX-Redirect": target})
            return Redirect(target, status_code=303)
        return self._page(request, status_of(error), told(error, self.door.words.language_of(request).code))

    def on_http_error(self, request: Asked, error: HTTPException) -> Response[Any]:
        """Answer what the framework refused: unknown address, wrong method, unreadable form."""
        return self._page(request, error.status_code)

    def on_crash(self, request: Asked, error: Exception) -> Response[Any]:
        """Answer a fault of ours: its kind goes to the log, never its words: they may hold health or name somebody."""
        log_crash(request, error)
        return self._page(request, SERVER_ERROR)

    def trouble(self, request: Asked, status: int, *, wait: int = 0) -> Response[str]:
        """Return the page of an HTTP status. wait: seconds before trying again is worth it."""
        return self._page(request, status, wait=wait)

    def _page(self, request: Asked, status: int, told: str = "", *, wait: int = 0) -> Response[str]:
        page = self.trouble_page(
            language=self.door.words.language_of(request),
            status=status,
            told=told,
            reference=reference_of(request, status),
            signed_in=isinstance(getattr(request.state, "actor", None), Actor),
        )
        answer = self.door.show(request, "trouble.html", page, status=status, path=self.entrance)
        if wait or status == UNAVAILABLE:
            answer.headers["Retry-After"] = str(wait or 30)
        return answer
