"""The first page of a signed-in person."""

from litestar import Response, get

from carnet.design.door import Asked
from carnet.infra import clock
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.portal.page import answer
from carnet.interfaces.portal.presenters.home import present_home
from carnet.interfaces.portal.setting import language_of
from carnet.interfaces.portal.sources.home import gather_home
from carnet.interfaces.portal.sources.waiting import Waiting
from carnet.journeys.api import signed_in


@get("/accueil", **open_to(Audience.PERSON, Audience.DELEGATE))
async def home(request: Asked) -> Response[str]:
    """Show what is new, what asks for the person, who came."""
    facts = await gather_home(signed_in=signed_in(request), at=clock.now())
    waiting = Waiting(notifications=facts.waiting, messages=facts.messages, agenda=facts.agenda)
    page = present_home(language=language_of(request), facts=facts)
    return answer(request, "home.html", page, current="home", waiting=waiting)
