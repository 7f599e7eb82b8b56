"""What is answered at an address no door has: a page for people, a short JSON for programs.

Without it the framework would answer in its own words. It knows nobody: no session is looked at here, so the answer is
the same for everybody, and tells nothing.
"""

from typing import Any, Final

from litestar import Request, Response
from litestar.exceptions import HTTPException

from carnet.interfaces.desk.failing import on_http_error as agent_page
from carnet.interfaces.portal.failing import on_http_error as person_page
from carnet.interfaces.pro.failing import on_http_error as professional_page

_PROGRAMS: Final = frozenset({"oauth", ".well-known", "journal", "static", "healthz", "readyz"})


def on_unknown_address(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """Answer 404 and 405 outside every door, in the words of the door the address looks like."""
    first = request.url.path.split("/", 2)[1]
    if first in _PROGRAMS:
        return Response({"error": error.detail}, status_code=error.status_code, headers=error.headers)
    answer = {"pro": professional_page, "guichet": agent_page}.get(first, person_page)(request, error)
    answer.headers.update(error.headers or {})
    return answer
