"""An administrator the person designated keeps another professional or organisation out (mes.md P5; R1111-47 CSP).

Whom it is about is typed by number: nobody browses who else comes here. Whose number it is is shown before anything is
done: one mistyped keeps nobody out. Only the person ends a block.
"""

import re
from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from carnet.access.api import block
from carnet.identity.api import CareOrganisation, Professional, organisation, professional
from carnet.infra.db import system_work
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.pro.asking import Asked, OpenFile, banner_of, field, open_file, our_form
from carnet.interfaces.pro.page import done, show
from carnet.interfaces.pro.presenters.blocking import present_blocking
from carnet.interfaces.pro.setting import language_of
from carnet.kernel.errors import Invalid, Problem

_INVALID: Final = 422
_NUMBER: Final = re.compile(r"(?P<rpps>[0-9]{11})|(?P<finess>[0-9A-Z]{9})", re.ASCII)
_NO_NUMBER: Final = Problem(
    "grantee-number",
    "Un numéro RPPS a 11 chiffres, un numéro FINESS 9 caractères.",
    "An RPPS number has 11 digits, a FINESS number 9 characters.",
)


@get("/pro/patient/{handle:str}/bloquer", **open_to(Audience.PROFESSIONAL))
async def ask_whom(request: Asked, handle: FromPath[str]) -> Response[Any]:
    """Show the form to an administrator; anybody else goes on to the documents."""
    opened = await open_file(request, handle)
    return _form(request, opened) if opened.patient.administrator else done(opened.address)


@post("/pro/patient/{handle:str}/bloquer", status_code=200, **open_to(Audience.PROFESSIONAL))
async def block_now(request: Asked, handle: FromPath[str]) -> Response[Any]:
    """Name whom the number is of; once that is confirmed, keep them out from now on."""
    form, opened = await our_form(request), await open_file(request, handle)
    number = "".join(field(form, "numero", most=40).split()).upper()
    found = _NUMBER.fullmatch(number)
    if found is None:
        return _form(request, opened, number=number, problems=(_NO_NUMBER,), status=_INVALID)
    confirmed = field(form, "confirme", most=40) == number
    named = None if confirmed else await _named(opened, **found.groupdict())
    if named is not None:
        return _form(request, opened, number=number, named=named)
    try:
        await block(actor=opened.actor, space=opened.space, **found.groupdict(), at=opened.at)
    except Invalid as invalid:
        return _form(request, opened, number=number, problems=invalid.problems, status=_INVALID)
    return done(opened.address, "blocked")


async def _named(opened: OpenFile, *, rpps: str | None, finess: str | None) -> Professional | CareOrganisation | None:
    """Return whom a number is of; None when there is nothing to confirm, because `block` will say why not."""
    if not opened.patient.administrator or (rpps or finess) in {opened.actor.rpps, opened.actor.organisation}:
        return None
    async with system_work(at=opened.at) as w:
        if rpps is None:
            return await organisation(w, finess or "")
        someone = await professional(w, rpps)
    return someone if someone is not None and someone.status == "active" else None


def _form(
    request: Asked,
    opened: OpenFile,
    *,
    number: str = "",
    named: Professional | CareOrganisation | None = None,
    problems: tuple[Problem, ...] = (),
    status: int = 200,
) -> Response[str]:
    page = present_blocking(
        language=language_of(request),
        banner=banner_of(request, opened),
        number=number,
        named=named,
        problems=problems,
    )
    return show(request, "blocking.html", page, handle=opened.handle, current="documents", status=status)


ROUTES: Final = (ask_whom, block_now)
