"""The conditions: read at any time, said yes to once for each text."""

from litestar import Response, get, post
from litestar.response import Redirect

from carnet.access.api import Need
from carnet.design.door import Asked
from carnet.infra import clock
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.portal.forms import posted
from carnet.interfaces.portal.page import done, show
from carnet.interfaces.portal.presenters.terms import ADDRESS, present_terms
from carnet.interfaces.portal.setting import language_of
from carnet.interfaces.portal.sources.own_space import own_space, space_of
from carnet.journeys.api import signed_in
from carnet.kernel.errors import Conflict
from carnet.spaces.api import TERMS, accept_terms, view_in


@get(ADDRESS, **open_to(Audience.PERSON))
async def terms(request: Asked) -> Response[str]:
    """Show the text in force, and since when they have said yes to it; or ask."""
    async with own_space(signed_in(request), need=Need.LIST, at=clock.now()) as w:
        view = await view_in(w)
    page = present_terms(language=language_of(request), terms=TERMS, agreed=view.terms, agreed_at=view.terms_at)
    return await show(request, "terms.html", page, current="settings")


@post(ADDRESS, status_code=303, **open_to(Audience.PERSON))
async def accept(request: Asked) -> Redirect:
    """Keep the yes; of a text that is not in force any more, nothing: the page shows the one that is."""
    who, form = signed_in(request), await posted(request)
    try:
        await accept_terms(actor=who.actor, space=space_of(who), terms=form.get("texte", "")[:20], at=clock.now())
    except Conflict:
        return done(ADDRESS, "terms-changed")
    return done("/accueil", "terms-accepted")
