"""What a professional was shown, rebuilt from the journal and compared with its receipt."""

from litestar import Response, get
from litestar.params import FromPath

from carnet.design.door import Asked
from carnet.infra import clock
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.portal.page import show
from carnet.interfaces.portal.presenters.shown import SHOWN, present_shown
from carnet.interfaces.portal.setting import language_of
from carnet.interfaces.portal.sources.journal import open_place
from carnet.interfaces.portal.sources.own_space import space_of
from carnet.journeys.api import signed_in
from carnet.kernel.errors import NotFound
from carnet.records.api import shown_that_day


@get(f"{SHOWN}/{{place:str}}", **open_to(Audience.PERSON))
async def shown(request: Asked, place: FromPath[str]) -> Response[str]:
    """Show every list the professional of one line of the journal was shown on the day of that line."""
    by, seq = signed_in(request), open_place(place[:200])
    if seq is None:
        raise NotFound
    lists = await shown_that_day(actor=by.actor, space=space_of(by), seq=seq, at=clock.now())
    page = present_shown(language=language_of(request), lists=lists)
    return await show(request, "shown.html", page, current="activity")
