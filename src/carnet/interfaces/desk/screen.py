"""On which page somebody is, for the agent they gave a code to: a plan of it, made of constants of the product."""

import hashlib
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from carnet.infra import clock
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.desk.asking import Asked, words_of
from carnet.interfaces.desk.page import done, show
from carnet.interfaces.desk.presenters.screen import present_screen
from carnet.interfaces.desk.setting import desk_of
from carnet.journeys.api import signed_in
from carnet.kernel.errors import NotFound
from carnet.spaces.api import see_contact, see_screen


@get("/guichet/contact/{contact:uuid}/ecran", **open_to(Audience.AGENT))
async def screen_page(request: Asked, contact: FromPath[UUID]) -> Response[Any]:
    """Show where the person is; back to the contact once they stopped."""
    actor, at = signed_in(request).actor, clock.now()
    address, plan_at = f"/guichet/contact/{contact}", desk_of(request).plan_at
    await see_contact(actor=actor, contact=contact, at=at)
    try:
        seen = await see_screen(actor=actor, contact=contact, at=at)
    except NotFound:
        return _over(request, address)
    mark = hashlib.sha256(msgspec.json.encode(seen.position)).hexdigest()[:16]
    if request.headers.get("hx-request") and request.query_params.get("vu") == mark:
        return Response(None, status_code=204)  # nothing moves, nothing is said again
    language = await words_of(request)
    plan = plan_at(seen.position, language.code) if plan_at and seen.position else None
    page = present_screen(language=language, address=address, mark=mark, until=seen.until, plan=plan)
    return show(request, "screen.html", page, current="contact", path=f"{address}/ecran")


def _over(request: Asked, address: str) -> Response[Any]:
    """Lead back, also a page that refreshes itself."""
    back = done(address, "screen-over")
    if not request.headers.get("hx-request"):
        return back
    return Response("", status_code=200, headers={"HX-Redirect": address}, cookies=back.cookies)


ROUTES: Final = (screen_page,)
