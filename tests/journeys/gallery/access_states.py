"""The pages about who may see what, in every state: name → (template, page, tab). Merged into `states.STATES`."""

from collections.abc import Callable
from typing import Any

from carnet.access.api import current_matrix
from carnet.design.language import Language
from carnet.interfaces.portal.presenters import matrix
from carnet.interfaces.portal.sources.matrix import matrix_facts
from journeys.gallery import people as p


def _matrix(language: Language, **narrowed: str) -> matrix.MatrixPage:
    facts = matrix_facts(current_matrix(), language=language.code, day=p.NOW.date())
    return matrix.present_matrix(language=language, facts=facts, **narrowed)


ACCESS_STATES: dict[str, tuple[str, Callable[[Language], Any], str]] = {
    "matrix": ("matrix.html", _matrix, "access"),
    "matrix-one": ("matrix.html", lambda language: _matrix(language, group="PHA", shelf="CPT_REND"), "access"),
}
