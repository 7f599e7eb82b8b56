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
from carnet.kernel.decisions import Reason
from carnet.kernel.errors import Problem, Refused

_INVALID: Final = 422
_LONGEST: Final = 120
_ABOUT_THE_CODE: Final = {str(Reason.CODE_NEEDED), str(Reason.CODE_WRONG)}


@post("/pro/patient/{handle:str}/accord", status_code=200, **open_to(Audience.PROFESSIONAL))
async def agree(request: Asked, handle: FromPath[str]) -> Response[Any]:
    """Record the person's agreement, an explicit act of the professional (R1111-46 CSP), then open the file."""
    form = await our_form(request)
    opened = await open_file(request, handle)
    if opened.patient.standing in {"authorised", "heirs"}:
        return done(opened.address)
    agreed, code = field(form, "accord") == "oui", code_of(field(form, "code", most=_LONGEST))
    secret = field(form, "secret") == "oui"
    if not agreed:
        return _ask_again(request, opened, agreed=False, secret=secret)
    try:
        await record_consent(actor=opened.actor, space=opened.space, code=code or None, secret=secret, at=opened.at)
    except Refused as refused:
        if refused.problems[0].code not in _ABOUT_THE_CODE:
            raise
        return _ask_again(request, opened, agreed=True, secret=secret, wrong=refused.problems[0])
    return done(opened.address, "agreed")


def code_of(typed: str) -> str:
    """Return the digits of a one-time code: typed with spaces or not, or what a scanner reads from its QR."""
    return typed.rpartition(":")[2].replace(" ", "").replace("\u00a0", "")


def _ask_again(
    request: Asked, opened: OpenFile, *, agreed: bool, secret: bool, wrong: Problem | None = None
) -> Response[str]:
    page = present_agreement(
        language=language_of(request),
        banner=banner_of(request, opened),
        code_needed=opened.patient.code_needed or wrong is not None,
        minor=opened.minor,
        agreed=agreed,
        secret=secret,
        wrong=wrong,
    )
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
