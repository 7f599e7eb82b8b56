"""The professional's own receipts for one file: which lists they were shown, as the journal has them."""

from typing import Any, Final

from litestar import Response, get
from litestar.params import FromPath

from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.pro.asking import Asked, banner_of, deposits_of, open_file
from carnet.interfaces.pro.page import done, show
from carnet.interfaces.pro.presenters.receipts import present_receipts
from carnet.interfaces.pro.setting import language_of
from carnet.records.api import own_receipts


@get("/pro/patient/{handle:str}/recus", **open_to(Audience.PROFESSIONAL))
async def receipts(request: Asked, handle: FromPath[str]) -> Response[Any]:
    """Show the last lists this professional was shown in this file."""
    opened = await open_file(request, handle)
    if opened.patient.standing == "to_ask":
        return done(opened.address)
    found = await own_receipts(actor=opened.actor, space=opened.space, at=opened.at)
    page = present_receipts(language=language_of(request), banner=banner_of(request, opened), receipts=found)
    return show(request, "receipts.html", page, current="documents", handle=handle, deposits=deposits_of(opened))


ROUTES: Final = (receipts,)
