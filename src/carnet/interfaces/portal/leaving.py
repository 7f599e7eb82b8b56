"""Leaving in a hurry: one press, and the screen shows an ordinary page of somebody else's.

A plain link, so that it works without JavaScript; with it, `carnet.js` also replaces this page in the history. It never
waits for anything else to work: no session is read before the answer, which drops the cookie, so that whoever takes the
screen over and presses Back finds the sign-in page, never a page of health. The session ends after the answer. Asked
by GET, it is done only when the browser says that the link is ours (`Sec-Fetch-Site`), which no other site can forge:
elsewhere nobody can sign a person out.
"""

import asyncio
import contextlib
from typing import Final

from litestar import get
from litestar.background_tasks import BackgroundTask
from litestar.response import Redirect

from carnet.design.door import Asked
from carnet.identity.api import find_session, sign_out
from carnet.infra import clock
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.portal.setting import QUICK_EXIT, portal_of
from carnet.journeys.api import WebDoor, session_token
from carnet.kernel.errors import CarnetError

LONGEST: Final = 10.0
"""Seconds the end of the session may take; where the database is down longer, it ends by its own age."""


@get(QUICK_EXIT, **open_to(Audience.PUBLIC))
async def leave(request: Asked) -> Redirect:
    """Go to the ordinary page, and end the session behind it."""
    portal = portal_of(request)
    if request.headers.get("sec-fetch-site") != "same-origin":
        return Redirect(portal.quick_exit, status_code=303)
    token = session_token(request, portal.web)
    return Redirect(
        portal.quick_exit,
        status_code=303,
        headers={"Clear-Site-Data": '"cache"'},
        cookies=[portal.web.forget(portal.web.session_cookie)],
        background=BackgroundTask(_end_session, token, portal.web) if token else None,
    )


async def _end_session(token: str, web: WebDoor) -> None:
    with contextlib.suppress(CarnetError, TimeoutError):
        async with asyncio.timeout(LONGEST):
            who = await find_session(token=token, door=web.door, limits=web.limits, at=clock.now())
            if who is not None:
                await sign_out(actor=who.actor, session=who.session, at=clock.now())
