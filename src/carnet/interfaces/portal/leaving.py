"""Leaving in a hurry: one press, and the screen shows an ordinary page of somebody else's.

A plain link, so that it works without JavaScript; with it, `carnet.js` also replaces this page in the history. The
session ends too: whoever takes the screen over and presses Back finds the sign-in page, never a page of health. Asked
by GET, it is done only when the browser says that the link is ours (`Sec-Fetch-Site`), which no other site can forge:
elsewhere nobody can sign a person out.
"""

import contextlib

from litestar import get
from litestar.response import Redirect

from carnet.identity.api import sign_out
from carnet.infra import clock
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.portal.page import Asked
from carnet.interfaces.portal.setting import QUICK_EXIT, portal_of
from carnet.journeys.api import signed_in
from carnet.kernel.errors import CarnetError


@get(QUICK_EXIT, **open_to(Audience.PUBLIC))
async def leave(request: Asked) -> Redirect:
    """End the session and go to the ordinary page; going there never waits for anything else to work."""
    portal = portal_of(request)
    ours = request.headers.get("sec-fetch-site") == "same-origin"
    if ours:
        await _end_session(request)
    return Redirect(
        portal.quick_exit,
        status_code=303,
        headers={"Clear-Site-Data": '"cache"'} if ours else {},
        cookies=[portal.web.forget(portal.web.session_cookie)] if ours else [],
    )


async def _end_session(request: Asked) -> None:
    with contextlib.suppress(CarnetError):
        who = signed_in(request)
        await sign_out(actor=who.actor, session=who.session, at=clock.now())
