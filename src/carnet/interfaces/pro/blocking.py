"""An administrator the person designated keeps another professional or organisation out (mes.md P5; R1111-47 CSP).

Whom it is about is typed by number: nobody browses who else comes here. Only the person ends a block.
"""

from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from carnet.access.api import block
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.pro.asking import Asked, OpenFile, banner_of, field, open_file, our_form
from carnet.interfaces.pro.page import done, show
from carnet.interfaces.pro.presenters.blocking import present_blocking
from carnet.interfaces.pro.setting import language_of
from carnet.kernel.errors import Invalid, Problem

_INVALID: Final = 422
_RPPS_DIGITS: Final = 11


@get("/pro/patient/{handle:str}/bloquer", **open_to(Audience.PROFESSIONAL))
async def ask_whom(request: Asked, handle: FromPath[str]) -> Response[Any]:
    """Show the form to an administrator; anybody else goes on to the documents."""
    opened = await open_file(request, handle)
    return _form(request, opened) if opened.patient.administrator else done(opened.address)


@post("/pro/patient/{handle:str}/bloquer", status_code=200, **open_to(Audience.PROFESSIONAL))
async def block_now(request: Asked, handle: FromPath[str]) -> Response[Any]:
    """Keep them out from now on."""
    form, opened = await our_form(request), await open_file(request, handle)
    number = "".join(field(form, "numero", most=40).split()).upper()
    named = {"rpps" if len(number) == _RPPS_DIGITS else "finess": number}
    try:
        await block(actor=opened.actor, space=opened.space, **named, at=opened.at)
    except Invalid as invalid:
        return _form(request, opened, number=number, problems=invalid.problems, status=_INVALID)
    return done(opened.address, "blocked")


def _form(
    request: Asked, opened: OpenFile, *, number: str = "", problems: tuple[Problem, ...] = (), status: int = 200
) -> Response[str]:
    page = present_blocking(
        language=language_of(request), banner=banner_of(request, opened), number=number, problems=problems
    )
    return show(request, "blocking.html", page, handle=opened.handle, current="documents", status=status)


ROUTES: Final = (ask_whom, block_now)
