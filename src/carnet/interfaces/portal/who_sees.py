"""Who may see what: the law's table, and what one professional would see of this very space."""

from litestar import Response, get

from carnet.access.api import current_matrix
from carnet.design.language import PARIS
from carnet.infra import clock
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.portal.page import Asked, show
from carnet.interfaces.portal.presenters.access_tabs import MATRIX
from carnet.interfaces.portal.presenters.matrix import present_matrix
from carnet.interfaces.portal.setting import language_of
from carnet.interfaces.portal.sources.matrix import matrix_facts


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
