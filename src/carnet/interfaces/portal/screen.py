"""Sharing one's screen with the desk: asking for a code, seeing that it is on, stopping. And where each page is noted.

What is shared is a position (`screen_plan`), written down after each page of a session that shares. Without a script.
"""

import contextlib

from litestar import Response, get, post
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.response import Redirect
from litestar.types import ASGIApp, Receive, Scope, Send

from carnet.design.door import Asked
from carnet.identity.api import WebSession
from carnet.infra import clock
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.portal.page import SHOWN, done, show
from carnet.interfaces.portal.presenters.screen import ADDRESS, present_screen
from carnet.interfaces.portal.setting import language_of
from carnet.journeys.api import signed_in
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.errors import CarnetError
from carnet.spaces.api import Position, begin_screen, note_position, screen_of, stop_screen


@get(ADDRESS, **open_to(Audience.PERSON))
async def screen(request: Asked) -> Response[str]:
    """Show what sharing means, and the code while it waits."""
    found = await screen_of(signed_in=signed_in(request), at=clock.now())
    return await show(request, "screen.html", present_screen(language=language_of(request), screen=found))


@post(ADDRESS, status_code=303, **open_to(Audience.PERSON))
async def share(request: Asked) -> Redirect:
    """Begin to share: a new code."""
    who = signed_in(request)
    await begin_screen(actor=who.actor, session=who.session, at=clock.now())
    return done(ADDRESS)


@post(f"{ADDRESS}/arreter", status_code=303, **open_to(Audience.PERSON, Audience.DELEGATE))
async def stop(request: Asked) -> Redirect:
    """Stop sharing, from any page and whatever space one is in."""
    session = signed_in(request).session
    await stop_screen(actor=session.holder, session=session, at=clock.now())
    return done("/accueil", "screen-stopped")


class ScreenMiddleware(ASGIMiddleware):
    """Notes where a session that shares is, once its page is answered. Needs `SessionMiddleware` above it."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        await next_app(scope, receive, send)
        state = scope.get("state", {})
        session, actor, shown = state.get("session"), state.get("actor"), state.get(SHOWN)
        if not isinstance(session, WebSession) or not isinstance(actor, Actor) or not isinstance(shown, Position):
            return
        if session.shares_screen(at=clock.now()):
            where = shown if actor.kind is ActorKind.PERSON else Position()  # in somebody else's space: not theirs
            # the page was answered: when this fails, the desk sees the one before a little longer
            with contextlib.suppress(CarnetError):
                await note_position(actor=session.holder, session=session, position=where, at=clock.now())
