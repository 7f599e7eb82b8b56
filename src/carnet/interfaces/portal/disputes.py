"""« Je ne connais pas cet accès », and the results that wait to be explained: one tap each."""

from uuid import UUID

from litestar import post
from litestar.params import FromPath
from litestar.response import Redirect

from carnet.access.api import dispute_access
from carnet.design.door import Asked
from carnet.infra import clock
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.portal.forms import posted
from carnet.interfaces.portal.page import done
from carnet.interfaces.portal.sources.own_space import space_of
from carnet.interfaces.portal.sources.standings import read_party
from carnet.journeys.api import signed_in
from carnet.kernel.errors import NotFound
from carnet.records.api import ask_result


@post("/acces/contester", status_code=303, **open_to(Audience.PERSON, Audience.DELEGATE))
async def dispute(request: Asked) -> Redirect:
    """Open a case about a professional's access; it is suspended at once."""
    who, party = signed_in(request), read_party((await posted(request)).get("qui", ""))
    if party.rpps is None:
        raise NotFound
    try:
        await dispute_access(actor=who.actor, space=space_of(who), rpps=party.rpps, at=clock.now())
    except NotFound:
        return done("/acces#contestations", "never-came")
    return done("/acces#contestations", "disputed")


@post("/resultats/{hold:uuid}/demander", status_code=303, **open_to(Audience.PERSON))
async def ask(request: Asked, hold: FromPath[UUID]) -> Redirect:
    """Ask to see a held result now, or wait after all."""
    who, wanted = signed_in(request), (await posted(request)).get("attendre") != "1"
    try:
        await ask_result(actor=who.actor, space=space_of(who), hold=hold, wanted=wanted, at=clock.now())
    except NotFound:
        return done("/accueil", "gone")
    return done("/accueil", "result-asked" if wanted else "result-waits")
