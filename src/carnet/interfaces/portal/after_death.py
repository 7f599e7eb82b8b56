"""What the person wants once they died, and what became of what they asked about somebody who died."""

from typing import Final

from litestar import Response, get, post
from litestar.response import Redirect

from carnet.access.api import Need, own_heirs_requests, refuse_heirs
from carnet.design.door import Asked
from carnet.infra import clock
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.portal.forms import posted
from carnet.interfaces.portal.page import done, show
from carnet.interfaces.portal.presenters.after_death import ADDRESS, SETTING, present_own_requests
from carnet.interfaces.portal.setting import language_of
from carnet.interfaces.portal.sources.own_space import own_space, space_of
from carnet.journeys.api import StepUpNeeded, signed_in
from carnet.kernel.errors import Invalid, Problem
from carnet.spaces.api import delegate_of, view_in

ANSWERS: Final = {"loi": False, "personne": True}
UNCLEAR: Final = Problem(
    "apres-deces", "Choisissez l'une des deux réponses.", "Choose one of the two answers.", "apres_deces"
)


@post(SETTING, status_code=303, **open_to(Audience.PERSON))
async def choose(request: Asked) -> Redirect:
    """Keep what the person wants; they may change it as often as they like."""
    who, form = signed_in(request), await posted(request)
    answer = form.get("apres_deces")
    if answer not in ANSWERS:
        raise Invalid(UNCLEAR)
    refused = ANSWERS[answer]
    await refuse_heirs(actor=who.actor, space=space_of(who), refused=refused, at=clock.now())
    return done("/reglages#apres-deces", "saved")


@get(ADDRESS, **open_to(Audience.PERSON))
async def own_requests(request: Asked) -> Response[str]:
    """Show the answers to what they asked as an heir; only after a fresh proof of who they are."""
    who, at = signed_in(request), clock.now()
    until = who.actor.stepped_up_until
    if until is None or until <= at:
        raise StepUpNeeded(back=ADDRESS)
    async with own_space(who, need=Need.LIST, at=at) as w:
        person = (await view_in(w)).person
    found = await own_heirs_requests(actor=who.actor, me=delegate_of(person.ins, person.traits), at=at)
    page = present_own_requests(language=language_of(request), requests=found, at=at)
    return await show(request, "after_death.html", page, current="settings")
