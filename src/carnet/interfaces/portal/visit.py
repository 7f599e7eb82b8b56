"""A visit for the hesitant, and a short tour for newcomers: four pages about a fictitious person. No account, no act.

Everything shown is written in the presenter: nothing is read from the house, so nothing can leak from it.
"""

from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from carnet.design.door import Asked
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.portal.page import show
from carnet.interfaces.portal.presenters.visit import STEPS, present_visit
from carnet.interfaces.portal.setting import language_of
from carnet.kernel.errors import NotFound


@get("/visite", **open_to(Audience.PUBLIC))
async def begin(request: Asked) -> Response[Any]:
    """Show the first page."""
    return await _page(request, 1)


@get("/visite/{step:int}", **open_to(Audience.PUBLIC))
async def go_on(request: Asked, step: FromPath[int]) -> Response[Any]:
    """Show one page."""
    if not 1 <= step <= STEPS:
        raise NotFound
    return await _page(request, step)


async def _page(request: Asked, step: int) -> Response[Any]:
    inside = getattr(request.state, "actor", None) is not None
    return await show(request, "visit.html", present_visit(language=language_of(request), step=step, inside=inside))
