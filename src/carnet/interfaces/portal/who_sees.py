"""Who may see what: the law's table, and what one professional would see of this very space."""

from litestar import Response, get
from litestar.params import FromPath

from carnet.access.api import current_matrix
from carnet.design.door import Asked
from carnet.design.language import PARIS
from carnet.design.parts import Form
from carnet.infra import clock
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.portal.page import show
from carnet.interfaces.portal.presenters.access_tabs import MATRIX, SEE_AS
from carnet.interfaces.portal.presenters.matrix import present_matrix
from carnet.interfaces.portal.presenters.see_as import present_choose, present_see_as
from carnet.interfaces.portal.setting import language_of
from carnet.interfaces.portal.sources.matrix import matrix_facts
from carnet.interfaces.portal.sources.see_as import gather_seen_as
from carnet.interfaces.portal.sources.standings import gather_candidates
from carnet.journeys.api import signed_in

BOTH = (Audience.PERSON, Audience.DELEGATE)
"""A representative too, as long as the child keeps nothing from them (`Need.MANAGE_ACCESS`); a carer is refused."""


@get(MATRIX, **open_to(Audience.PERSON))
async def matrix(request: Asked) -> Response[str]:
    """Show the matrix in force, whole or narrowed."""
    language = language_of(request)
    facts = matrix_facts(current_matrix(), language=language.code, day=clock.now().astimezone(PARIS).date())
    asked = request.query_params
    page = present_matrix(
        language=language, facts=facts, group=asked.get("metier", "")[:10], shelf=asked.get("categorie", "")[:20]
    )
    return await show(request, "matrix.html", page, current="access")


@get(SEE_AS, **open_to(*BOTH))
async def choose_eyes(request: Asked) -> Response[str]:
    """Ask whose eyes to look through."""
    text = request.query_params.get("q", "")[:80]
    found, standings = await gather_candidates(
        signed_in=signed_in(request), text=text, language=language_of(request), at=clock.now()
    )
    page = present_choose(
        language=language_of(request),
        form=Form({"q": text}),
        found=None if found is None else tuple(one for one in found if one.kind == "professional"),
        known=tuple(one.party for one in standings if one.party.kind == "professional"),
        mine=signed_in(request).session.acting is None,
    )
    return await show(request, "see_as_choose.html", page, current="access")


@get(f"{SEE_AS}/{{rpps:str}}", **open_to(*BOTH))
async def look_through(request: Asked, rpps: FromPath[str]) -> Response[str]:
    """Show the space as this professional would see it."""
    facts = await gather_seen_as(
        signed_in=signed_in(request), rpps=rpps[:20], place=request.query_params.get("lieu", "")[:20], at=clock.now()
    )
    page = present_see_as(language=language_of(request), facts=facts, mine=signed_in(request).session.acting is None)
    return await show(request, "see_as.html", page, current="access")
