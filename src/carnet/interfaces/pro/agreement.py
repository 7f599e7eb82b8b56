"""Recording that the person was informed and agrees."""

from typing import Any, Final

from litestar import Response, post
from litestar.params import FromPath

from carnet.access.api import record_consent
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.pro.asking import Asked, OpenFile, banner_of, field, open_file, our_form
from carnet.interfaces.pro.page import done, show
from carnet.interfaces.pro.presenters.agreement import present_agreement
from carnet.interfaces.pro.setting import language_of

_INVALID: Final = 422


@post("/pro/patient/{handle:str}/accord", status_code=200, **open_to(Audience.PROFESSIONAL))
async def agree(request: Asked, handle: FromPath[str]) -> Response[Any]:
    """Record the person's agreement, an explicit act of the professional (R1111-46 CSP), then open the file."""
    form = await our_form(request)
    opened = await open_file(request, handle)
    if opened.patient.standing == "authorised":
        return done(opened.address)
    if field(form, "accord") != "oui":
        return _ask_again(request, opened)
    await record_consent(actor=opened.actor, space=opened.space, at=opened.at)
    return done(opened.address, "agreed")


def _ask_again(request: Asked, opened: OpenFile) -> Response[str]:
    page = present_agreement(language=language_of(request), banner=banner_of(request, opened), missing=True)
    return show(
        request,
        "agreement.html",
        page,
        handle=opened.handle,
        current="documents",
        status=_INVALID,
        path=opened.address,
    )


ROUTES: Final = (agree,)
