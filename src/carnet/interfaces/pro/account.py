"""The professional's own session and the others they left open."""

from typing import Final

from litestar import Response, get, post
from litestar.response import Redirect

from carnet.design.vocabulary import CATEGORIES
from carnet.identity.api import end_other_sessions, list_sessions
from carnet.infra import clock
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.pro.asking import Asked, field, our_form
from carnet.interfaces.pro.page import done, show
from carnet.interfaces.pro.presenters.account import present_account
from carnet.interfaces.pro.setting import language_of, pro_of
from carnet.journeys.api import signed_in
from carnet.records.api import DeskPreferences, arrange_desk, desk_preferences


@get("/pro/compte", **open_to(Audience.PROFESSIONAL))
async def account(request: Asked) -> Response[str]:
    """Show who works here and their open sessions."""
    by = signed_in(request)
    sessions = await list_sessions(session=by.session, limits=pro_of(request).web.limits, at=clock.now())
    desk = await desk_preferences(actor=by.actor)
    page = present_account(language=language_of(request), signed_in=by, sessions=sessions, desk=desk)
    return show(request, "account.html", page, current="settings")


@post("/pro/compte/sessions", status_code=303, **open_to(Audience.PROFESSIONAL))
async def close_others(request: Asked) -> Redirect:
    """End every other session of this account."""
    await our_form(request)
    by = signed_in(request)
    await end_other_sessions(actor=by.actor, session=by.session, at=clock.now())
    return done("/pro/compte", "sessions")


@post("/pro/compte/preferences", status_code=303, **open_to(Audience.PROFESSIONAL))
async def arrange(request: Asked) -> Redirect:
    """Keep what the professional wants first, and whether single keys act."""
    form, by = await our_form(request), signed_in(request)
    first = tuple(code for code in CATEGORIES if field(form, f"premier-{code}") == "oui")
    chosen = DeskPreferences(first_categories=first, shortcuts=field(form, "raccourcis") == "oui")
    await arrange_desk(actor=by.actor, preferences=chosen, at=clock.now())
    return done("/pro/compte", "preferences")


ROUTES: Final = (account, close_others, arrange)
