"""Coming in without an agreement, in an emergency: a reason, a banner throughout, an end; and a colleague's second yes.

What is allowed, for how long, how often, who is told and who reviews is decided by `access`; these pages only ask.
"""

from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from carnet.access.api import Mode, approve_emergency, end_emergency, open_emergency, waiting_emergencies
from carnet.infra import clock
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.pro.asking import Asked, OpenFile, banner_of, field, open_file, our_form
from carnet.interfaces.pro.page import done, show
from carnet.interfaces.pro.presenters.emergency import present_emergency, present_waiting
from carnet.interfaces.pro.setting import language_of
from carnet.journeys.api import signed_in
from carnet.kernel.errors import Invalid, Problem, Refused

_INVALID: Final = 422
_REFUSED: Final = 403
_MODES: Final = {"centre_15": Mode.CENTRE_15}


@get("/pro/patient/{handle:str}/urgence", **open_to(Audience.PROFESSIONAL))
async def ask_why(request: Asked, handle: FromPath[str]) -> Response[Any]:
    """Show the form; whoever may already read goes on to the documents."""
    opened = await open_file(request, handle)
    return _form(request, opened) if opened.patient.standing == "to_ask" else done(opened.address)


@post("/pro/patient/{handle:str}/urgence", status_code=200, **open_to(Audience.PROFESSIONAL))
async def open_now(request: Asked, handle: FromPath[str]) -> Response[Any]:
    """Open the file for this session, or ask for a colleague's agreement when too many were opened."""
    form, opened = await our_form(request), await open_file(request, handle)
    reason, mode = field(form, "raison", most=600), _MODES.get(field(form, "mode"), Mode.BRIS_DE_GLACE)
    try:
        answer = await open_emergency(actor=opened.actor, space=opened.space, mode=mode, reason=reason, at=opened.at)
    except Invalid as invalid:
        return _form(request, opened, reason=reason, problems=invalid.problems, status=_INVALID)
    except Refused as refused:
        return _form(request, opened, reason=reason, problems=refused.problems, status=_REFUSED)
    return done(opened.address, "" if answer.granted else "emergency-asked")


@post("/pro/patient/{handle:str}/urgence/fin", status_code=303, **open_to(Audience.PROFESSIONAL))
async def end_now(request: Asked, handle: FromPath[str]) -> Redirect:
    """End it before its time."""
    await our_form(request)
    opened = await open_file(request, handle)
    await end_emergency(actor=opened.actor, space=opened.space, at=opened.at)
    return done(opened.address, "emergency-ended")


@get("/pro/urgences", **open_to(Audience.PROFESSIONAL))
async def waiting(request: Asked) -> Response[str]:
    """Show which colleagues of the organisation wait for a second professional; nothing of any patient."""
    by, at, language = signed_in(request), clock.now(), language_of(request)
    page = present_waiting(language=language, waiting=await waiting_emergencies(actor=by.actor, at=at))
    return show(request, "emergencies.html", page, current="find")


@post("/pro/urgences/accord", status_code=303, **open_to(Audience.PROFESSIONAL))
async def approve(request: Asked) -> Redirect:
    """Let a colleague's access begin, for their session."""
    form, by = await our_form(request), signed_in(request)
    await approve_emergency(actor=by.actor, handle=field(form, "demande", most=100), at=clock.now())
    return done("/pro/urgences", "emergency-approved")


def _form(
    request: Asked, opened: OpenFile, *, reason: str = "", problems: tuple[Problem, ...] = (), status: int = 200
) -> Response[str]:
    page = present_emergency(
        language=language_of(request),
        banner=banner_of(request, opened),
        regulation=opened.actor.regulation,
        reason=reason,
        problems=problems,
    )
    return show(request, "emergency.html", page, handle=opened.handle, current="documents", status=status)


ROUTES: Final = (ask_why, open_now, end_now, waiting, approve)
